import re
from xml.etree import ElementTree

import pytest

from normshift.figures.numbers import effect
from normshift.report.comparison import RUN, comparison, page
from normshift.report.words import VERDICTS

SENTENCES = {"C1": "One <b>thing</b>.", "C2": "Another."}
RAN = {"data": ["digits"], "networks": ["mlp 3x100 relu"], "steps": [1000], "judged": 12, "tuning": 4}


def claim(verdict="Supported", effect=0.5, unit="ln ratio", seeds=12):
    return {"verdict": verdict, "effect": effect, "unit": unit, "seeds": seeds}


def summary(registration="a" * 64, cells=100, run=RAN, **claims):
    return {"registration": registration, "cells": cells, "run": run, "claims": claims}


BOTH = summary(C1=claim(), C2=claim("Undecided"), C3=claim("Depends"))


def test_a_run_beside_itself_has_changed_nothing():
    found = comparison(BOTH, BOTH, SENTENCES)
    assert found.changed == [] and found.notes == () and len(found.same) == 3
    assert found.tally == "0 verdicts changed, 3 the same."


def test_a_changed_verdict_is_a_row_with_both_effects_in_their_units():
    other = summary(C1=claim("No meaningful effect", 0.01), C2=claim("Undecided", None, None), C3=claim("Depends", 2.0))
    found = comparison(BOTH, other, SENTENCES)
    (row,) = found.changed
    assert (row.claim, row.sentence) == ("C1", SENTENCES["C1"])
    assert (row.before.verdict, row.after.verdict) == ("Supported", "No meaningful effect")
    assert (row.before.effect, row.after.effect) == (effect(0.5, "ln ratio"), effect(0.01, "ln ratio"))
    assert [row.claim for row in found.same] == ["C2", "C3"] and found.rows[1].after.effect == "not measured"
    assert found.tally == "1 verdict changed, 2 the same."
    assert found.rows[2].sentence == ""


def test_claims_of_one_run_alone_are_named():
    found = comparison(summary(C1=claim(), C4=claim()), summary(C1=claim(), C9=claim(), C5=claim()), {})
    assert (found.only_before, found.only_after) == (("C4",), ("C9", "C5"))
    assert found.tally == "0 verdicts changed, 1 the same; only in A: C4; only in B: C9, C5."


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"registration": "b" * 64}, [f"({'a' * 12} and {'b' * 12})", "rules or margins"]),
        ({"cells": 3940}, ["number of networks: 100 and 3,940"]),
        ({"run": {**RAN, "data": ["fashion_mnist"]}}, ["differ in data: digits; and fashion_mnist"]),
        ({"run": {**RAN, "steps": [200, 1000]}}, ["differ in steps: 1000; and 200, 1000"]),
        ({"run": {**RAN, "judged": 24}}, ["differ in judged seeds: 12; and 24"]),
        ({"run": None}, ["not recorded in B"]),
    ],
)
def test_what_the_runs_differ_in_is_said_and_nothing_else(change, words):
    (note,) = comparison(BOTH, {**BOTH, **change}, SENTENCES).notes
    assert all(word in note for word in words)


def test_everything_that_was_run_is_compared():
    assert set(RUN) == set(RAN)


def test_other_numbers_of_seeds_are_said_once_for_the_claims_that_have_them():
    fewer = summary(C1=claim(seeds=3), C2=claim("Undecided", seeds=3), C3=claim("Depends"))
    assert comparison(BOTH, fewer, {}).notes == ("Seeds differ, 12 and 3: C1, C2.",)
    every = summary(C1=claim(seeds=None), C2=claim("Undecided", seeds=None), C3=claim("Depends", seeds=None))
    assert comparison(BOTH, every, {}).notes == ("Seeds differ, 12 and none: every claim.",)


def test_the_page_shows_every_row_with_icon_and_word_and_escapes_what_it_is_given():
    changed = summary("b" * 64, **{f"C{number}": claim(verdict) for number, verdict in enumerate(VERDICTS, 1)})
    found = comparison(BOTH, changed, SENTENCES)
    html = page(found, ("<a run>", "another"))
    assert html.count("<tr role=") == len(found.rows) + 2 and "One &lt;b&gt;thing&lt;/b&gt;." in html
    assert "&lt;a run&gt;" in html and found.tally in html and found.notes[0] in html
    for row in found.rows:
        for side in (row.before, row.after):
            assert re.search(rf"{re.escape(VERDICTS[side.verdict].icon)}</span> {side.verdict}", html)
    body = re.search(r"<main>.*</main>", html, re.DOTALL)[0].replace(" hidden>", ' hidden="">')
    ElementTree.fromstring(body.replace("<br>", "<br/>"))


def test_a_page_of_which_nothing_changed_has_one_folded_table():
    html = page(comparison(BOTH, BOTH, SENTENCES), ("one", "other"))
    assert html.count("<table") == html.count("<details>") == 1 and 'class="box"' not in html


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_the_page_is_silent_asks_for_nothing_and_fits_its_width(chromium, tmp_path, width, scheme):
    found = comparison(BOTH, summary(C1=claim("Contradicted", -0.5), C2=claim("Depends")), SENTENCES)
    (tmp_path / "page.html").write_text(page(found, ("a" * 90, "other")), encoding="utf-8")
    opened = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    heard = []
    opened.on("console", lambda message: heard.append(message.text))
    opened.on("request", lambda request: heard.append(request.url))
    opened.goto((tmp_path / "page.html").as_uri())
    assert [each for each in heard if not each.startswith(("file://", "data:,"))] == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    opened.click("#theme")
    assert opened.inner_text("#theme-name") == "light"
    opened.close()
