import pytest

from normshift.judge.judging import Judged, Level
from normshift.judge.rule import VERDICTS, Verdict
from normshift.judge.standing import SAID, standing

YES, NO, NOTHING, OPEN = "Supported", "Contradicted", "No meaningful effect", "Undecided"


def found(levels, memorised=(), why=None):
    """Return an undecided claim whose parts, by level, have these verdicts."""
    own = {
        name: Level(
            Verdict(OPEN, "its parts differ"),
            name in memorised,
            {part: Verdict(verdict, "as it is", why if verdict == OPEN else None) for part, verdict in parts.items()},
        )
        for name, parts in levels.items()
    }
    return Judged(Verdict(OPEN, "the reason"), own)


def test_parts_are_said_by_level_and_whole_levels_by_name():
    levels = {"early": {"loss": YES, "rate": YES}, "late": {"loss": YES, "rate": OPEN}}
    assert standing(found(levels)) == "as said for early and late (loss); not decided for late (rate)"


def test_a_claim_without_levels_names_its_parts():
    levels = {"all": {"low": YES, "high": NO, "zero": NOTHING, "none": YES}}
    said = "as said for low and none; the reverse for high; no meaningful effect for zero"
    assert standing(found(levels)) == said


def test_why_effects_are_missing_is_said_once():
    levels = {"clean": {"one": YES, "two": OPEN}, "fresh": {"one": OPEN, "two": OPEN}}
    assert standing(found(levels, why="too weak")).endswith("for clean (two) and fresh; too weak")


def test_why_effects_are_missing_names_its_level_where_they_differ():
    levels = {"clean": {"one": YES, "two": YES}, "fresh": {"one": OPEN, "two": OPEN}}
    assert standing(found(levels, why="too weak")).endswith("not decided for fresh; fresh: too weak")


def test_parts_that_stand_alike_at_all_levels_are_said_without_them():
    levels = {name: {"one": NOTHING, "two": OPEN, "three": OPEN} for name in ("clean", "fresh")}
    assert standing(found(levels)) == "no meaningful effect for one; not decided for two and three"
    both = {name: {"one": NOTHING, "two": NOTHING} for name in ("clean", "fresh")}
    assert standing(found(both)) == "no meaningful effect for clean and fresh"


def test_the_thread_is_told_how_the_parts_stand_and_not_why():
    levels = {"clean": {"one": YES, "two": OPEN}, "fresh": {"one": OPEN, "two": OPEN}}
    told = standing(found(levels, why="too weak"), reasons=False)
    assert told == "as said for clean (one); not decided for clean (two) and fresh"
    assert standing(found({"all": {"one": OPEN}}, why="too weak"), reasons=False) == "too weak"


def test_where_nothing_is_decided_the_reason_stands():
    open_ = {"all": {"one": OPEN, "two": OPEN}}
    assert standing(found(open_)) == standing(found({})) == "the reason"
    assert standing(found(open_, why="the control fails")) == "the control fails"


def test_names_with_a_comma_stand_apart_in_a_list():
    levels = {"relu": {"loss": YES, "loss, best rates": YES, "accuracy": YES, "speed": OPEN}}
    assert standing(found(levels)).startswith("as said for loss, \u2018loss, best rates\u2019 and accuracy;")


def test_a_memorised_level_does_not_count():
    levels = {"clean": {"one": YES}, "fresh": {"one": OPEN}}
    assert standing(found(levels, memorised=("clean",))) == "the reason"


@pytest.mark.parametrize("verdict", sorted(set(VERDICTS) & {YES, NO, NOTHING, OPEN}))
def test_every_verdict_that_a_part_may_have_has_words(verdict):
    assert verdict in SAID
