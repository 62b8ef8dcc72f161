"""Table identities: how well gamma and beta foretell the moments at y."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.params import Rules

MODES = ("ema", "population")  # of the axis `ema_population` of records


def identities(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: batch mode at every point, the others at full points; no row without batch norm."""
    if "tid" not in group.record:
        return _table(group.only(np.zeros(len(group.numbers), bool)), group.points, MODES, *_nothing(group))
    others = _table(group, group.points[group.full], MODES, group.array("mode_identity"), group.array("tid"))
    if "identity" not in group.record:  # batch mode is disturbed from outside
        return others
    batch = group.array("identity")[:, :, None]
    own = np.where(np.isnan(batch), np.nan, 0.0)  # what normalises the probe are its own statistics
    return pd.concat([_table(group, group.points, ("batch",), batch, own), others], ignore_index=True)


def _nothing(group: Group) -> list[NDArray]:
    return [np.empty((0, len(group.points), len(MODES), len(group.layers), 2))] * 2


def _table(group: Group, steps: NDArray, modes: tuple[str, ...], residual: NDArray, tid: NDArray) -> pd.DataFrame:
    return tidy(
        {"cell": group.numbers, "step": steps, "mode": modes, "layer": group.layers},
        mean_residual=residual[..., 0],
        sd_residual=residual[..., 1],
        tid_mean=tid[..., 0],
        tid_sd=tid[..., 1],
    )
