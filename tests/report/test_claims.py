import math

import pytest

from normshift.judge import describe
from normshift.judge.rule import VERDICTS as JUDGED
from normshift.report import headline, words
from normshift.report.claims import dropped, section, unpassed
from normshift.report.comparison import comparison
from normshift.report.evidence import Shown
from normshift.report.settings import FACTORS, apart, otherwise, trained, untrained
from normshift.report.whisker import EDGE, HALF, multiples, whisker

from .test_comparison import claim, summary

NOTHING = Shown("effects", "effects")
RUN = {name: ["some", "other"] for name in FACTORS}
BASIS = {"cells": 2, "factors": {name: ["some"] for name in FACTORS}}


def part(median, low, high, margin=0.2, unit="ln ratio", **more):
    fixed = {
        "verdict": "Supported",
        "reason": "why",
        "seeds": 12,
        "missing": 0,
        "sd": 0.1,
        "p": 0.01,
        "detectable": 0.3,
        "able": True,
    }
    shown = {"median": median, "low": low, "high": high, "margin": margin, "unit": unit, "half": "", "twice": ""}
    return fixed | shown | more


def record(*parts, **more):
    found = {f"part {number}": one for number, one in enumerate(parts)}
    fixed = {
        "verdict": "Supported",
        "reason": "why",
        "answer": "Yes.",
        "effect": parts[0]["median"],
        "unit": "ln ratio",
    }
    fixed |= {"interval": [parts[0]["low"], parts[0]["high"]], "seeds": 12, "p_holm": 0.01, "notes": [], "dropped": []}
    fixed |= {"robust": [1, 1], "variants": {}, "able": True, "unpassed": []}
    fixed |= {"settings": [], "basis": BASIS}
    fixed |= {"half": "Supported", "twice": "Supported", "levels": {"all": {"memorised": False, "parts": found}}}
    return fixed | more


def test_every_verdict_of_the_judge_has_a_look():
    assert set(words.VERDICTS) == set(JUDGED)
    icons = {look.icon for look in words.VERDICTS.values()}
    assert len(icons) == len(words.VERDICTS) == len({look.colour for look in words.VERDICTS.values()})


def test_the_confidence_printed_is_the_judges():
    assert words.CONFIDENCE == describe.CONFIDENCE


@pytest.mark.parametrize(
    ("half", "twice", "text"),
    [
        ("Supported", "Supported", "the same at half and at twice the margin"),
        ("Supported", "Undecided", "at twice the margin: Undecided"),
        ("Depends", "Undecided", "at half the margin: Depends; at twice the margin: Undecided"),
    ],
)
def test_robustness_names_what_another_margin_changes(half, twice, text):
    assert words.robustness({"verdict": "Supported", "half": half, "twice": twice}) == text


def test_dropped_rates_are_listed_once_for_each_level_arm_and_reason():
    items = [
        {"level": "early", "lr": 10.0, "arm": "none", "reason": "did not learn", "seeds": 12},
        {"level": "early", "lr": 30.0, "arm": "none", "reason": "did not learn", "seeds": 11},
        {"level": "all", "lr": 0.3, "arm": "batch", "reason": "memorised", "seeds": 1},
    ]
    assert dropped(items) == [
        "early: learning rates 10 (12 seeds) and 30 (11 seeds): arm none did not learn",
        "learning rate 0.3 (1 seed): arm batch memorised",
    ]
    assert dropped([]) == []


def test_agreement_counts_the_repeats_that_count():
    found = {"robust": [1, 2], "variants": {"second probe": {"verdict": "Supported", "reason": "why"}, "half": None}}
    assert words.agreement(found) == "1 of 2"
    without = "half: not repeated, as nothing that this claim reads differs, or not all of it is there"
    assert words.repeats(found | {"verdict": "Undecided"}) == ["second probe: Supported, why", without]
    assert words.repeats(found | {"verdict": "Supported"}) == ["second probe: Supported too", without]
    assert words.agreement({"robust": [0, 0]}) == "not repeated" and words.agreement({"robust": None}) == "identity"


def test_power_tells_what_could_have_been_found():
    texts = [words.power({"able": able, "robust": [0, 0]}) for able in (True, False, None)]
    texts.append(words.power({"able": None, "robust": None}))
    assert len(set(texts)) == 4 and "missed" in texts[1] and "identity" in texts[3]
    assert words.POWER == describe.POWER


def test_loss_levels_that_were_left_out_are_listed():
    items = [{"level": "early", "losses": [0.2, 0.1]}, {"level": "all", "losses": [1.5]}]
    assert unpassed(items) == [
        "early: matched losses 0.2 and 0.1 nats: not every run passes",
        "matched loss 1.5 nats: not every run passes",
    ]


