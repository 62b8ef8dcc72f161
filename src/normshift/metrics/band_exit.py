"""When a parameter has come to stay."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def band_exit(trajectory: NDArray, band: ArrayLike) -> NDArray:
    """Return from when on a trajectory stays within ``band`` of its end, share of the window: (..., time) -> (...).

    The first time after its last exit, ``|x_t - x_T| > band``; 0 if it is never outside, 1 if it comes in with the last
    step. ``band`` (...) in parameter units (measurement: addendum, settling). The end is one sample: of what fluctuates
    by more than the band the last exit lies near the end, however early it got there. NaN for a single time, and where
    the band or a time is missing.
    """
    last = trajectory.shape[-1] - 1
    outside = np.abs(trajectory - trajectory[..., -1:]) > np.asarray(band)[..., None]
    stays = np.where(outside.any(axis=-1), last + 1 - outside[..., ::-1].argmax(axis=-1), 0)
    missing = np.isnan(trajectory).any(axis=-1) | np.isnan(band)
    return np.where(missing, np.nan, stays / (last or np.nan))
