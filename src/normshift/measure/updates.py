"""Table updates: whether gamma and beta take the step that gradient descent prescribes."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.measure.group import Group
from normshift.measure.sites import AFTER, BEFORE
from normshift.measure.tidy import tidy
from normshift.metrics.units import largest
from normshift.params import Rules


def updates(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, at full points; no row where no gamma and beta follow the normaliser."""
    seen = group.only(np.full(len(group.numbers), group.affine))
    axes = {"cell": seen.numbers, "step": seen.points[seen.full], "parameter": ("gamma", "beta"), "layer": seen.layers}
    if not group.affine:
        return tidy(axes, residual=np.empty((0, len(seen.full), 2, len(seen.layers))))
    each = [
        residual(seen.array(name)[:, seen.full], seen.array(f"{name}_gradient")[:, seen.full], seen.rates(name))
        for name in ("gamma", "beta")
    ]
    return tidy(axes, residual=np.stack(each, axis=2))


def residual(values: NDArray, gradient: NDArray, rate: NDArray) -> NDArray:
    """Return |x' - (x - rate g)| over max(1, |x|, |x'|), the largest: (cell, full, state, layer, unit) -> (.., layer).

    ``rate`` (cell, full) is the parameter's own, 0 where the arm does not learn it.
    Single precision rounds a parameter, not its step: hence the unit (measurement: 1.8, identity A).
    """
    before, after = values[:, :, BEFORE], values[:, :, AFTER]
    size = np.maximum(1.0, np.maximum(np.abs(before), np.abs(after)))
    return largest(np.abs(after - before + rate[..., None, None] * gradient) / size)
