"""Definition 2.1: how an update of the layers before changes a layer's gradient."""

import numpy as np
from numpy.typing import NDArray


def gradient_shift(
    before: NDArray, after: NDArray, difference: NDArray, inner: NDArray, step: NDArray, norm: NDArray
) -> NDArray:
    """Return l2, relative, cosine and per displacement: (...) six times -> (..., 4).

    ``before`` is |G|, ``after`` |G'|, ``difference`` |G' - G| and ``inner`` <G, G'>, G' being the layer's gradient on
    the same batch once the preceding layers have made their update; ``step`` is the length of the update of their
    weights, |dtheta|, ``norm`` that of these weights, |theta| (with gamma and beta among them W -> cW would show).
    ``l2 = |G' - G|`` (Santurkar et al. 2018, Def. 2.1), ``relative = l2 / |G|``, ``cosine = <G, G'> / |G||G'|``,
    ``per displacement = relative / (|dtheta| / |theta|)``. Only l2, in gradient units, changes under W -> cW with
    lr c^2: as 1/c (measurement: 1.2, cautions 3 and 4; addendum, per displacement). NaN where something divided by is
    0: nothing precedes the first layer.
    """
    relative = difference / _divisor(before)
    # Rounded products may leave [-1, 1].
    cosine = np.clip(inner / _divisor(before * after), -1, 1)
    return np.stack([difference, relative, cosine, relative / _divisor(step / _divisor(norm))], axis=-1)


def _divisor(length: NDArray) -> NDArray:
    return np.where(length > 0, length, np.nan)
