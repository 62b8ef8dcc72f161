import dataclasses
import os
import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pandas as pd
import pytest

import normshift.report
from normshift.figures import REGISTRY
from normshift.report import evidence
from normshift.report.page import claims, files
from normshift.report.page import page as page_of
from normshift.report.reproductions import FIGURES
from normshift.report.words import VERDICTS
from tests.report import run

TEMPLATES = Path(normshift.report.__file__).parent / "templates"
ROOT = Path(__file__).parents[2]


class Outline(HTMLParser):
    """What tests ask of a page: ids, links, loaded addresses, labels, headings, and text outside code."""

    def __init__(self, html: str):
        super().__init__()
        self.ids, self.anchors, self.loaded, self.headings, self.cells, self.text = [], [], [], [], [], []
        self.silent = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.silent = tag in ("script", "style")
        self.ids += [found["id"]] if "id" in found else []
        self.anchors += [found["href"]] if tag == "a" else []
        self.loaded += [
            found[key] for key in ("src", "srcset", "data", "xlink:href", "href") if tag != "a" and key in found
        ]
        self.headings += [int(tag[1])] if re.fullmatch(r"h\d", tag) else []
        self.cells += [found] if tag == "td" else []

    def handle_data(self, data):
        if not self.silent:
            self.text.append(data)


@pytest.fixture(scope="module")
def outline(page):
    return Outline(page)


@pytest.fixture(scope="module")
def few():
    """A run of few seeds and rates: quick to draw, undecided throughout."""
    config = run.config()
    return config, run.material(config, seeds=3, rates=(0.03, 0.3, 1.0))


@pytest.fixture(scope="module")
def drawn(few):
    """The evidence figures of that run, drawn once."""
    config, material = few
    return evidence.gallery(list(config.claims.claims), material.studies, config.claims.rules, "mlp")


def changed(material, **records):
    """Return the material with fields of claims' records replaced."""
    claims = {name: {**found, **records.get(name, {})} for name, found in material.verdicts["claims"].items()}
    return dataclasses.replace(material, verdicts={**material.verdicts, "claims": claims})


