"""The one rule: paired effects, one per seed, in; a verdict and its reason in words out.

It is the exact sign test of the median effect against a margin fixed beforehand. Values that are missing, and ties
with the margin, count against every verdict.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normshift.params import Rules

SUPPORTED = "Supported"
CONTRADICTED = "Contradicted"
DEPENDS = "Depends"
NOTHING = "No meaningful effect"
BY_DEFINITION = "By definition"
UNDECIDED = "Undecided"
VERDICTS = (SUPPORTED, CONTRADICTED, DEPENDS, NOTHING, BY_DEFINITION, UNDECIDED)
WHERE = {SUPPORTED: "above the margin", CONTRADICTED: "below minus the margin", NOTHING: "within the margin"}


@dataclass(frozen=True)
class Verdict:
    """One of `VERDICTS` and the reason in words; ``why`` effects are missing, where some are."""

    verdict: str
    reason: str
    why: str | None = None


def needed(seeds: int, tail: float) -> int:
    """Return k(n), the smallest k with P(Bin(n, 1/2) >= k) <= tail; n + 1 if no k will do."""
    allowed = tail * 2**seeds
    outcomes = 0
    for k in range(seeds, -1, -1):
        outcomes += math.comb(seeds, k)
        if outcomes > allowed:
            return k + 1
    return 0


def verdicts(effects: ArrayLike, margin: float, rules: Rules) -> NDArray[np.str_]:
    """Return one of `VERDICTS` for each row of effects: (..., seed) -> (...); too few seeds decide nothing."""
    effects = np.asarray(effects, dtype=float)
    seeds = effects.shape[-1]
    if seeds < rules.seeds:
        return np.full(effects.shape[:-1], UNDECIDED)
    counts = _counts(effects, margin)
    return np.select([count >= needed(seeds, rules.tail) for count in counts.values()], list(counts), UNDECIDED)


def _counts(effects: np.ndarray, margin: float) -> dict[str, np.ndarray]:
    """Return how many seeds speak for each verdict: (..., seed) -> (...)."""
    speak = {SUPPORTED: effects > margin, CONTRADICTED: effects < -margin, NOTHING: np.abs(effects) < margin}
    return {verdict: np.sum(seeds, axis=-1) for verdict, seeds in speak.items()}


def decided(effects: ArrayLike, margin: float, rules: Rules) -> Verdict:
    """Judge one part at one level: k(n) of the n seeds above the margin, below minus it, or within it."""
    effects = np.asarray(effects, dtype=float)
    verdict, counts = str(verdicts(effects, margin, rules)), _counts(effects, margin)
    if verdict != UNDECIDED:
        return Verdict(verdict, f"{counts[verdict]} of {len(effects)} seeds {WHERE[verdict]}")
    if len(effects) < rules.seeds:
        return Verdict(UNDECIDED, f"too few seeds: {len(effects)}, the rule needs {rules.seeds}")
    return Verdict(UNDECIDED, _tally(counts, effects, needed(len(effects), rules.tail)))


def _tally(counts: Mapping[str, np.ndarray], effects: np.ndarray, least: int) -> str:
    missing = int(np.sum(np.isnan(effects)))
    if missing == len(effects):
        return "missing in every seed"
    told = [f"{count} {WHERE[verdict]}" for verdict, count in counts.items()] + [f"{missing} missing"] * bool(missing)
    return f"the seeds disagree: {', '.join(told)}, of {len(effects)}; {least} needed"


def identity(residuals: ArrayLike, margin: float) -> Verdict:
    """Judge an identity: it holds if its residual is at most the margin in every seed, and fails if in any above."""
    residuals = np.asarray(residuals, dtype=float)
    if bool(np.any(residuals > margin)):
        return Verdict(
            CONTRADICTED, f"the identity fails in {int(np.sum(residuals > margin))} of {len(residuals)} seeds"
        )
    if not len(residuals) or bool(np.any(np.isnan(residuals))):
        return Verdict(UNDECIDED, f"not measured in {int(np.sum(np.isnan(residuals)))} of {len(residuals)} seeds")
    return Verdict(BY_DEFINITION, f"the identity holds in {len(residuals)} of {len(residuals)} seeds")


def common(parts: Mapping[str, Verdict]) -> Verdict:
    """Judge a level: the verdict all its parts share, else Undecided, naming them."""
    if len({part.verdict for part in parts.values()}) > 1:
        undecided = {name: part for name, part in parts.items() if part.verdict == UNDECIDED}
        if undecided:
            return Verdict(UNDECIDED, _reasons(undecided))
        return Verdict(UNDECIDED, "the parts differ: " + "; ".join(f"{n} {p.verdict}" for n, p in parts.items()))
    return Verdict(next(iter(parts.values())).verdict, _reasons(parts))


def moderated(levels: Mapping[str, Verdict]) -> Verdict:
    """Judge a claim from the levels that count: what they share; Depends if all are decided, and differently."""
    if not levels:
        return Verdict(UNDECIDED, "memorised: no level is left")
    undecided = {name: level for name, level in levels.items() if level.verdict == UNDECIDED}
    if undecided:
        return Verdict(UNDECIDED, _reasons(undecided))
    if len({level.verdict for level in levels.values()}) > 1:
        return Verdict(DEPENDS, "; ".join(f"{name}: {level.verdict}" for name, level in levels.items()))
    return Verdict(next(iter(levels.values())).verdict, _reasons(levels))


def _reasons(verdicts: Mapping[str, Verdict]) -> str:
    reasons = dict.fromkeys(verdict.reason for verdict in verdicts.values())
    if len(reasons) == 1:
        return next(iter(reasons))
    return "; ".join(f"{name}: {verdict.reason}" for name, verdict in verdicts.items())
