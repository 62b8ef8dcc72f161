import dataclasses

import pytest

from normshift.params import Refused, typed
from normshift.results import Line, Result

HELD = {"name": "a", "title": "b", "source": "c", "recipe": "d", "departures": [], "data": "digits", "seeds": 3}
HELD |= {"networks": 6, "seconds": 1.5, "trained": 6, "cores": 2, "processor": "p", "versions": {}, "configuration": ""}


def line(found, low=None, high=None):
    return Line("T1", "what", "as published", found, low, high)


@pytest.mark.parametrize(
    ("found", "low", "high", "passed", "met"),
    [
        ([1.0, 2.0, 9.0], 2.0, 3.0, True, 1),  # the median decides, not the mean nor the majority
        ([1.0, 2.0, 9.0], None, 1.9, False, 1),
        ([1.0, 2.0], 1.5, None, True, 1),
        ([2.0], 2.0, 2.0, True, 1),  # limits belong to what is accepted
        ([1.0, None, 1.0], 0.0, 2.0, False, 2),  # a missing number counts against it
        ([], 0.0, None, False, 0),
    ],
)
def test_a_line_passes_where_the_median_of_all_seeds_lies_within_its_limits(found, low, high, passed, met):
    one = line(found, low, high)
    assert one.passed is passed and one.met == met


def test_a_line_without_limits_is_neither_passed_nor_failed():
    assert line([1.0]).passed is None


def test_a_result_is_read_as_it_was_written_and_refused_otherwise():
    result = Result(**HELD, lines=[line([1.0, None], low=0.5)], tables={"curves": {"step": [0, 1]}})
    assert typed(Result, dataclasses.asdict(result)) == result
    broken = dataclasses.asdict(result) | {"seeds": "three"}
    with pytest.raises(Refused, match="seeds=three: must be a whole number"):
        typed(Result, broken)
