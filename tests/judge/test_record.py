import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normshift.judge.describe import POWER
from normshift.judge.evidence import evidence
from normshift.judge.judging import judged
from normshift.judge.record import ABLE, record
from normshift.judge.rule import decided
from normshift.judge.stage import SCALES, judge

from .made_up import JUDGED, REFERENCE, margin, registered, study
from .studies import run

RULES = registered().rules
CLAIM = registered().claims["C8"]
LIMIT = 0.42  # margins: twice the margin is found with power .9 if the seeds' sd is at most this (12 seeds)


def entry(spread, name="C8", missing=0, **spreads):
    """The record of a claim whose effects have the given sd, in margins, about nought."""
    claim = registered().claims[name]
    normal = np.random.default_rng(0).standard_normal(len(JUDGED))
    unit = (normal - normal.mean()) / normal.std(ddof=1)
    unit[:missing] = np.nan
    items = [
        evidence(JUDGED, level, part, pd.Series(unit * spreads.get(part, spread) * entry.margin, index=JUDGED))
        for level in claim.levels or ["all"]
        for part, entry in claim.parts.items()
    ]
    return record(claim, items, {scale: judged(claim, items, RULES, by) for scale, by in SCALES.items()}, RULES)


@pytest.mark.parametrize(("spread", "able"), [(LIMIT, True), (LIMIT + 0.01, False), (0.0, True), (5.0, False)])
def test_twice_the_margin_can_be_found_if_the_seeds_scatter_by_at_most_42_hundredths_of_it(spread, able):
    assert entry(spread)["able"] is able


def test_a_claim_is_as_able_as_its_least_able_part():
    found = entry(0.1, gamma=3.0)
    parts = found["levels"]["clean"]["parts"]
    assert (parts["beta"]["able"], parts["gamma"]["able"], found["able"]) == (True, False, False)
    assert found["detectable"] == parts["beta"]["detectable"] and found["sd"] == parts["beta"]["sd"]


def test_missing_effects_leave_nothing_to_detect_where_every_seed_must_agree():
    found = entry(0.1, missing=1)
    assert math.isnan(found["detectable"]) and found["able"] is False


def test_an_identity_has_no_power():
    found = entry(0.1, name="C3")
    assert found["able"] is None and math.isnan(found["detectable"])


@given(st.floats(0.01, 3))
def test_the_detectable_effect_is_found_as_often_as_said(spread):
    size = entry(spread)["detectable"]
    draws = np.random.default_rng(1).standard_normal((400, len(JUDGED))) * spread * margin("C8") + size
    share = np.mean([decided(draw, margin("C8"), RULES).verdict == "Supported" for draw in draws])
    assert abs(share - POWER) < 5 * math.sqrt(POWER * (1 - POWER) / len(draws))


def test_undecided_and_no_meaningful_effect_differ_in_what_could_have_been_found():
    wide = {"motion.mean_step": lambda row: 1e-3 * row["lr"] ** np.where(row["seed"] % 2, 0.5, -0.5)}
    claims = [judge(registered(), run("C8", changes), REFERENCE).summary["claims"] for changes in ({}, wide)]
    flat, undecided = (found["C8"] for found in claims)
    assert (flat["verdict"], flat["able"]) == ("No meaningful effect", True)
    assert (undecided["verdict"], undecided["able"]) == ("Undecided", False)
    assert flat["detectable"] < ABLE * margin("C8") < undecided["detectable"]


def test_loss_levels_that_not_every_run_passes_are_listed_once_for_each_level():
    def losses(row):
        return np.maximum(2.3 * np.exp(-row["step"] / 150), 0.3 * (row["regime"] == "fresh"))

    found = judge(registered(), {"core": study({"losses.loss": losses})}, REFERENCE).verdicts["claims"]["C22"]
    assert found["unpassed"] == [{"level": "fresh", "losses": [0.2, 0.1]}]
    whole = judge(registered(), {"core": study()}, REFERENCE).verdicts["claims"]["C22"]
    assert whole["unpassed"] == []
