import os
import re
import subprocess
import sys
from itertools import product
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normshift.judge.claims import REGISTRY
from normshift.judge.claims.c17 import area_under_curve
from normshift.judge.doses import rise
from normshift.report.equations import EQUATIONS
from normshift.report.formulas import PART, formula, mathml, symbols
from normshift.report.symbols import SYMBOLS

CONSTANTS = {"0", "1", "2", "3"}  # of the formulas themselves: a half, ln 3 for a tripling, ln 2 for a factor of two


def test_every_claim_has_a_formula(config):
    assert set(EQUATIONS) == set(config.claims.claims) == set(REGISTRY)


@pytest.mark.parametrize("name", EQUATIONS)
def test_a_formula_is_balanced_mathml_and_carries_its_latex_as_text(name):
    shown = formula(name)
    assert len(shown.lines) == len(EQUATIONS[name])
    for markup, latex in zip(shown.lines, EQUATIONS[name], strict=True):
        element = ElementTree.fromstring(markup)
        assert element.tag == "math" and element.get("display") == "block"
        assert element.get("alttext") == latex
        text = "".join(element.itertext())
        assert text.strip() and "\\" not in text
        assert not [one for one in element.iter() if one.tag == "merror"]


@pytest.mark.parametrize("name", EQUATIONS)
def test_every_symbol_of_a_formula_is_explained_once_and_no_other(name):
    told = [term.symbol for term in formula(name).where]
    used = sorted({symbol for line in EQUATIONS[name] for symbol in symbols(line)}, key=list(SYMBOLS).index)
    assert told == [mathml(symbol, "inline") for symbol in used]
    assert [term.meaning for term in formula(name).where] == [SYMBOLS[symbol] for symbol in used]
    assert told[0] == mathml("d", "inline")


def test_no_symbol_is_explained_in_vain_and_no_two_mean_the_same():
    used = {symbol for lines in EQUATIONS.values() for line in lines for symbol in symbols(line)}
    assert used == set(SYMBOLS)
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)


@pytest.mark.parametrize("latex", [r"d=\xi", "d=Y", r"d=\text{elsewhere}", r"d_{t}=\alpha_{y}"])
def test_a_symbol_without_a_meaning_is_refused(latex):
    with pytest.raises(ValueError, match="no such symbol"):
        symbols(latex)


@pytest.mark.parametrize(
    "latex, found", [(r"\eta^{*}>\eta", [r"\eta^{*}", r"\eta"]), (r"t_{\max}-t", [r"t_{\max}", "t"])]
)
def test_the_longest_symbol_is_read_first(latex, found):
    assert symbols(latex) == found


@pytest.mark.parametrize("name", EQUATIONS)
def test_every_effect_is_that_of_a_part_or_a_level_and_every_part_has_one(name, config):
    claim = config.claims.claims[name]
    own = [*claim.parts, *(claim.levels or ())]
    words = [word for line in EQUATIONS[name] for part in PART.findall(line) for word in part.split(", ")]
    for word in words:
        assert any(word in each for each in own), word
    effects = [line for line in EQUATIONS[name] if line.startswith("d")]
    assert effects
    if not any(line.startswith("d=") for line in effects):
        # Of the parts, or else of the levels, each is named by one of the lines.
        assert any(
            all(any(word in each for word in words) for each in names) for names in (claim.parts, claim.levels or ["?"])
        )


@pytest.mark.parametrize("name", EQUATIONS)
def test_no_setting_of_a_run_is_typed_into_a_formula_or_a_meaning(name):
    numbers = {number for line in EQUATIONS[name] for number in re.findall(r"[\d.]+", line)}
    assert numbers <= CONSTANTS
    meanings = [
        term.meaning.replace("Santurkar et al. 2018, Def. 2.1", "").replace("Hays 1963", "")
        for term in formula(name).where
    ]
    assert not [meaning for meaning in meanings if re.search(r"\d", meaning)]


def test_formulas_are_the_same_in_another_process():
    code = "from normshift.report.formulas import *\n"
    code += "print([(formula(name).markup, formula(name).where) for name in EQUATIONS])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"}
    other = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True, text=True)
    assert other.stdout.strip() == str([(formula(name).markup, formula(name).where) for name in EQUATIONS])


# That a formula in another form than the code's says what the code computes.
@given(st.lists(st.integers(-3, 3), min_size=5, max_size=5))
def test_half_the_mean_sign_is_the_area_under_the_curve_less_one_half(scores):
    above = np.array([False, False, True, True, True])
    area = area_under_curve(pd.DataFrame([scores], dtype=float), above)[0]
    signs = [
        np.sign(scores[high] - scores[low]) for high, low in product(np.flatnonzero(above), np.flatnonzero(~above))
    ]
    assert np.mean(signs) / 2 == pytest.approx(area - 0.5)


def test_the_rise_with_heterogeneity_is_a_slope_on_its_root_times_the_range():
    draw = np.random.default_rng(0)
    doses, falls = draw.uniform(0, 2, 5), draw.normal(size=5)
    slope = np.polyfit(np.sqrt(doses), falls, 1)[0]
    found = rise(pd.DataFrame([falls]), pd.DataFrame([doses]))[0]
    assert found == pytest.approx(slope * (np.sqrt(doses).max() - np.sqrt(doses).min()))
