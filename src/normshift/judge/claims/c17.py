"""C17: wild fluctuation of beta and gamma means that the learning rate is too high."""

from normshift.judge.evidence import Evidence
from normshift.judge.frames import Tables
from normshift.judge.slopes import late_slopes
from normshift.params import Rules


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return the rise of ln sd of beta and gamma about their trend per tripling of the learning rate, late window."""
    return late_slopes(tables, "fluctuation")
