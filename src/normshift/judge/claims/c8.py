"""C8: the optimiser and the learning rate decide how much beta and gamma move."""

from normshift.judge.evidence import Evidence
from normshift.judge.frames import Tables
from normshift.judge.slopes import late_slopes
from normshift.params import Rules

OTHERS = ("momentum", "adam")  # beside plain gradient descent


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return the rise of ln mean |step| of beta and gamma per tripling of the learning rate, under each optimiser."""
    parts = late_slopes(tables, "mean_step")
    for name in OTHERS:
        parts += late_slopes(tables, "mean_step", f", {name}", optimizer=name)
    return parts
