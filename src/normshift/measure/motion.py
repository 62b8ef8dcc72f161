"""Table motion: how gamma, beta and the weights moved."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift import metrics
from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.measure.units import median
from normshift.measure.windows import window_mean, windows
from normshift.params import Rules
from normshift.records import BLOCKS, STRIDE
from normshift.tables import PARAMETERS


def motion(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: one row per layer, parameter and window; missing where the arm has no such parameter."""
    updates = np.bincount(np.arange(group.steps) * BLOCKS // group.steps, minlength=BLOCKS)
    inside = windows((np.arange(BLOCKS) + 0.5) * group.steps / BLOCKS, group.steps, rules)
    blocks = {name: np.moveaxis(group.array(name), 1, -1) for name in ("step_abs", "step_norm", "sign_changes")}
    gram = group.array("gram")
    chosen = inside.values()
    # The first update has none before it to differ in sign from.
    compared = updates - (np.arange(BLOCKS) == 0)
    columns = {
        "mean_step": [metrics.block_mean(blocks["step_abs"], updates * window) for window in chosen],
        "path": [metrics.path_length(blocks["step_norm"], window) for window in chosen],
        "net": [metrics.displacement(gram, window) for window in chosen],
        "relative_step": relative_steps(group, rules),
        "sign_changes": [metrics.block_mean(blocks["sign_changes"], compared * window) for window in chosen],
        "fluctuation": fluctuations(group, rules),
    }
    columns["tortuosity"] = [metrics.tortuosity(*each) for each in zip(columns["path"], columns["net"], strict=True)]
    return tidy(
        {"cell": group.numbers, "parameter": PARAMETERS, "layer": group.layers, "window": tuple(inside)},
        **{name: np.stack(each, axis=-1) for name, each in columns.items()},
    )


def relative_steps(group: Group, rules: Rules) -> list[NDArray]:
    """Return for each window the mean norm of a step over the mean norm of the vector: (cell, parameter, layer)."""
    updates = np.bincount(np.arange(group.steps) * BLOCKS // group.steps, minlength=BLOCKS)
    step = np.moveaxis(group.array("step_norm"), 1, -1) / np.where(updates, updates, np.nan)
    inside = windows((np.arange(BLOCKS) + 0.5) * group.steps / BLOCKS, group.steps, rules)
    norms = {"weight": (group.points, group.array("weight_norm"))}
    if group.affine:
        norms["affine"] = np.arange(0, group.steps, STRIDE), group.array("affine_norm")
    found = []
    for name, window in inside.items():
        mean = {key: window_mean(np.moveaxis(norm, 1, -1), windows(times, group.steps, rules)[name])
                for key, (times, norm) in norms.items()}  # fmt: skip
        nothing = np.full_like(mean["weight"], np.nan)
        each = [mean.get("affine", nothing)] * 2 + [mean["weight"]]
        found.append(metrics.relative_step(metrics.block_mean(step, updates * window), np.stack(each, axis=1)))
    return found


def fluctuations(group: Group, rules: Rules) -> list[NDArray]:
    """Return for each window the sd about a line, median over kept units: (cell, parameter, layer); weight: NaN."""
    nothing = np.full((len(group.numbers), len(group.layers)), np.nan)
    if not group.affine:
        return [np.stack([nothing] * 3, axis=1)] * 3
    paths = [np.moveaxis(group.trajectory(name), 1, -1) for name in ("gamma", "beta")]
    chosen = windows(np.arange(paths[0].shape[-1]) * STRIDE, group.steps, rules).values()
    return [
        np.stack([*(median(metrics.fluctuation(path[..., window])) for path in paths), nothing], axis=1)
        for window in chosen
    ]
