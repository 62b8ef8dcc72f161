"""C7: nothing stops beta and gamma from changing, so that the distribution goes on drifting just like before."""

from normshift.judge.comparisons import over_the_run, ratio
from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import Tables, mean_log, seeds, windowed
from normshift.judge.rates import matched
from normshift.params import Rules

ARMS = ("batch", "none")


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln of the drift of the mean at y in sigma, batch over none: a late step's, and from start to end."""
    return [item for regime in ("clean", "fresh") for item in _drifts(tables, regime, rules)]


def _drifts(tables: Tables, regime: str, rules: Rules) -> list[Evidence]:
    outcomes = tables.rows("outcomes", regime=regime, norm=list(ARMS))
    where = {"regime": regime, "norm": list(ARMS), "site": "y", "mode": "batch", "probe": "first"}
    late = windowed(tables.rows("shifts", horizon="step", **where), "late", rules)
    cumulative = over_the_run(tables.rows("shifts", horizon="start", **where))
    parts = []
    for part, rows in (("late", late), ("cumulative", cumulative)):
        rates = matched(outcomes, ARMS, late=part == "late", regime=regime)
        effect = ratio(mean_log(rows, "mean_shift"), *ARMS, rates.kept)
        parts.append(evidence(seeds(tables), regime, part, effect, rates.reason, rates.dropped, rates.memorised))
    return parts
