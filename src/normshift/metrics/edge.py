"""The edge of stability."""

from numpy.typing import ArrayLike, NDArray


def edge(sharpness: NDArray, lr: ArrayLike) -> NDArray:
    """Return ``lambda_max lr / 2``, the largest eigenvalue of the Hessian over ``2 / lr``: (...) -> (...).

    Gradient descent on a quadratic diverges above 1; on networks it climbs to 1 and stays (Cohen et al. 2021).
    """
    return sharpness * lr / 2