def test_a_section_shows_agreement_power_and_what_matching_losses_left_out(config):
    found = record(part(0.5, 0.4, 0.6, able=False), robust=[2, 3], able=False)
    found["unpassed"] = [{"level": "all", "losses": [0.1]}]
    shown = section("C4a", config.claims.claims["C4a"], found, NOTHING, 3.0, RUN)
    assert shown.agreement == "2 of 3" and "missed" in shown.power and shown.parts[0].able == "no"
    assert shown.dropped == ["matched loss 0.1 nats: not every run passes"]


def test_a_section_says_which_part_its_effect_is(config):
    claim = config.claims.claims["C4a"]
    one = section("C4a", claim, record(part(0.5, 0.4, 0.6)), NOTHING, 3.0, RUN)
    two = section("C4a", claim, record(part(0.5, 0.4, 0.6), part(None, None, None, missing=12)), NOTHING, 3.0, RUN)
    assert (one.effect, one.interval, one.of) == ("×1.65", "×1.49 to ×1.82", "ratio")
    assert two.of == "ratio; part 0"
    assert [line.effect for line in two.parts] == ["×1.65 (ln 0.500)", "not measured"]
    assert [line.seeds for line in two.parts] == ["12 of 12", "0 of 12"]


def test_the_unit_is_that_of_the_part_whose_effect_is_shown(config):
    claim = config.claims.claims["C26"]
    found = record(part(0.5, 0.4, 0.6, unit="ln ratio of steps"), unit="ln ratio of steps")
    assert section("C26", claim, found, NOTHING, 3.0, RUN).of == "ratio of steps"


def test_a_note_that_the_answer_already_holds_is_not_repeated(config):
    found = record(part(0.5, 0.4, 0.6), answer="Yes. Clean: memorised, left out.")
    found["notes"] = ["clean: memorised, left out", "another"]
    assert section("C4a", config.claims.claims["C4a"], found, NOTHING, 3.0, RUN).notes == ["another"]


def test_a_memorised_level_is_left_out_and_not_undecided(config):
    found = record(part(0.5, 0.4, 0.6, verdict="Undecided"))
    found["levels"]["all"]["memorised"] = True
    line = section("C4a", config.claims.claims["C4a"], found, NOTHING, 3.0, RUN).parts[0]
    assert line.verdict == "Left out" and "memorised" in line.reason


def test_a_whisker_puts_zero_in_the_middle_and_the_ends_at_the_edges():
    limit = multiples([record(part(0.4, 0.2, 2.0)), record(part(-1.0, -2.0, -0.5, margin=1.0))])
    assert limit == pytest.approx(10)
    drawn = whisker(record(part(0.0, -2.0, 2.0)), limit)
    (mark,) = drawn.marks
    assert (mark.low, mark.dot, mark.high) == (EDGE, EDGE + HALF, EDGE + 2 * HALF)
    assert drawn.zero == EDGE + HALF
    assert drawn.margins[0] + drawn.margins[1] == pytest.approx(2 * drawn.zero)


def test_a_whisker_is_monotone_and_the_margin_is_where_the_effect_equals_it():
    places = [whisker(record(part(x, None, None)), 10).marks[0].dot for x in (-1.0, -0.2, 0.0, 0.1, 0.2, 0.5, 1.9)]
    assert places == sorted(places) and len(set(places)) == len(places)
    drawn = whisker(record(part(0.2, None, None)), 10)
    assert drawn.marks[0].dot == drawn.margins[1] and drawn.marks[0].low is None


def test_nothing_measured_draws_nothing():
    assert whisker(record(part(None, None, None)), 3) is None
    assert multiples([record(part(None, None, math.nan))]) == 2


def test_the_answer_is_that_to_the_first_question_with_a_decided_claim():
    thread = [
        {"question": "One?", "answer": "First.", "claims": {"C3": "three", "C4a": "four", "C5": "five"}},
        {"question": "Two?", "answer": "Second.", "claims": {"C8": "eight"}},
    ]
    found = {name: {"verdict": "Supported", "reason": "r"} for name in ("C3", "C4a", "C5", "C8")}
    found["C3"]["verdict"], found["C5"]["verdict"] = "By definition", "Undecided"
    told = headline.answer(thread, found)
    assert (told.question, told.short, told.evidence) == ("One?", "First.", [("C4a", "four")])
    found["C4a"]["verdict"] = "Undecided"
    assert headline.answer(thread, found).short == "Second."
    found["C8"]["verdict"] = "Undecided"
    assert headline.answer(thread, found).short == "This run decides nothing: r."
    assert headline.answer(thread, {}).short == headline.answer([], {}).short == "This run judges no claim."


