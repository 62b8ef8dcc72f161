from dataclasses import replace
from pathlib import Path

import pytest

from normshift.configure.resolve import resolved
from normshift.configure.sources import sources
from normshift.configure.thread import thread_faults
from normshift.params import QUESTIONS, Case, Claims, Refused, typed

FOUND = sources(Path(__file__).parents[2])
CLAIMS = typed(Claims, FOUND.claims)


def with_entry(key, **changes):
    return replace(CLAIMS, thread={**CLAIMS.thread, key: replace(CLAIMS.thread[key], **changes)})


def test_the_thread_and_the_claims_as_they_stand_fit():
    assert not list(thread_faults(CLAIMS))
    assert set(CLAIMS.thread) == set(QUESTIONS)


@pytest.mark.parametrize("key", QUESTIONS)
def test_a_question_that_is_missing_is_named(key):
    rest = {name: asked for name, asked in CLAIMS.thread.items() if name != key}
    assert f"claims.thread.{key}: missing" in list(thread_faults(replace(CLAIMS, thread=rest)))


def test_an_unknown_question_is_named():
    more = replace(CLAIMS, thread={**CLAIMS.thread, "weather": CLAIMS.thread["stops"]})
    assert next(thread_faults(more)).startswith("claims.thread.weather: unknown question; allowed: consistent, stops")


def test_an_answer_needs_a_last_case_that_always_holds():
    cases = CLAIMS.thread["consistent"].short
    expected = "claims.thread.consistent.short: the last case must hold whatever the verdicts"
    for short in (cases[:-1], []):
        assert list(thread_faults(with_entry("consistent", short=short))) == [expected]


def test_a_case_may_only_ask_for_the_questions_own_claims():
    cases = [Case("Yes.", {"C8": ["Supported"]}), Case("No.")]
    found = list(thread_faults(with_entry("consistent", short=cases)))
    assert found == ["claims.thread.consistent.short: C8 is not among the question's claims"]


def test_a_claim_in_the_wrong_place_is_named_with_the_right_one():
    misplaced = CLAIMS.thread["consistent"].claims | {"C8": CLAIMS.thread["rate or shuffling"].claims["C8"]}
    found = list(thread_faults(with_entry("consistent", claims=misplaced)))
    assert found == ["claims.thread.consistent.claims.C8: belongs to the question rate or shuffling"]


def test_a_registered_claim_that_no_question_asks_for_is_named():
    rest = {name: sentences for name, sentences in CLAIMS.thread["two regimes"].claims.items() if name != "C27"}
    assert list(thread_faults(with_entry("two regimes", claims=rest))) == [
        "claims.thread.two regimes.claims.C27: missing"
    ]


@pytest.mark.parametrize(("name", "verdict"), [("C3", "By definition"), ("C4a", "Undecided"), ("C5", "Supported")])
def test_a_verdict_without_a_sentence_is_named(name, verdict):
    claims = {key: dict(sentences) for key, sentences in CLAIMS.thread["consistent"].claims.items()}
    del claims[name][verdict]
    found = list(thread_faults(with_entry("consistent", claims=claims)))
    assert found == [f"claims.thread.consistent.claims.{name}.{verdict}: missing"]


def test_a_claim_of_an_unknown_question_and_a_thread_with_gaps_are_refused():
    claims = FOUND.claims["claims"] | {"C3": FOUND.claims["claims"]["C3"] | {"question": "weather"}}
    with pytest.raises(
        Refused, match="claims.claims.C3.question=weather: must be text that is one of consistent, stops"
    ):
        resolved(replace(FOUND, claims=FOUND.claims | {"claims": claims}))
    thread = {key: asked for key, asked in FOUND.claims["thread"].items() if key != "stops"}
    with pytest.raises(Refused, match="claims.thread.stops: missing"):
        resolved(replace(FOUND, claims=FOUND.claims | {"thread": thread}))


def test_the_thread_is_part_of_the_resolved_configuration():
    assert resolved(FOUND).claims.thread == CLAIMS.thread
