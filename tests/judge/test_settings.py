import numpy as np
import pytest

from normshift.judge.basis import basis
from normshift.judge.claims import REGISTRY
from normshift.judge.settings import entry, settings
from normshift.judge.stage import judge

from .claims.test_c4a import noisy
from .made_up import JUDGED, RATES, REFERENCE, evidence, registered, study, together

RULES = registered().rules
C4A = registered().claims["C4a"]


def noisier_with_the_rate(row):
    """The ratio of the noise without batch norm to that with it: the learning rate itself, for depth 2."""
    ratio = np.where(row["depth"] == 2, row["lr"], 7.0)
    return np.where(row["norm"] == "none", 0.1 * ratio, 0.1)


@pytest.fixture(scope="module")
def tables():
    change = {"noise.mean_noise": noisier_with_the_rate}
    core, deep = study(change), study(change, rates=(0.03, 0.1), depth=(2, 10))
    return together({"core": core, "depth": deep})


def test_settings_are_every_rate_of_the_reference_network_and_every_other_depth(tables):
    found = [(setting.kind, setting.name) for setting in settings(tables)]
    assert found == [*(("learning rate", f"{lr:g}") for lr in RATES), ("network", "10 hidden layers")]


def test_a_run_with_one_rate_has_no_setting_to_tell_apart():
    assert settings(together({"core": study(rates=(0.1,))})) == []


def test_each_rate_alone_has_the_effect_of_that_rate(tables):
    for setting in settings(tables)[: len(RATES)]:
        told = entry(setting, C4A, REGISTRY["C4a"](setting.tables.of_studies(["core"]), RULES), RULES)
        (part,) = told["levels"]["all"].values()
        assert part["median"] == pytest.approx(np.log(float(setting.name)), abs=0.02)
        assert (part["seeds"], part["missing"]) == (12, 0)
        deserved = {True: "Supported", False: "Contradicted"}[float(setting.name) > 1]
        assert part["verdict"] == ("No meaningful effect" if setting.name == "1" else deserved)


def test_another_depth_stands_in_the_place_of_the_reference_network(tables):
    (setting,) = [setting for setting in settings(tables) if setting.kind == "network"]
    told = entry(setting, C4A, REGISTRY["C4a"](setting.tables.of_studies(["core"]), RULES), RULES)
    assert told["levels"]["all"]["noise"]["median"] == pytest.approx(np.log(7), abs=0.02)


def test_what_is_measured_nowhere_has_no_entry(tables):
    setting = settings(tables)[0]
    items = evidence("C4a", study({"outcomes.learned": lambda row: False}))
    assert entry(setting, C4A, items, RULES) is None


def test_a_verdict_names_the_cells_its_claim_asked_for():
    found = judge(registered(), {"core": study(noisy(lambda row: np.full(len(row), 2.0)))}, REFERENCE)
    claims = found.verdicts["claims"]
    own = claims["C4a"]["basis"]
    assert own["factors"]["regime"] == ["clean"] and own["factors"]["lr"] == list(RATES)
    assert own["cells"] == 3 * len(RATES) * len(JUDGED)
    assert claims["C7"]["basis"]["factors"]["regime"] == ["clean", "fresh"]
    assert claims["C27"]["basis"]["cells"] == 0  # its study is not in the run
    assert [one["name"] for one in claims["C4a"]["settings"]] == [f"{lr:g}" for lr in RATES]
    assert claims["C3"]["settings"] == []  # an identity


def test_equal_cells_of_two_studies_are_one():
    tables = together({"core": study(), "other": study()})
    first = tables.cells["cell"][tables.cells["study"] == "core"]
    assert basis(tables.cells, [tables.cells["cell"]])["cells"] == len(first)
    assert basis(tables.cells, [])["cells"] == 0
