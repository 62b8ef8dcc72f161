import dataclasses
import json
from pathlib import Path

import pytest

from normshift.report.material import results
from normshift.report.page import files
from normshift.report.reproductions import told
from normshift.results import Line, Result
from tests.figures import made_up
from tests.report import run

LINES = [
    Line("T2", "a <width>", "1.71", [1.0, 2.0, 3.0], low=1.5, high=2.5),
    Line("T2", "an excursion", "6.6", [1.0, None, 9.0], low=5.0),
    Line("T2", "a rate", "", [0.05]),
]
TABLES = {name: {key: list(values) for key, values in table.items()} for name, table in made_up.figure_1().items()}


def result(name="a", lines=LINES, **changes):
    base = Result(
        name=name,
        title=f"Title of {name} & more",
        source="Someone (2015), Figure 1",
        recipe="How it was run.",
        departures=["Another data set."],
        data="mnist",
        seeds=3,
        networks=6,
        seconds=125.0,
        trained=6,
        cores=2,
        processor="a processor",
        versions={},
        configuration="",
        lines=lines,
    )
    return dataclasses.replace(base, **changes)


@pytest.fixture(scope="module")
def rules():
    return run.config().claims.rules


def test_lines_are_told_with_limits_median_range_and_outcome(rules):
    (one,) = told([result()], rules)
    passed, failed = one.judged
    assert (passed.accepted, passed.found, passed.seeds) == ("1.5 to 2.5", "2.00 (1.00 to 3.00)", "1 of 3")
    assert passed.outcome[0] == "Pass" and failed.outcome[0] == "Fail"
    assert failed.found == "not measured (1.00 to 9.00; missing in 1 seed)" and failed.accepted == "at least 5"
    assert [row.found for row in one.reported] == ["0.0500"]
    assert one.tally == "1 of 2 passed"
    assert one.cost == "mnist, 6 networks, 3 seeds, 2.1 min on 2 cores (a processor)"


def test_short_runs_are_told_in_seconds(rules):
    (one,) = told([result(seconds=1.8)], rules)
    assert one.cost.endswith("3 seeds, 1.8 s on 2 cores (a processor)")


def test_a_result_whose_networks_were_there_already_says_so(rules):
    (one,) = told([result(trained=2)], rules)
    assert "(4 of them were there already)" in one.cost


def test_reproductions_stand_in_the_order_of_their_targets(rules):
    ten = result("ten", [Line("T10", "x", "", [1.0])])
    assert [one.result.name for one in told([ten, result("two")], rules)] == ["two", "ten"]


@pytest.mark.slow
def test_the_page_shows_each_result_escaped_and_the_figure_where_there_is_one(rules):
    config = run.config()
    material = run.material(config, seeds=3, rates=(0.03, 0.3, 1.0))
    bare = files(config, material)
    assert 'id="published"' not in bare["index.html"] and 'href="#published"' not in bare["index.html"]
    again = [result("ioffe_figure_1", tables=TABLES), result("other")]
    written = files(config, dataclasses.replace(material, results=again))
    page = written["index.html"]
    assert 'href="#published"' in page and page.count("a &lt;width&gt;") == 2 and "Title of other &amp; more" in page
    assert "python -m normshift.reproductions other" in page
    assert "figures/published.svg" in written and written["tables/published.csv"].startswith("panel,norm,origin,line")


def test_a_broken_result_is_named_with_what_to_do():
    good = json.dumps(dataclasses.asdict(result())).encode()
    assert results({Path("a.json"): good}) == [result()]
    with pytest.raises(ValueError, match=r"a\.json cannot be read .*run `python -m normshift\.reproductions`"):
        results({Path("a.json"): good[:-9]})
    with pytest.raises(ValueError, match=r"a\.json\.seeds=three: must be a whole number: run"):
        results({Path("a.json"): good.replace(b'"seeds": 3', b'"seeds": "three"')})


def test_the_committed_results_can_be_read():
    folder = Path(__file__).parents[2] / "reports" / "reproductions"
    found = results({path: path.read_bytes() for path in folder.glob("*.json")})
    assert {one.name for one in found} == {path.stem for path in folder.glob("*.json")}
