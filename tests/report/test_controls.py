import json
import math

import pytest

from normshift.judge import controls as judge
from normshift.judge.summary import text
from normshift.report.controls import controls
from tests.judge.controls import test_boundary_null as null
from tests.judge.controls import test_negative_control as scaled
from tests.judge.controls import test_same_arms as same
from tests.judge.made_up import registered, study, together

NONE = {"reason": "no cells"}


@pytest.fixture(scope="module")
def found():
    return {
        "boundary_null": judge.boundary_null.control(*null.family(3, "one"), 0),
        "aa": same.found(),
        "negative_control": scaled.control(scaled.scaled(scaled.CARRIED)),
    }


def test_every_control_is_shown_with_its_figures_and_whether_it_holds(found):
    shown = controls(found)
    assert [one.name for one in shown] == ["Boundary null", "A/A", "Negative control"]
    assert [one.holds for one in shown] == [True, True, True]
    first, second, third = (one.found for one in shown)
    assert f"{found['boundary_null']['families']} of 2,000 families" in first and "upper bound" in first
    assert second == f"0 of {found['aa']['judged']} comparisons in 12 pairs got a direction"
    assert "1.39" in third and "scale-free numbers 0 " in third
    json.loads(text(found))
    assert not any("nan" in words or "not measured" in words for words in (first, second, third))


def test_a_control_that_fails_says_where(found):
    broken = found | {"aa": found["aa"] | {"directional": 1, "names": ["C4a, all, noise"], "holds": False}}
    shown = controls(broken)[1]
    assert shown.holds is False and "C4a, all, noise" in shown.found


def test_a_control_that_could_not_be_run_says_why():
    shown = controls(dict.fromkeys(("boundary_null", "aa", "negative_control"), NONE))
    assert {one.holds for one in shown} == {None}
    assert {one.found for one in shown} == {"not run: no cells"}


def test_the_summary_has_a_figure_for_each_control_and_none_where_it_could_not_be_run(found):
    assert judge.figures(found) == {
        "boundary_null_upper": found["boundary_null"]["upper"],
        "aa_directional": 0,
        "negative_control": 0.0,
        "negative_control_raw": pytest.approx(math.log(4)),
    }
    run = judge.controls(registered(), {}, together({"core": study()}), 0)
    assert set(judge.figures(run).values()) == {None} and all("reason" in one for one in run.values())
