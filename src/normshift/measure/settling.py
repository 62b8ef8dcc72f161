"""Table settling: how early gamma, beta and the weights make their way."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift import metrics
from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.metrics.sketch import SMALL_GAMMA
from normshift.metrics.units import mean, median
from normshift.params import Rules
from normshift.records import BLOCKS, STRIDE
from normshift.tables import PARAMETERS, SPANS


def settling(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: one row per layer, parameter and span (measurement: addendum, settling)."""
    spans = [{**_vectors(group, share), **_units(group, share, rules)} for share in SPANS.values()]
    return tidy(
        {"cell": group.numbers, "parameter": PARAMETERS, "layer": group.layers, "span": tuple(SPANS)},
        **{name: np.stack([span[name] for span in spans], axis=-1) for name in spans[0]},
    )


def _vectors(group: Group, share: float) -> dict[str, NDArray]:
    """Return what the layer's vector says: (cell, parameter, layer). A block without an update has no increment."""
    gram, blocks = group.array("gram"), np.arange(BLOCKS)
    members = (blocks < round(share * BLOCKS)) & np.isin(blocks, np.arange(group.steps) * BLOCKS // group.steps)
    return {"settling": metrics.settling(gram, members), "null_sd": metrics.settling_null(gram, members)[..., 1]}


def _units(group: Group, share: float, rules: Rules) -> dict[str, NDArray]:
    """Return what the kept units' paths say: (cell, parameter, layer); NaN of weights, whose entries are not kept."""
    nothing = np.full((len(group.numbers), len(group.layers)), np.nan)
    if not group.affine:
        return dict.fromkeys(("band_exit", "t_90", "fast"), np.stack([nothing] * 3, axis=1))
    inside = np.arange(0, group.steps, STRIDE) <= share * group.steps
    gamma, beta = (np.moveaxis(group.trajectory(name)[:, inside], 1, -1) for name in ("gamma", "beta"))
    # At y, sigma is |gamma|.
    band = rules.noise * np.maximum(np.abs(gamma[..., -1]), SMALL_GAMMA)
    each = {"band_exit": [], "t_90": [], "fast": []}
    for path in (gamma, beta):
        exits = metrics.band_exit(path, band)
        each["band_exit"].append(median(exits))
        each["t_90"].append(median(metrics.t_90(path)))
        each["fast"].append(mean(np.where(np.isnan(exits), np.nan, exits <= rules.fast)))
    return {name: np.stack([*both, nothing], axis=1) for name, both in each.items()}
