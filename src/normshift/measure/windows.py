"""Parts of a run: early, late, all."""

import numpy as np
from numpy.typing import NDArray

from normshift.params import Rules


def windows(times: NDArray, steps: int, rules: Rules, share: float = 1.0) -> dict[str, NDArray[np.bool_]]:
    """Return for each window which times (updates made before) lie in it (measurement: addendum, windows).

    Of a run's first ``share`` as if it ended there.
    """
    end = share * steps
    # Rounded, as .55 * 100 lies above 55.
    first, last = round(rules.early * end, 6), round((1 - rules.late) * end, 6)
    inside = times < end
    return {"early": times < first, "late": inside & (times >= last), "all": inside}


def window_mean(values: NDArray, inside: NDArray[np.bool_]) -> NDArray:
    """Return the mean of the entries of a window: (..., time) -> (...); NaN if it is empty."""
    # In rows: a sum's last bits depend on the layout, and an indexed array's on how many cells there are.
    return np.ascontiguousarray(values[..., inside]).sum(axis=-1) / (inside.sum() or np.nan)
