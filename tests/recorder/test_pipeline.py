"""What the recorder tells of a network is what the pipeline tells of the same cell."""

from dataclasses import replace

import numpy as np
import pytest

from normshift.metrics import DISTANCES
from tests.recorder.pipeline import measured, recorded, the

KEYS = {
    "shifts": ["step", "later", "horizon", "layer", "site", "mode"],
    "noise": ["step", "layer", "site"],
    "identities": ["step", "layer", "mode"],
    "bands": ["step", "layer", "unit", "site"],
}
LEAST = {"shifts": 96, "noise": 12, "identities": 10, "bands": 96}  # rows that both have
WHOLE = {"batch": [1, 2], "none": [1, 2], "layer": [1, 2], "lenet": [1]}  # layers all of whose units are kept
# Where rounding is all there is: what batch norm fixes, and what identity A leaves.
NOTHING = 3e-5


@pytest.fixture(scope="module", params=["batch", "none", "layer", "lenet"])
def both(request):
    one = the(request.param)
    return request.param, recorded(one).tables(), measured(one)


@pytest.mark.parametrize("name", KEYS)
def test_tables_have_the_numbers_of_the_pipeline(both, name):
    norm, own, pipeline = both
    theirs = pipeline[name]
    if "probe" in theirs:
        theirs = theirs[theirs["probe"] == "first"]
    joined = own[name].merge(theirs, on=KEYS[name], suffixes=("", "_pipeline"))
    if norm in ("none", "layer") and name == "identities":
        assert own[name].empty and theirs.empty
        return
    if norm == "layer":  # of layer norm's x the recorder knows nothing
        joined = joined[joined["site"] != "x"]
    assert len(joined) >= LEAST[name]
    values = [column for column in own[name] if f"{column}_pipeline" in joined and column != "cell"]
    for column in set(values) - {"probe"}:
        found, expected = (joined[one].to_numpy(dtype=float) for one in (column, f"{column}_pipeline"))
        known = ~np.isnan(expected)
        if column in ("location", "scale", "shape"):  # shares of a shift that is there
            known &= joined["w2"] > 1e-3
        if column in DISTANCES:  # medians over kept units, each of which only a narrow layer keeps in both
            known &= joined["layer"].isin(WHOLE[norm])
        assert known.any()
        np.testing.assert_allclose(found[known], expected[known], rtol=5e-3, atol=_least(column), err_msg=column)


def _least(column: str) -> float:
    """What half precision leaves of order statistics, single precision of moments."""
    if column in ("location", "scale", "shape"):
        return 0.02
    return 2e-3 if column.startswith(("q", "w")) else NOTHING


def test_what_running_averages_miss_is_what_the_pipeline_says():
    short = replace(the("batch"), steps=20)  # its last full point is one of the recorder's
    own, theirs = (tables["discrepancies"] for tables in (recorded(short).tables(), measured(short)))
    assert len(own) == 8
    joined = own.merge(theirs, on=["quarter", "position", "layer"], suffixes=("", "_pipeline"))
    assert len(joined) == 8
    for column in ("tid_mean", "tid_sd"):
        np.testing.assert_allclose(joined[column], joined[f"{column}_pipeline"], rtol=1e-3)


def test_losses_are_those_of_the_pipeline(both):
    _, own, pipeline = both
    joined = own["losses"].merge(pipeline["losses"], on="step", suffixes=("", "_pipeline"))
    assert len(joined) >= 4
    first = joined.iloc[0]
    assert first["training_loss"] == pytest.approx(first["training_loss_pipeline"], rel=1e-4)
    assert own["losses"]["training_loss"].notna().all()
