import itertools
import re
from functools import cache

import numpy as np
import pandas as pd
import pytest

from normshift.judge.evidence import EVERY, evidence
from normshift.judge.judging import judged
from normshift.judge.record import record
from normshift.judge.rule import VERDICTS
from normshift.judge.stage import SCALES, judge
from normshift.judge.thread import short, thread
from normshift.params import QUESTIONS

from .made_up import JUDGED, REFERENCE, registered, study

CLAIMS = registered()
DOSES = {"Supported": 2.0, "Contradicted": -2.0, "No meaningful effect": 0.0, "Undecided": np.nan}
IDENTITY = {"By definition": 0.5, "Contradicted": 2.0, "Undecided": np.nan}


def possible(name):
    claim = CLAIMS.claims[name]
    return [*(IDENTITY if claim.by_definition else DOSES), *(["Depends"] if claim.moderator else [])]


@cache
def recorded(name, verdict):
    """The record of a claim whose effects, at every part and level, deserve a verdict."""
    claim = CLAIMS.claims[name]
    levels, doses = claim.levels or [EVERY], IDENTITY if claim.by_definition else DOSES
    each = ["Supported", "Contradicted"] if verdict == "Depends" else [verdict] * len(levels)
    items = [
        evidence(JUDGED, level, part, pd.Series(doses[own] * claim.parts[part].margin, index=JUDGED), "no cells of it")
        for level, own in zip(levels, each, strict=True)
        for part in claim.parts
    ]
    found = {scale: judged(claim, items, CLAIMS.rules, by) for scale, by in SCALES.items()}
    assert found["margin"].verdict.verdict == verdict
    return record(claim, items, found, CLAIMS.rules)


def entry(key, verdicts):
    """The thread's answer to a question when its claims have these verdicts and all others are undecided."""
    others = {name: "Undecided" for name in CLAIMS.claims} | verdicts
    answered = thread(CLAIMS, {name: recorded(name, verdict) for name, verdict in others.items()})
    return next(one for one in answered if one["key"] == key)


def asked_of(key):
    return [name for name in CLAIMS.thread[key].claims if name in CLAIMS.claims]


def test_the_questions_come_in_the_order_of_the_thread():
    answered = thread(CLAIMS, {name: recorded(name, "Undecided") for name in CLAIMS.claims})
    assert [one["key"] for one in answered] == list(QUESTIONS)
    assert [one["question"] for one in answered] == [CLAIMS.thread[key].question for key in QUESTIONS]
    assert [name for one in answered for name in one["claims"]] != sorted(CLAIMS.claims)  # C15 after C4b
    assert {name for one in answered for name in one["claims"]} == set(CLAIMS.claims)


@pytest.mark.parametrize("name", list(CLAIMS.claims))
def test_flipping_a_verdict_flips_the_sentence(name):
    key = CLAIMS.claims[name].question
    sentences = {verdict: entry(key, {name: verdict})["claims"][name] for verdict in possible(name)}
    assert len(set(sentences.values())) == len(sentences)
    for text in sentences.values():
        assert text.endswith(".") and not re.search(r"[{}]|not measured|nan", text)
    assert "no cells of it" in sentences["Undecided"]


@pytest.mark.parametrize("key", QUESTIONS)
def test_every_combination_of_verdicts_has_an_answer(key):
    asked = CLAIMS.thread[key]
    named = sorted({name for case in asked.short for name in case.when})
    for verdicts in itertools.product(VERDICTS, repeat=len(named)):
        records = {name: {"verdict": verdict} for name, verdict in zip(named, verdicts, strict=True)}
        text = short(asked, records)
        assert text.endswith(".") and not re.search(r"[{}]", text)
    assert short(asked, {}) == short(asked, {name: {"verdict": "Undecided"} for name in named})
    assert all(name in short(asked, {}) for name in named)


