"""Table settling: how early gamma, beta and the weights make their way."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift import metrics
from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.measure.units import mean, median
from normshift.params import Rules
from normshift.records import BLOCKS, STRIDE
from normshift.tables import PARAMETERS, SPANS


def settling(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: over the run and over its first half, one row per layer and parameter."""
    gram = group.array("gram")
    members = [np.arange(BLOCKS) < round(share * BLOCKS) for share in SPANS.values()]
    units = [_units(group, share, rules) for share in SPANS.values()]
    return tidy(
        {"cell": group.numbers, "parameter": PARAMETERS, "layer": group.layers, "span": tuple(SPANS)},
        settling=np.stack([metrics.settling(gram, span) for span in members], axis=-1),
        null_sd=np.stack([metrics.settling_null(gram, span)[..., 1] for span in members], axis=-1),
        **{name: np.stack([span[name] for span in units], axis=-1) for name in ("band_exit", "t_90", "fast")},
    )


def _units(group: Group, share: float, rules: Rules) -> dict[str, NDArray]:
    """Return what the kept units' paths say: (cell, parameter, layer); weights have none."""
    nothing = np.full((len(group.numbers), len(group.layers)), np.nan)
    found: dict[str, list[NDArray]] = {"band_exit": [], "t_90": [], "fast": []}
    for name in ("gamma", "beta"):
        if not group.affine:
            exits = reached = nothing[..., None]
        else:
            path = np.moveaxis(group.trajectory(name), 1, -1)
            path = path[..., : 1 + round(share * (group.steps - 1)) // STRIDE]
            exits, reached = metrics.band_exit(path, np.full(path.shape[:-1], rules.noise)), metrics.t_90(path)
        found["band_exit"].append(median(exits))
        found["t_90"].append(median(reached))
        found["fast"].append(mean(np.where(np.isnan(exits), np.nan, exits <= rules.fast)))
    return {name: np.stack([*each, nothing], axis=1) for name, each in found.items()}
