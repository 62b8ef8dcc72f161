"""Boundary null: how often the rule errs where every effect lies exactly at its margin, the hardest case there is.

The real effects are centred by their median and whole seeds are flipped, all claims together, so that scatter and
dependence between claims stay what they are; then plus or minus the margin is added. Every verdict is then false.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from normshift.judge.evidence import Evidence
from normshift.judge.judging import combined
from normshift.judge.rule import UNDECIDED, Verdict, verdicts
from normshift.params import Claim, Claims, Rules
from normshift.seeds import generator

DRAWS = 2_000
CONFIDENCE = 0.95
MOST = 0.05  # share of families with a false verdict that may be allowed for, at that confidence
SIGNS = (-1.0, 1.0)


def control(claims: Claims, items: Mapping[str, Sequence[Evidence]], root: int) -> dict[str, Any]:
    """Return the share of families (all claims in one draw) with a false verdict, its upper bound, counts by claim."""
    items = {name: found for name, found in items.items() if not claims.claims[name].by_definition}
    judged = {name: found for name, found in items.items() if _full(found, claims.rules)}
    if not judged:
        return {"reason": "no claim has the effects of enough seeds"}
    seeds = sorted({int(seed) for found in judged.values() for item in found for seed in item.effects.index})
    signs = generator(root, "boundary null", "seeds").choice(SIGNS, (DRAWS, len(seeds)))
    flips = dict(zip(seeds, signs.T, strict=True))
    wrong = {name: false(name, claims.claims[name], found, flips, claims.rules, root) for name, found in judged.items()}
    families = int(np.any(list(wrong.values()), axis=0).sum())
    upper = clopper_pearson_upper(families, DRAWS)
    counts = {name: int(found.sum()) for name, found in wrong.items()}
    return {
        "draws": DRAWS, "families": families, "share": families / DRAWS, "upper": upper, "most": MOST,
        "holds": upper <= MOST, "claims": counts,
    }  # fmt: skip


def _full(items: Sequence[Evidence], rules: Rules) -> bool:
    return any(len(item.effects) >= rules.seeds and item.effects.notna().all() for item in items)


def false(
    name: str, claim: Claim, items: Sequence[Evidence], flips: Mapping[int, NDArray], rules: Rules, root: int
) -> NDArray[np.bool_]:
    """Return in which draws a claim, at any of its levels, gets a verdict: (draw)."""
    found = np.stack([drawn(name, claim, item, flips, rules, root) for item in items], axis=-1)
    # Judged once for each combination of its parts' verdicts, by the code that judges claims.
    rows, where = np.unique(found, axis=0, return_inverse=True)
    keys = [(item.level, item.part) for item in items]
    memorised = {item.level for item in items if item.memorised}
    judged = (combined(claim, dict(zip(keys, map(_verdict, row), strict=True)), memorised) for row in rows)
    decided = [any(level.verdict.verdict != UNDECIDED for level in one.levels.values()) for one in judged]
    return np.array(decided)[where.reshape(-1)]


def _verdict(name: np.str_) -> Verdict:
    return Verdict(str(name), str(name))


def drawn(
    name: str, claim: Claim, item: Evidence, flips: Mapping[int, NDArray], rules: Rules, root: int
) -> NDArray[np.str_]:
    """Return the verdict of one part in every draw: (draw)."""
    centred = (item.effects - item.effects.median()).to_numpy()
    signs = np.stack([flips[int(seed)] for seed in item.effects.index], axis=-1)
    margin = claim.parts[item.part].margin
    sides = generator(root, "boundary null", name, item.level, item.part).choice(SIGNS, (DRAWS, 1))
    return verdicts(signs * centred + sides * margin, margin, rules)


def clopper_pearson_upper(count: int, draws: int) -> float:
    """Return the exact upper bound of a probability, seen ``count`` times in ``draws`` (Clopper & Pearson 1934)."""
    return 1.0 if count == draws else float(stats.beta.ppf(CONFIDENCE, count + 1, draws - count))
