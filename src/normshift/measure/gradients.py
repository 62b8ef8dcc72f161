"""Tables of gradients at full points: Def. 2.1, the landscape along the gradient, effective rates, their noise."""

import numpy as np
import pandas as pd

from normshift import metrics
from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.params import Rules
from normshift.records import LENGTHS
from normshift.tables import PARAMETERS, READINGS

PAPER = np.array(LENGTHS) >= 0.5  # the lengths of Santurkar et al. 2018


def gradients(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table of Def. 2.1, layers from the second on."""
    layers = group.layers[1:]
    sizes = group.array("gradient_shift")[:, :, :, 1:]
    found = metrics.gradient_shift(*np.moveaxis(sizes, -1, 0))
    return tidy(
        {"cell": group.numbers, "step": group.points[group.full], "reading": READINGS, "layer": layers},
        **{name: found[..., place] for place, name in enumerate(("l2", "relative", "cosine", "per_displacement"))},
    )


def landscape(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: loss and change of the gradient by length."""
    seen = group.array("landscape")
    return tidy(
        {"cell": group.numbers, "step": group.points[group.full], "length": np.array(LENGTHS)},
        loss=seen[..., 0],
        gradient_change=seen[..., 1],
        smoothness=smoothness(group),
    )


def variation(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: the paper's three numbers, each over its range of lengths."""
    seen, rate = group.array("landscape"), group.array("rate")
    return tidy(
        {"cell": group.numbers, "step": group.points[group.full]},
        loss_variation=metrics.loss_variation(seen[..., 0], PAPER),
        predictiveness=metrics.predictiveness(seen[..., 1], PAPER),
        smoothness=smoothness(group)[..., PAPER].max(axis=-1),
        shortest=1 / (np.where(rate > 0, rate, np.nan) * min(np.array(LENGTHS)[PAPER])),
    )


def smoothness(group: Group) -> np.ndarray:
    """Return |change of the gradient| per length of the step: (cell, full, length)."""
    steps = group.array("rate")[..., None] * np.array(LENGTHS)
    return metrics.smoothness(group.array("landscape")[..., 1], group.array("gradient_norm"), steps)


def effective_rates(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table; a rate only where the loss is blind to the norm of the weight."""
    norm = group.array("weight_norm")[:, group.full]
    blind = group.affine and "identity" in group.record
    rate = metrics.effective_rate(group.array("rate")[..., None], norm)
    return tidy(
        {"cell": group.numbers, "step": group.points[group.full], "layer": group.layers},
        weight_norm=norm,
        effective_rate=rate if blind else np.nan,
        gradient_norm=group.array("gradient_norm")[..., None],
    )


def gradient_noise(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, of cells watched in detail."""
    shape = (len(group.full), len(PARAMETERS), len(group.layers), 2)
    seen, squares = group.detailed("gradient_noise", *shape)
    return tidy(
        {"cell": seen.numbers, "step": seen.points[seen.full], "parameter": PARAMETERS, "layer": seen.layers},
        signal=np.sqrt(squares[..., 0]),
        noise=np.sqrt(squares[..., 1]),
    )
