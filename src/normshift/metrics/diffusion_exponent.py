"""How the distance from where a parameter was grows with time."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def mean_squared_displacement(trajectory: NDArray, lags: NDArray) -> NDArray:
    """Return the mean of ``(x_{t+k} - x_t)^2``, squared parameter units: (..., unit, time) -> (..., lag).

    Over units and all times t; ``lags`` (lag), k from 1 and below the number of times, in samples.
    """
    apart = [trajectory[..., lag:] - trajectory[..., :-lag] for lag in lags]
    return np.stack([np.square(each).mean(axis=(-2, -1)) for each in apart], axis=-1)


def diffusion_exponent(trajectory: NDArray, lags: ArrayLike) -> NDArray:
    """Return h in ``E |x_{t+k} - x_t - k drift|^2 ~ k^h``: (..., unit, time) -> (...); 1 for a random walk.

    Least squares of the log mean squared displacement, units pooled before the log, on log lag (Metzler & Klafter
    2000); 0 for a stationary process, 2 for a march whose direction lasts longer than the lags but not the window. The
    drift is each unit's mean increment. Subtracting it makes a bridge, whose squared displacement over k of N
    increments is ``1 - k/N`` of the walk's; divided by it, a walk gives 1 at any length, a stationary process a little
    more than 0 (less than .1 for lags up to N/10). Means nothing under reshuffling (measurement: addendum, diffusion
    exponent). NaN below two different lags, for a lag of N or more, and where nothing but the drift moves or a time is
    missing.
    """
    lags = np.asarray(lags)
    count = trajectory.shape[-1] - 1
    if np.unique(lags).size < 2 or lags.max() >= count:
        return np.full(trajectory.shape[:-2], np.nan)
    drift = (trajectory[..., -1:] - trajectory[..., :1]) / count
    squared = mean_squared_displacement(trajectory - drift * np.arange(count + 1), lags) / (1 - lags / count)
    rounding = np.square(8 * np.finfo(float).eps * np.abs(trajectory).max(axis=(-2, -1)))[..., None]
    return _slope(np.log(lags), np.log(np.where(squared > rounding, squared, np.nan)))


def _slope(ordinate: NDArray, value: NDArray) -> NDArray:
    centred = ordinate - ordinate.mean()
    return (centred * value).sum(axis=-1) / np.square(centred).sum()
