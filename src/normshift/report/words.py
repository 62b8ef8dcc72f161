"""How verdicts, sites, modes and levels are called and shown: one word, one icon, one colour each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Of the intervals that `judge` describes effects with, and of the effects it calls detectable (a test compares them).
CONFIDENCE = 0.95
POWER = 0.9


@dataclass(frozen=True)
class Look:
    """A verdict's icon, colour (a name of the style map) and meaning."""

    icon: str
    colour: str
    meaning: str


VERDICTS = {
    "Supported": Look("✓", "supported", "the effect lies beyond the margin on the side the claim states"),
    "Contradicted": Look("✗", "contradicted", "the effect lies beyond the margin on the other side"),
    "Depends": Look("±", "depends", "both levels of the claim's one moderator are decided, and differently"),
    "No meaningful effect": Look("≈", "nothing", "the effect lies within the margin"),
    "By definition": Look("≡", "definition", "the claim is an identity, and the run shows it holding"),
    "Undecided": Look("?", "undecided", "none of these, or too little was measured; the reason stands beside it"),
}

SITES = {
    "u": "before the normaliser",
    "x": "normalised, before gamma and beta",
    "y": "after gamma and beta, the input of the nonlinearity",
    "a": "after the nonlinearity, what the next layer receives",
}

MODES = {
    "batch": "normalised by the statistics of the batch itself",
    "ema": "normalised by running averages",
    "population": "normalised by exact statistics of the training set",
}

WORDS = {
    "drift": "change of a statistic through a change of the weights, on the same samples",
    "noise": "change of a batch statistic between mini-batches, at fixed weights",
    "shift": "distance between two distributions of activations",
    "sigma": "the pooled standard deviation of the two snapshots that are compared",
    "margin": "the smallest effect that matters, fixed before the run",
    "clean and fresh": "the data as they are; noise added anew at every step, so that nothing is memorised",
}


def look(verdict: str) -> Look:
    """Return how a verdict is shown."""
    return VERDICTS[verdict]


def meaning(site: str) -> str:
    """Return a site with its meaning, where it is one of the network's."""
    return f"{site}: {SITES[site]}" if site in SITES else site


def robustness(record: Mapping[str, Any]) -> str:
    """Say whether half or twice the margin changes the verdict."""
    changed = {
        words: record[key] for key, words in (("half", "half"), ("twice", "twice")) if record[key] != record["verdict"]
    }
    if not changed:
        return "the same at half and at twice the margin"
    return "; ".join(f"at {words} the margin: {verdict}" for words, verdict in changed.items())


def agreement(record: Mapping[str, Any]) -> str:
    """Return in how many of the repeats that count the verdict is the same: 2 of 3."""
    if record["robust"] is None:
        return "identity"
    agree, of = record["robust"]
    return f"{agree} of {of}" if of else "not repeated"


def repeats(record: Mapping[str, Any]) -> list[str]:
    """Return what each repeat of a verdict came to, one line each."""
    without = "not repeated, as nothing that this claim reads differs, or not all of it is there"
    return [
        f"{name}: {_again(found, record['verdict'])}" if found else f"{name}: {without}"
        for name, found in record["variants"].items()
    ]


def _again(found: Mapping[str, Any], verdict: str) -> str:
    return f"{verdict} too" if found["verdict"] == verdict else f"{found['verdict']}, {found['reason']}"


def power(record: Mapping[str, Any]) -> str:
    """Say whether the run could have found an effect of twice the margin in every part."""
    if record["able"] is None:
        return "an identity has no effect to detect" if record["robust"] is None else "nothing was measured"
    return (
        "an effect of twice the margin would have been found"
        if record["able"]
        else ("an effect of twice the margin might have been missed")
    )