@pytest.mark.parametrize("key", QUESTIONS)
def test_a_short_answer_flips_with_each_claim_it_is_chosen_by(key):
    asked = CLAIMS.thread[key]
    named = sorted({name for case in asked.short for name in case.when})
    answers = {}
    for verdicts in itertools.product(DOSES, repeat=len(named)):
        found = dict(zip(named, verdicts, strict=True))
        answers[verdicts] = short(asked, {name: {"verdict": verdict} for name, verdict in found.items()})
    for place in range(len(named)):
        contexts = {verdicts[:place] + verdicts[place + 1 :] for verdicts in answers}
        assert any(
            len({text for verdicts, text in answers.items() if verdicts[:place] + verdicts[place + 1 :] == context}) > 1
            for context in contexts
        )


@pytest.mark.parametrize("key", QUESTIONS)
def test_what_nothing_is_said_about_has_something_undecided(key):
    asked = CLAIMS.thread[key]
    named = sorted({name for case in asked.short for name in case.when if name in CLAIMS.claims})
    decided = [[verdict for verdict in possible(name) if verdict != "Undecided"] for name in named]
    if set(named) < {name for case in asked.short for name in case.when}:
        pytest.skip("some of the question's claims are not registered")
    for verdicts in itertools.product(*decided):
        records = {name: {"verdict": verdict} for name, verdict in zip(named, verdicts, strict=True)}
        assert not short(asked, records).startswith("Open")


def test_cases_name_verdicts_that_there_are():
    for asked in CLAIMS.thread.values():
        assert {verdict for case in asked.short for some in case.when.values() for verdict in some} <= set(VERDICTS)
        assert {verdict for sentences in asked.claims.values() for verdict in sentences} <= set(VERDICTS)


def test_no_number_is_typed_by_hand():
    for asked in CLAIMS.thread.values():
        texts = [case.say for case in asked.short]
        texts += [text for sentences in asked.claims.values() for text in sentences.values()]
        assert not [text for text in texts if re.search(r"\d", re.sub(r"\{[^{}]*\}", "", text))]


def test_sentences_carry_the_effects_numbers():
    def noise(row):
        return 0.1 * (1 + (row["norm"] == "none") * (row["site"] == "a"))

    outcome = judge(registered(), {"core": study({"noise.mean_noise": noise})}, REFERENCE)
    size = np.exp(outcome.summary["claims"]["C4a"]["effect"])
    assert f"varying {size:.3g} times less" in outcome.thread[0]["claims"]["C4a"]


def test_a_claim_that_depends_says_so_for_each_level():
    text = entry("two regimes", {"C22": "Depends"})["claims"]["C22"]
    assert "Clean data: For what it learns a network drifts" in text and "less at the lowest rate that learns" in text
    assert "Fresh noise at every step: For what it learns" in text and "more at the lowest rate that learns" in text


def test_what_is_missing_is_named():
    answered = {one["key"]: one for one in judge(registered(), {"core": study()}, REFERENCE).thread}
    assert "needs study ladder" in answered["two regimes"]["claims"]["C27"]
    assert answered["schedules"]["answer"] == "Open in this run; undecided: C28."


@pytest.mark.parametrize("verdict", ["Supported", "Contradicted"])
def test_how_much_higher_rates_still_learn_is_a_factor_as_in_the_answer(verdict):
    text = entry("why at all", {"C15": verdict})["claims"]["C15"]
    assert re.search(r"learning rates [0-9.]+ times higher still learn", text)
    assert CLAIMS.claims["C15"].parts["tolerance"].unit.startswith("ln ")


@pytest.mark.parametrize("verdict", possible("C5"))
def test_nothing_is_said_of_all_training_from_the_drift_over_an_epoch(verdict):
    found = entry("consistent", {"C4a": "Supported", "C5": verdict})
    assert "over training" not in found["answer"] and "epoch" in found["answer"]
    if verdict in ("Supported", "Contradicted", "No meaningful effect"):
        assert "mini-batch's noise" in found["claims"]["C5"] and "without batch norm" in found["claims"]["C5"]


@pytest.mark.parametrize("verdict", ["Supported", "Contradicted", "No meaningful effect"])
def test_rate_and_order_are_compared_only_where_networks_learn_and_the_answers_say_so(verdict):
    kept = "at which every network learns"
    assert kept in entry("rate or shuffling", {"C18": verdict})["answer"]
    assert kept in CLAIMS.claims["C18"].answers[verdict]
