import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from normshift.judge.rule import Verdict as V
from normshift.judge.rule import common, decided, identity, moderated, needed

from .made_up import registered

RULES = registered().rules
EFFECTS = st.lists(st.floats(-3, 3) | st.just(float("nan")), min_size=12, max_size=40)
FLIPPED = {"Supported": "Contradicted", "Contradicted": "Supported"}


@pytest.mark.parametrize("seeds", range(1, 80))
def test_needed_is_the_smallest_k_whose_tail_is_allowed(seeds):
    tails = stats.binom.sf(np.arange(seeds + 2) - 1, seeds, 0.5)  # P(Bin >= k)
    smallest = next(k for k in range(seeds + 2) if tails[k] <= RULES.tail * (1 + 1e-9))
    assert needed(seeds, RULES.tail) == smallest


def test_twelve_seeds_must_agree_and_eleven_cannot_decide():
    assert needed(12, RULES.tail) == 12
    assert needed(11, RULES.tail) == 12
    assert needed(17, RULES.tail) == 16


@pytest.mark.parametrize(
    "effects, verdict",
    [
        ([0.2] * 12, "Supported"),
        ([-0.2] * 12, "Contradicted"),
        ([0.05] * 6 + [-0.05] * 6, "No meaningful effect"),
        ([0.2] * 11 + [0.1], "Undecided"),
        ([0.2] * 11 + [np.nan], "Undecided"),
        ([0.1] * 12, "Undecided"),
        ([0.2] * 16 + [-9.0], "Supported"),
    ],
)
def test_rule_needs_every_seed_beyond_the_margin(effects, verdict):
    assert decided(effects, 0.1, RULES).verdict == verdict


@pytest.mark.parametrize("value", [0.2, -0.2, 0.0])
def test_too_few_seeds_decide_nothing(value):
    found = decided([value] * 11, 0.1, RULES)
    assert found.verdict == "Undecided" and "too few seeds" in found.reason


@given(EFFECTS, st.floats(0.01, 2))
def test_flipping_the_sign_flips_the_verdict(effects, margin):
    one, other = decided(effects, margin, RULES).verdict, decided(np.negative(effects), margin, RULES).verdict
    assert other == FLIPPED.get(one, one)


@given(EFFECTS, st.floats(0.01, 2), st.integers(0, 11))
def test_a_missing_value_never_helps(effects, margin, position):
    before = decided(effects, margin, RULES).verdict
    effects[position] = float("nan")
    assert decided(effects, margin, RULES).verdict in (before, "Undecided")


@given(EFFECTS, st.floats(0.01, 2), st.floats(1, 4))
def test_a_wider_margin_takes_directions_away_and_keeps_nothing(effects, margin, factor):
    narrow, wide = (decided(effects, size, RULES).verdict for size in (margin, margin * factor))
    if wide in FLIPPED:
        assert narrow == wide
    if narrow == "No meaningful effect":
        assert wide == narrow


@given(EFFECTS, st.floats(0.01, 2), st.randoms())
def test_order_of_seeds_does_not_matter(effects, margin, random):
    before = decided(effects, margin, RULES)
    random.shuffle(effects)
    assert decided(effects, margin, RULES) == before


@given(EFFECTS, st.floats(0.01, 2))
def test_every_verdict_says_why(effects, margin):
    assert decided(effects, margin, RULES).reason


def test_false_verdicts_at_the_boundary_are_as_rare_as_the_tail_allows():
    draws = np.random.default_rng(0).standard_normal((20_000, 12)) + 0.5
    wrong = sum(decided(draw, 0.5, RULES).verdict == "Supported" for draw in draws)
    assert wrong <= stats.binom.ppf(1 - 1e-6, len(draws), RULES.tail)


def test_identity_holds_fails_and_is_silent_where_not_measured():
    assert identity([1e-6, 1e-4], 1e-4).verdict == "By definition"
    broken = identity([1e-6, 2e-4], 1e-4)
    assert broken.verdict == "Contradicted" and "the identity fails" in broken.reason
    assert identity([1e-6, np.nan], 1e-4).verdict == "Undecided"
    assert identity([], 1e-4).verdict == "Undecided"


S, C, N, U = (V(name, name) for name in ("Supported", "Contradicted", "No meaningful effect", "Undecided"))


def test_compound_claims_need_every_part():
    assert common({"one": S, "two": S}).verdict == "Supported"
    differing = common({"one": S, "two": C})
    assert differing.verdict == "Undecided" and "one Supported" in differing.reason and "two C" in differing.reason
    assert common({"one": S, "two": U}).verdict == "Undecided"


@pytest.mark.parametrize("one", [S, C, N, U])
@pytest.mark.parametrize("other", [S, C, N, U])
def test_depends_needs_both_levels_decided_and_different(one, other):
    expected = "Undecided" if U in (one, other) else one.verdict if one == other else "Depends"
    assert moderated({"early": one, "late": other}).verdict == expected


def test_a_level_alone_gives_the_verdict_and_none_gives_none():
    assert moderated({"fresh": C}).verdict == "Contradicted"
    assert "memorised" in moderated({}).reason