def setting(name, verdict, kind="learning rate"):
    return {"kind": kind, "name": name, "levels": {"all": {"part 0": {"verdict": verdict, "median": 0.7}}}}


def test_a_setting_that_is_decided_otherwise_is_marked_and_an_undecided_one_is_not():
    names = {"0.1": "Supported", "0.3": "Contradicted", "1": "Undecided"}
    found = record(part(0.5, 0.4, 0.6), settings=[setting(*item) for item in names.items()])
    told = apart(found)
    assert told.parts == ["part 0"] and [row.name for row in told.rows] == [f"learning rate {lr}" for lr in names]
    assert [row.cells[0].otherwise for row in told.rows] == [False, True, False]
    assert told.rows[0].cells[0].effect == "×2.01"
    assert otherwise(found, "learning rate") == {"learning rate 0.3": ["part 0"]} and otherwise(found, "network") == {}
    assert apart(record(part(0.5, 0.4, 0.6))) is None


def test_a_part_that_a_setting_does_not_measure_has_an_empty_place():
    other = setting("10 hidden layers", "Supported", "network")
    other["levels"]["all"] = {"part 1": other["levels"]["all"]["part 0"]}
    told = apart(record(part(0.5, 0.4, 0.6), part(0.5, 0.4, 0.6), settings=[setting("0.1", "Supported"), other]))
    assert [[cell is None for cell in row.cells] for row in told.rows] == [[False, True], [True, False]]


def test_the_headline_says_where_another_network_disagrees():
    same, else_ = (
        record(part(0.5, 0.4, 0.6), settings=[setting("10 hidden layers", verdict, "network")])
        for verdict in ("Supported", "No meaningful effect")
    )
    assert headline.elsewhere({"C1": same}, {}).otherwise == []
    told = headline.elsewhere({"C1": same, "C2": else_, "C3": record(part(0.5, 0.4, 0.6))}, {})
    assert told.otherwise == [("10 hidden layers", "C2", "part 0")]
    assert (told.places, told.claims) == (["10 hidden layers"], 2)


def test_the_headline_says_where_another_run_decides_otherwise():
    verdicts = {"C1": "Supported", "C2": "Undecided", "C3": "Supported"}
    other = summary(**{name: claim(verdict) for name, verdict in verdicts.items()})
    here = summary(C1=claim("Contradicted"), C2=claim("Contradicted"), C3=claim("Supported"), C9=claim())
    told = headline.elsewhere({}, {"mnist": comparison(other, here, {})})
    assert told.otherwise == [("run mnist", "C1", "Supported")]
    assert (told.places, told.claims) == (["run mnist"], 2)


def test_the_headline_does_not_call_agreement_what_only_one_of_two_decides():
    open_, decided = (summary(C1=claim(verdict)) for verdict in ("Undecided", "Supported"))
    told = headline.elsewhere({}, {"full": comparison(decided, open_, {})})
    assert (told.places, told.claims, told.otherwise) == ([], 0, [])
    there = record(part(0.5, 0.4, 0.6), settings=[setting("10 hidden layers", "Undecided", "network")])
    told = headline.elsewhere({"C1": there}, {})
    assert (told.places, told.claims, told.otherwise) == ([], 0, [])


def test_what_was_tested_and_what_not_are_told_factor_by_factor():
    run = {name: ["one"] for name in FACTORS} | {"depth": [1, 3, 10], "lr": [0.1, 0.3], "order": ["iid", "sorted"]}
    own = {name: ["one"] for name in FACTORS} | {"depth": [3], "lr": [0.1], "order": ["iid"]}
    told = {"cells": 1, "factors": own}
    assert trained(told)[:2] == ["1 network", "hidden layers 3"]
    assert untrained(told, run) == ["hidden layers 1 and 10", "order sorted"]
    none = {"cells": 0, "factors": {name: [] for name in FACTORS}}
    assert trained(none) == [] == untrained(none, run)
    many = {"cells": 9, "factors": own | {"lr": [0.01, 0.03, 0.1, 0.3, 1.0, 3.0]}}
    assert "learning rate 0.01 to 3" in trained(many)


def test_the_tally_names_every_claim_once_under_its_verdict():
    found = {"a": {"verdict": "Undecided"}, "b": {"verdict": "Supported"}, "c": {"verdict": "Undecided"}}
    assert headline.tally(found) == [("Supported", ["b"]), ("Undecided", ["a", "c"])]
