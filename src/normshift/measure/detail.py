"""Tables of the cells watched in detail: curvature, and the noise of examples."""

import pandas as pd

from normshift import metrics
from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.params import Rules


def curvature(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, against 2 / lr (Cohen et al. 2021; for the batch's: Andreyev & Beneventano 2024)."""
    seen, largest = group.optional("sharpness", len(group.full))
    _, along = group.optional("batch_sharpness", len(group.full))
    rate = seen.array("rate")
    return tidy(
        {"cell": seen.numbers, "step": seen.points[seen.full]},
        sharpness=largest,
        edge=metrics.edge(largest, rate),
        batch_sharpness=along,
        batch_edge=metrics.edge(along, rate),
    )


def injected(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table of the noise that the batch's other samples inject into an example."""
    seen, noise = group.optional("example_noise", len(group.full), len(group.layers))
    axes = {"cell": seen.numbers, "step": seen.points[seen.full], "layer": seen.layers}
    return tidy(axes, example_noise=noise)
