"""Table motion: how gamma, beta and the weights moved."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift import metrics
from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.measure.windows import window_mean, windows
from normshift.metrics.units import median
from normshift.params import Rules
from normshift.records import BLOCKS, STRIDE
from normshift.tables import PARAMETERS, SPANS


def motion(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: one row per layer, parameter, span and window; missing where the arm has no such parameter."""
    return pd.concat([_of(group, rules, span) for span in SPANS], ignore_index=True)


def _of(group: Group, rules: Rules, span: str) -> pd.DataFrame:
    share = SPANS[span]
    updates = np.bincount(np.arange(group.steps) * BLOCKS // group.steps, minlength=BLOCKS)
    inside = windows((np.arange(BLOCKS) + 0.5) * group.steps / BLOCKS, group.steps, rules, share)
    blocks = {name: np.moveaxis(group.array(name), 1, -1) for name in ("step_abs", "step_norm", "sign_changes")}
    gram = group.array("gram")
    chosen = inside.values()
    # The first update has none before it to differ in sign from.
    compared = updates - (np.arange(BLOCKS) == 0)
    each_step = blocks["step_norm"] / np.where(updates, updates, np.nan)
    columns = {
        "mean_step": [metrics.block_mean(blocks["step_abs"], updates * window) for window in chosen],
        "path": [metrics.path_length(blocks["step_norm"], window) for window in chosen],
        "net": [metrics.displacement(gram, window) for window in chosen],
        "walk": [metrics.random_walk(blocks["step_norm"], updates * window) for window in chosen],
        "sign_changes": [metrics.block_mean(blocks["sign_changes"], compared * window) for window in chosen],
        "fluctuation": fluctuations(group, rules, share),
    }
    columns["tortuosity"] = [metrics.tortuosity(*each) for each in zip(columns["path"], columns["net"], strict=True)]
    steps = [metrics.block_mean(each_step, updates * window) for window in chosen]
    lengths = norms(group, rules, share)
    columns["relative_step"] = [metrics.relative_step(*each) for each in zip(steps, lengths, strict=True)]
    return tidy(
        {"cell": group.numbers, "parameter": PARAMETERS, "layer": group.layers, "window": tuple(inside)},
        span=span,
        **{name: np.stack(each, axis=-1) for name, each in columns.items()},
    )


def norms(group: Group, rules: Rules, share: float) -> list[NDArray]:
    """Return for each window the mean norm of the layer's vector, of gamma and beta one: (cell, parameter, layer)."""
    weight = _mean_norms(group, rules, share, "weight_norm", group.points)
    if not group.affine:
        return [np.stack([np.full_like(own, np.nan)] * 2 + [own], axis=1) for own in weight]
    affine = _mean_norms(group, rules, share, "affine_norm", np.arange(0, group.steps, STRIDE))
    return [np.stack([both, both, own], axis=1) for both, own in zip(affine, weight, strict=True)]


def _mean_norms(group: Group, rules: Rules, share: float, name: str, times: NDArray) -> list[NDArray]:
    norm = np.moveaxis(group.array(name), 1, -1)
    return [window_mean(norm, window) for window in windows(times, group.steps, rules, share).values()]


def fluctuations(group: Group, rules: Rules, share: float) -> list[NDArray]:
    """Return for each window the sd about a line, median over kept units: (cell, parameter, layer); weight: NaN."""
    nothing = np.full((len(group.numbers), len(group.layers)), np.nan)
    if not group.affine:
        return [np.stack([nothing] * 3, axis=1)] * 3
    paths = [np.moveaxis(group.trajectory(name), 1, -1) for name in ("gamma", "beta")]
    chosen = windows(np.arange(paths[0].shape[-1]) * STRIDE, group.steps, rules, share).values()
    return [
        np.stack([*(median(metrics.fluctuation(path[..., window])) for path in paths), nothing], axis=1)
        for window in chosen
    ]
