"""C8: the learning rate decides how much beta and gamma move."""

from normshift.judge.evidence import Evidence
from normshift.judge.frames import Tables
from normshift.judge.slopes import late_slopes
from normshift.params import Rules


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return the rise of ln mean |step| of beta and gamma per tripling of the learning rate, late window."""
    return late_slopes(tables, "mean_step")