@pytest.mark.slow
def test_the_same_material_gives_the_same_bytes_in_another_process(few):
    code = "import sys; from tests.report import run; from normshift.report.page import files\n"
    code += "c = run.config(); m = run.material(c, seeds=3, rates=(0.03, 0.3, 1.0))\n"
    code += "sys.stdout.buffer.write('\\0'.join(k + v for k, v in files(c, m).items()).encode())"
    path = os.pathsep.join([str(ROOT), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "7"}
    other = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout
    assert "\0".join(name + text for name, text in files(*few).items()).encode() == other


def test_every_claim_has_a_row_a_section_and_a_figure_or_a_reason(page, outline, config, material):
    for name, claim in config.claims.claims.items():
        assert {name, f"figure-effects-{name}"} <= set(outline.ids)
        assert f"#{name}" in outline.anchors
        text = " ".join(" ".join(outline.text).split())
        assert text.count(claim.sentence) >= 2
        for word in (claim.estimand, claim.control, claim.prior):
            assert " ".join(word.split()) in text
        assert f"normshift 'studies=[{','.join(claim.needs)}]'" in text
        assert " ".join(material.verdicts["claims"][name]["answer"].split()) in text


def test_claims_stand_in_the_order_of_their_numbers(page, config):
    titles = re.findall(r'<h3 id="(\w+)-title">', page)
    assert titles == list(config.claims.claims)
    numbers = [int(re.search(r"\d+", title)[0]) for title in titles]
    assert numbers == sorted(numbers)


def test_every_claim_that_is_registered_has_evidence():
    assert set(run.config().claims.claims) == set(evidence.EVIDENCE)
    shown = {name for names in evidence.EVIDENCE.values() for name in names}
    shown |= {evidence.FOUNDING, evidence.STRIP, "effects", *evidence.APART, *evidence.CONTROLS}
    assert shown | set(FIGURES.values()) == set(REGISTRY)


def test_figures_of_several_studies_see_their_cells_side_by_side(material):
    core = material.studies["core"]
    both = evidence.united([core, core], ("cells", "outcomes"))
    assert set(both) == {"cells", "outcomes"} and evidence.united([core], ()) is core
    assert evidence.united([core, core], ("cells", "heterogeneity"))["heterogeneity"] is core["heterogeneity"]
    assert both["cells"]["cell"].is_unique and len(both["cells"]) == 2 * len(core["cells"])
    merged = both["outcomes"].merge(both["cells"], on="cell")
    assert len(merged) == 2 * len(core["outcomes"])


def test_figures_show_the_reference_network_alone(material):
    core = material.studies["core"]
    other = {name: rows.assign(cell=rows["cell"] + len(core["cells"])) for name, rows in core.items() if "cell" in rows}
    other["cells"] = other["cells"].assign(model="mlp_sigmoid", activation="sigmoid")
    mixed = {name: pd.concat([rows, other[name]]) if name in other else rows for name, rows in core.items()}
    found = evidence.of_models(mixed, ("mlp",))
    for name, rows in core.items():
        pd.testing.assert_frame_equal(found[name], rows)
    assert evidence.of_models(core, ("mlp",)) is core
    assert evidence.of_models(mixed, ("mlp", "mlp_sigmoid")) is mixed


def test_a_figure_whose_studies_are_not_in_the_run_says_so(drawn):
    assert drawn["mechanism"].reason == "study mechanism is not in this run"


def test_every_verdict_is_shown_as_icon_and_word(few, drawn):
    config, material = few
    names = list(material.verdicts["claims"])
    records = {name: {"verdict": verdict} for name, verdict in zip(names, VERDICTS, strict=False)}
    material = changed(material, **records)
    html = page_of(config, material, claims(config, material), drawn, [])
    for name, verdict in zip(names, VERDICTS, strict=False):
        row = html.split(f'<a href="#{name}">{name}</a> {config.claims.claims[name].sentence[:9]}')[1].split("</tr>")[0]
        assert verdict in row and VERDICTS[verdict].icon in row and f"--{VERDICTS[verdict].colour}" in row


def test_no_id_is_used_twice_and_every_anchor_resolves(outline, written):
    assert len(set(outline.ids)) == len(outline.ids)
    assert outline.anchors
    for anchor in outline.anchors:
        assert anchor[1:] in outline.ids if anchor.startswith("#") else anchor in written, anchor


def test_references_inside_drawings_resolve(page, outline):
    references = set(re.findall(r'(?:url\(|href=")#([^")]+)', page))
    labels = {name for names in re.findall(r'aria-labelledby="([^"]+)"', page) for name in names.split()}
    assert references | labels <= set(outline.ids)


def test_nothing_is_loaded_from_outside(page, outline):
    assert [address for address in outline.loaded if not address.startswith(("#", "data:,"))] == []
    assert set(re.findall(r"https?://[^\s\"'<)]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
        "http://www.w3.org/1998/Math/MathML",
    }
    assert not re.search(r"@import|url\((?!#)", page)
    assert "default-src 'none'" in page


def test_every_figure_has_its_table_and_its_file(written):
    names = {Path(path).stem for path in written if path.startswith("figures/")}
    assert names == {Path(path).stem for path in written if path.startswith("tables/")}
    for name in names:
        header, *rows = written[f"tables/{name}.csv"].splitlines()
        assert rows and all(header.split(","))
        assert f'href="tables/{name}.csv"' in written["index.html"]
        assert f'href="figures/{name}.svg"' in written["index.html"]


def test_every_figure_says_what_makes_it_again(written, page, config):
    names = [Path(path).stem for path in written if path.startswith("figures/")]
    for name in names:
        caption = page.split(f'<figure id="figure-{name}"')[1].split("</figure>")[0]
        command = re.search(r"again: <code>normshift &#39;studies=\[([\w,]+)\]&#39;</code>", caption)
        assert command and set(command[1].split(",")) <= {
            study for one in config.claims.claims.values() for study in one.needs
        }


def test_every_claim_has_its_formula_its_settings_and_what_was_not_tested(page, material):
    for name, record in material.verdicts["claims"].items():
        article = page.split(f'<article id="{name}"')[1].split("</article>")[0]
        assert 'display="block"' in article and "<dt>not tested</dt>" in article and "<dt>tested on</dt>" in article
        assert ("Setting by setting" in article) == bool(record["settings"])


def test_the_page_is_small(page):
    assert len(page.encode()) < 2_000_000


def test_headings_step_down_one_at_a_time(outline):
    assert outline.headings[0] == 1 and outline.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))


