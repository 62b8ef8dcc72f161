"""C6: a mean fixed at 0 and a variance fixed at 1 reduce what the network can express."""

import pandas as pd

from normshift.judge.activations import ACTIVATIONS
from normshift.judge.comparisons import ratio, ratio_at
from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import Tables, mean, mean_log, seeds
from normshift.judge.rates import chosen, matched
from normshift.params import Rules

ARMS = ("frozen", "batch")


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln(final training loss of frozen / of batch), and the points of test accuracy that frozen lacks."""
    return [item for activation in ACTIVATIONS for item in _restricted(tables, activation, rules)]


def _restricted(tables: Tables, activation: str, rules: Rules) -> list[Evidence]:
    where = ACTIVATIONS[activation]
    outcomes, tuning = (tables.rows("outcomes", role=role, **where) for role in ("judged", "tuning"))
    rates, best = matched(outcomes, ARMS), chosen(outcomes, tuning, ARMS)
    parts = []
    for part, values in _fits(outcomes, rules).items():
        alike = (ratio(values, *ARMS, rates.kept), rates.reason, rates.dropped)
        own = (ratio_at(values, *ARMS, best.rates), best.reason, best.dropped)
        parts.append(evidence(seeds(tables), activation, part, *alike))
        parts.append(evidence(seeds(tables), activation, f"{part}, best rates", *own))
    return parts


def _fits(outcomes: pd.DataFrame, rules: Rules) -> dict[str, pd.DataFrame]:
    # What is memorised is expressed: how far below the line the loss lies is a matter of time.
    fitted = outcomes.assign(final_loss=outcomes["final_loss"].clip(lower=rules.memorised))
    return {"loss": mean_log(fitted, "final_loss"), "accuracy": -100 * mean(outcomes, outcomes["test_accuracy_batch"])}
