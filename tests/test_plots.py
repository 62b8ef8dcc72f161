"""What DVC shows of a run: its plots, drawn without a network, and its metrics before and after an override."""

import json
import re
import shutil
import sys

import pytest
import yaml

from normshift.figures import style
from tests.project import ROOT, Project

FOLDER = ROOT / ".dvc" / "plots"
PLOTS = {
    name: plot
    for entry in yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["plots"]
    for name, plot in entry.items()
}
VEGA = ROOT / "build" / "vega"


def template(name: str) -> dict:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def dvc(project: Project, *command: str) -> dict:
    """Return what a command of DVC says in JSON; warnings stand above it."""
    text = project.call(sys.executable, "-m", "dvc", *command, "--json")
    return json.loads(text[re.search(r"^\{", text, re.MULTILINE).start() :])


def points(content: dict) -> list[dict]:
    return content["data"]["values"]


def test_every_plot_has_a_template_axes_and_words():
    for plot in PLOTS.values():
        assert (FOLDER / f"{plot['template']}.json").exists()
        assert plot["title"] and plot["x_label"] and plot["y_label"] and len(plot["y"]) == 1
    assert {plot["template"] for plot in PLOTS.values()} == {path.stem for path in FOLDER.glob("*.json")}


def test_templates_differ_in_their_colours_alone_and_these_are_the_reports():
    arms, parameters = template("arms"), template("parameters")
    found = [each["spec"]["encoding"].pop("color") for each in (arms, parameters)]
    assert arms.pop("description") and parameters.pop("description") and arms == parameters
    assert found[0]["sort"] == [arm.label for arm in style.ARMS.values()]
    assert found[0]["scale"]["range"] == [style.COLOURS[arm.colour][0] for arm in style.ARMS.values()]
    names, colours = found[1]["scale"]["domain"], found[1]["scale"]["range"]
    assert colours == [style.COLOURS[name][0] for name in names] and set(names) == {"gamma", "beta"}


def test_the_page_asks_for_what_make_plots_fetches_and_for_nothing_else():
    pinned = re.findall(r"  ([\w-]+)-([\d.]+)\.tgz", (FOLDER / "vega.sha256").read_text(encoding="utf-8"))
    page = (FOLDER / "page.html").read_text(encoding="utf-8")
    assert re.findall(r'src="([^"]+)"', page) == [f"../build/vega/{name}.min.js" for name, _ in pinned]
    assert "http" not in page


@pytest.mark.slow
def test_dvc_finds_the_data_of_every_plot(reproduced):
    shown = dvc(reproduced, "plots", "show")
    assert "errors" not in shown and set(shown["data"]) == set(PLOTS)
    for name, plot in PLOTS.items():
        (path, y), (drawn,) = next(iter(plot["y"].items())), shown["data"][name]
        rows = points(drawn["content"])
        assert rows and {plot["x"], y, "panel", "curve", "lowest", "highest"} <= set(rows[0]), path
        assert all(float(row["lowest"]) <= float(row[y]) <= float(row["highest"]) for row in rows)
        assert not re.search("<DVC_METRIC", json.dumps(drawn["content"]))


@pytest.mark.slow
def test_after_an_override_metrics_and_plots_show_both_runs(project):
    project.call(sys.executable, "-m", "normshift.cli", "steps=60")
    changed = dvc(project, "metrics", "diff")["reports/metrics.json"]
    assert changed["C4a_effect"]["old"] != changed["C4a_effect"]["new"]
    assert changed["C4a_effect"]["diff"] == pytest.approx(
        changed["C4a_effect"]["new"] - changed["C4a_effect"]["old"], abs=1e-5
    )
    shown = dvc(project, "plots", "diff")["data"]["loss"][0]
    last = {row["rev"]: int(row["update"]) for row in points(shown["content"])}
    assert last["HEAD"] == 100 and last["workspace"] == 60


@pytest.mark.slow
def test_metrics_diff_shows_a_verdict_that_changed(project):
    project.edit(
        "conf/claims.yaml",
        "residual: {unit: ln ratio, margin: 0.22314355131420976}",
        "residual: {unit: ln ratio, margin: 0.0000001}",
    )
    assert project.repro()[0] == ["configure", "judge", "report"]
    changed = dvc(project, "metrics", "diff")["reports/metrics.json"]
    assert changed["C20_verdict"] == {"old": "By definition", "new": "Contradicted"}
    assert "Contradicted" in project.call(sys.executable, "-m", "dvc", "metrics", "diff")


@pytest.mark.slow
def test_plots_can_be_shown_without_make_plots(project):
    text = project.call(sys.executable, "-m", "dvc", "plots", "show")
    assert "dvc_plots/index.html" in text and not (project.folder / "build" / "vega").exists()
    html = (project.folder / "dvc_plots" / "index.html").read_text(encoding="utf-8")
    assert html.count("vegaEmbed('#") == len(PLOTS) and "{plot_divs}" not in html
    assert project.git("status", "--porcelain") == ""


@pytest.mark.slow
@pytest.mark.browser
def test_every_plot_is_drawn_without_a_network(project, chromium):
    if not (VEGA / "stamp").exists():
        pytest.skip("no Vega here: run `make plots` once")
    shutil.copytree(VEGA, project.folder / "build" / "vega")
    project.call(sys.executable, "-m", "dvc", "plots", "show")
    context = chromium.new_context(offline=True)
    page, heard = context.new_page(), []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: heard.append(request.url) if not request.url.startswith("file:") else None)
    page.goto((project.folder / "dvc_plots" / "index.html").as_uri())
    page.wait_for_function(f"document.querySelectorAll('canvas').length === {len(PLOTS)}")
    inked = "[...document.querySelectorAll('canvas')].map(c => c.getContext('2d').getImageData(0, 0, c.width, c.height)"
    inked += ".data.filter((value, place) => place % 4 === 3 && value > 0).length / (c.width * c.height))"
    assert heard == [] and all(share > 0.01 for share in page.evaluate(inked))
    context.close()


@pytest.mark.browser
def test_without_vega_the_page_says_what_to_do_and_asks_nobody(chromium, tmp_path):
    html = (FOLDER / "page.html").read_text(encoding="utf-8")
    drawing = '<div id="one"><script>vegaEmbed("#one", {});</script></div>'
    (tmp_path / "page.html").write_text(html.replace("{plot_divs}", drawing).replace("{refresh_tag}", ""), "utf-8")
    context = chromium.new_context(offline=True)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: errors.append(request.url) if not request.url.startswith("file:") else None)
    page.goto((tmp_path / "page.html").as_uri())
    assert "make plots" in page.inner_text("body") and errors == []
    context.close()