def test_cells_name_their_column_for_cards(outline):
    assert outline.cells and all(cell.get("data-label") for cell in outline.cells)


@pytest.mark.parametrize("template", sorted(path.name for path in TEMPLATES.glob("*.html")))
def test_no_numeral_is_typed_by_hand(template):
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", text, flags=re.DOTALL)
    words = [data for data in Outline(text).text if re.search(r"\d", data)]
    assert words == []


def test_hostile_text_is_escaped(few, drawn):
    config, material = few
    hostile = '<script>alert("&")</script>'
    said = {
        name: dataclasses.replace(claim, sentence=hostile, estimand=hostile)
        for name, claim in config.claims.claims.items()
    }
    config = dataclasses.replace(config, claims=dataclasses.replace(config.claims, claims=said))
    records = {name: {"answer": hostile, "reason": hostile, "notes": [hostile]} for name in said}
    material = dataclasses.replace(changed(material, **records), source={**material.source, "licence": hostile})
    material = dataclasses.replace(material, processor=hostile)
    html = page_of(config, material, claims(config, material), drawn, [])
    assert html.count("<script>") == 2 and html.count('<script type="application/json"') == 1
    assert "&lt;script&gt;" in html


def test_what_was_not_measured_says_so_and_why(page):
    row = page.split('<a href="#C27">C27</a> ')[1].split("</tr>")[0]
    assert "not measured: needs study ladder" in row
    assert ">0<" not in row and "nan" not in row.lower() and "None" not in row


def test_no_python_leaks_into_the_page(outline):
    text = " ".join(outline.text)
    assert not re.search(r"\bnan\b|\bNone\b|\bNaN\b|Undefined|\{\{|\{%|np\.float", text)


def test_a_name_the_template_does_not_know_is_an_error():
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    with pytest.raises(jinja2.UndefinedError):
        environment.from_string("{{ missing }}").render()


def test_a_run_without_the_study_of_the_figures_says_so(few):
    config, material = few
    material = dataclasses.replace(material, studies={"other": material.studies["core"]})
    html = files(config, material)["index.html"]
    assert "study core is not in this run" in html
    assert "effects-C3" in html


def test_a_run_that_judges_nothing_has_a_page(few):
    config, material = few
    config = dataclasses.replace(config, claims=dataclasses.replace(config.claims, claims={}))
    none = {"registration": "none", "claims": {}, "controls": material.verdicts["controls"]}
    material = dataclasses.replace(material, verdicts=none)
    assert "This run judges no claim." in files(config, material)["index.html"]


def test_the_thread_is_answered_question_by_question(page, material):
    text = unescape(page)
    places = [text.index(asked["question"]) for asked in material.thread]
    assert places == sorted(places) and len(places) == 8
    for asked in material.thread:
        for sentence in (asked["answer"], *asked["claims"].values()):
            assert sentence in text


def test_the_controls_stand_in_the_page(page):
    for name in ("Boundary null", "A/A", "Negative control"):
        assert f"<dt>{name}</dt>" in page
    assert "families with at least one false verdict" in page and "not run: study same_arm has" in page
