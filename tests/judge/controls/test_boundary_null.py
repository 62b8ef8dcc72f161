from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from normshift.judge.controls.boundary_null import DRAWS, MOST, SIGNS, clopper_pearson_upper, control, false
from normshift.judge.evidence import Evidence, evidence
from normshift.judge.judging import judged
from normshift.params import Claim, Claims
from normshift.seeds import generator

from ..made_up import JUDGED, registered

RULES = registered().rules
LEVELS = ("clean", "fresh")
ROOT = 7


def claim(*parts: str) -> Claim:
    """A claim at two levels with parts of margin one."""
    one = next(iter(registered().claims["C8"].parts.values()))
    return replace(registered().claims["C8"], parts={part: replace(one, margin=1.0) for part in parts})


def family(number: int, *parts: str, seeds=JUDGED, rules=RULES) -> tuple[Claims, dict[str, list[Evidence]]]:
    """Claims whose effects scatter about something, every part at every level its own."""
    draw = np.random.default_rng(0)
    claims = {f"C{place}": claim(*parts) for place in range(number)}
    items = {
        name: [
            evidence(seeds, level, part, pd.Series(draw.standard_normal(len(seeds)) + draw.normal(0, 9), index=seeds))
            for level in LEVELS
            for part in parts
        ]
        for name in claims
    }
    return replace(registered(), claims=claims, rules=rules), items


def test_the_rule_errs_as_rarely_as_it_should_over_29_claims_at_two_levels():
    found = control(*family(29, "one"), ROOT)
    nominal = 1 - (1 - 2 * RULES.tail) ** (29 * len(LEVELS))
    low, high = stats.binom.interval(1 - 1e-6, DRAWS, nominal)
    assert low <= found["families"] <= high and found["share"] == found["families"] / DRAWS
    assert found["holds"] and found["upper"] <= MOST
    assert found["families"] <= sum(found["claims"].values()) and set(found["claims"]) == set(family(29, "one")[1])


@pytest.mark.parametrize("least", [10, 11])
def test_a_rule_that_decides_at_10_or_11_of_12_is_caught(least):
    broken = replace(RULES, tail=float(stats.binom.sf(least - 1, len(JUDGED), 0.5)))
    claims, items = family(29, "one", rules=broken)
    found = control(claims, items, ROOT)
    assert found["upper"] > MOST and not found["holds"]


def test_a_claim_that_needs_two_parts_errs_less():
    one, two = (control(*family(29, *parts), ROOT)["families"] for parts in (["one"], ["one", "two"]))
    assert two < one


def test_draws_are_judged_as_claims_are():
    rules = replace(RULES, seeds=6, tail=0.2)  # errs often enough to compare
    seeds = tuple(range(100, 106))
    claims, items = family(1, "one", "two", seeds=seeds, rules=rules)
    ones = {item.level: item for item in items["C0"] if item.part == "one"}
    items["C0"] = [replace(ones[item.level], part=item.part) for item in items["C0"]]
    signs = generator(ROOT, "boundary null", "seeds").choice(SIGNS, (DRAWS, len(seeds)))
    found = false("C0", claims.claims["C0"], items["C0"], dict(zip(seeds, signs.T, strict=True)), rules, ROOT)
    assert 0.05 < found.mean() < 0.95
    sides = {
        (item.level, item.part): generator(ROOT, "boundary null", "C0", item.level, item.part).choice(SIGNS, DRAWS)
        for item in items["C0"]
    }
    for draw in range(100):
        drawn = []
        for item in items["C0"]:
            centred = item.effects - np.median(item.effects)
            drawn.append(replace(item, effects=signs[draw] * centred + sides[item.level, item.part][draw]))
        levels = judged(claims.claims["C0"], drawn, rules).levels
        assert found[draw] == any(level.verdict.verdict != "Undecided" for level in levels.values())


def test_whole_seeds_are_flipped_through_all_claims_together():
    claims, items = family(1, "one")
    twins = {f"C{place}": items["C0"] for place in range(9)}
    same = replace(claims, claims={name: claims.claims["C0"] for name in twins})
    found = control(same, twins, ROOT)
    independent = control(*family(9, "one"), ROOT)
    # Equal effects err in the same draws but for the sign of the margin: their families are fewer than their errors.
    assert found["families"] < 0.75 * sum(found["claims"].values())
    assert independent["families"] > 0.75 * sum(independent["claims"].values())


def test_memorised_levels_identities_and_missing_effects_do_not_err():
    claims, items = family(29, "one")
    memorised = {name: [replace(item, memorised=True) for item in found] for name, found in items.items()}
    assert control(claims, memorised, ROOT)["families"] == 0
    lost = {
        name: [replace(item, effects=item.effects.mask(item.effects.index == 0)) for item in found]
        for name, found in items.items()
    }
    assert "enough seeds" in control(claims, lost, ROOT)["reason"]
    few = {name: [replace(item, effects=item.effects[:5]) for item in found] for name, found in items.items()}
    assert "enough seeds" in control(claims, few, ROOT)["reason"]
    identities = {name: replace(one, by_definition=True) for name, one in claims.claims.items()}
    assert "reason" in control(replace(claims, claims=identities), items, ROOT)


def test_the_same_root_gives_the_same_draws_and_another_others():
    claims, items = family(29, "one")
    assert control(claims, items, ROOT) == control(claims, items, ROOT)
    assert control(claims, items, ROOT)["claims"] != control(claims, items, ROOT + 1)["claims"]


@pytest.mark.parametrize("count", [0, 1, 57, DRAWS - 1, DRAWS])
def test_the_upper_bound_is_clopper_and_pearsons(count):
    exact = stats.binomtest(count, DRAWS, alternative="less").proportion_ci(0.95, method="exact")
    assert clopper_pearson_upper(count, DRAWS) == pytest.approx(exact.high, rel=1e-6)
