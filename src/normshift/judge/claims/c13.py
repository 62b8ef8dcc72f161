"""C13: where beta and gamma start very far from what is ideal, learning takes very long."""

from normshift.judge.activations import SIGMOID
from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import Tables, seeds
from normshift.judge.targets import slowdown
from normshift.params import Rules

FAR = {
    "gamma": {"low": "gamma0_01", "high": "gamma0_3"},
    "beta": {"low": "beta0_minus_3", "high": "beta0_3"},
}


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln of the steps to the target from a far start over those from gamma 1 and beta 0, with sigmoids."""
    parts = []
    for parameter, arms in FAR.items():
        for part, arm in arms.items():
            effect, reason = slowdown(tables, arm, "batch", **SIGMOID)
            parts.append(evidence(seeds(tables), parameter, part, effect, reason))
    return parts
