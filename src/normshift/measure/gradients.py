"""Tables of gradients at full points: Def. 2.1, the landscape along the gradient, effective rates, their noise."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift import metrics
from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.params import Rules
from normshift.records import LENGTHS
from normshift.tables import PARAMETERS, READINGS

ALONG = np.array(LENGTHS)
PAPER = ALONG >= 0.5  # the lengths of Santurkar et al. 2018


def gradients(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, layers from the second on: no layer precedes the first (Santurkar et al. 2018, Def. 2.1)."""
    sizes = group.array("gradient_shift")[:, :, :, 1:]
    found = metrics.gradient_shift(*np.moveaxis(sizes, -1, 0))
    return tidy(
        {**_at_full(group), "reading": READINGS, "layer": group.layers[1:]},
        **{name: found[..., place] for place, name in enumerate(("l2", "relative", "cosine", "per_displacement"))},
    )


def landscape(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, one row per length (Santurkar et al. 2018, section 3.1)."""
    loss, change = np.moveaxis(group.array("landscape"), -1, 0)
    return tidy({**_at_full(group), "length": ALONG}, loss=loss, gradient_change=change, smoothness=_smoothness(group))


def variation(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: what the paper plots, each over its range of lengths (Santurkar et al. 2018, Fig. 4)."""
    loss, change = np.moveaxis(group.array("landscape"), -1, 0)
    return tidy(
        _at_full(group),
        gradient_norm=group.array("gradient_norm"),
        loss_variation=metrics.loss_variation(loss, PAPER),
        predictiveness=metrics.predictiveness(change, PAPER),
        smoothness=_smoothness(group)[..., PAPER].max(axis=-1),
        shortest=1 / _steps(group)[..., PAPER].min(axis=-1),
    )


def effective_rates(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table; a rate only with batch norm, where the loss is blind to the norm (van Laarhoven 2017)."""
    norm = group.array("weight_norm")[:, group.full]
    rate = metrics.effective_rate(group.rates("weight")[..., None], norm)
    return tidy(
        {**_at_full(group), "layer": group.layers},
        weight_norm=norm,
        effective_rate=rate if group.batch_norm else np.nan,
    )


def gradient_noise(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, of cells watched in detail."""
    sizes = len(group.full), len(PARAMETERS), len(group.layers), 2
    seen, squares = group.optional("gradient_noise", *sizes)
    signal, noise = np.moveaxis(np.sqrt(squares), -1, 0)
    return tidy({**_at_full(seen), "parameter": PARAMETERS, "layer": seen.layers}, signal=signal, noise=noise)


def _at_full(group: Group) -> dict[str, NDArray]:
    return {"cell": group.numbers, "step": group.points[group.full]}


def _steps(group: Group) -> NDArray:
    """Return how far the steps along the gradient go, in learning rates of weights: (cell, full, length); NaN at 0."""
    rate = group.array("rate")
    return np.where(rate > 0, rate, np.nan)[..., None] * ALONG


def _smoothness(group: Group) -> NDArray:
    """Return |change of the gradient| per length of the step: (cell, full, length)."""
    return metrics.smoothness(group.array("landscape")[..., 1], group.array("gradient_norm"), _steps(group))
