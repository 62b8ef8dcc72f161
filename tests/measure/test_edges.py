"""Tables of what a network really leaves at the edges: short runs, one layer, one sample, no survivor."""

import numpy as np
import pytest

from normshift import tables
from normshift.grid import Planned
from normshift.measure import BUILDERS
from normshift.measure.group import Group, described, groups
from normshift.train.gather import cells_table, gathered
from normshift.train.loop import train
from tests.train.made_up import cell, shuffled

from .made_up import RULES, study

EDGES = {
    "one full point": {"steps": 15},
    "five updates": {"steps": 5},
    "one update": {"steps": 1},
    "an epoch of one update": {"batch_size": 160, "steps": 30},
    "one layer": {"depth": 1, "steps": 40},
    "no survivor": {"lr": 1e6, "steps": 40, "activation": "identity"},
    "one unit": {"width": 1},
}
NORMS = ("none", "batch", "frozen", "layer")


def _group(norm: str, **changes) -> Group:
    """Two cells trained by the plain loop, as the stage would read them; one batch norm is watched in detail."""
    both = [cell(norm, seed=seed, **changes) for seed in (0, 1)]
    data = shuffled(range(2), both[0].batch_size, max(30, both[0].steps))
    made, _ = train(both, data, "serial")
    table = described(cells_table([Planned(one, "judged") for one in both], ["0", "1"]), study())
    (only,) = groups(dict(gathered(both, made.__getitem__)), table)
    return only


def _tables(group: Group) -> dict:
    return {name: tables.checked(build(group, RULES), name) for name, build in BUILDERS.items()}


def keys(name: str) -> list[str]:
    """Columns that tell the rows of a table apart."""
    return [key for key, column in tables.TABLES[name].items() if not column.bits and column.type != "bool"]


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("edge", sorted(EDGES))
def test_every_table_holds_each_fact_once(edge, norm):
    for name, table in _tables(_group(norm, **EDGES[edge])).items():
        assert not table.duplicated(keys(name)).any(), name


@pytest.mark.parametrize("watch", ["plain", "detail"])
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_cells_watched_in_detail_have_tables_of_their_own(norm, watch):
    found = _tables(_group(norm, watch=watch, steps=60))
    for name in ("curvature", "distances", "injected", "gradient_noise"):
        assert found[name].empty == (watch == "plain"), name


@pytest.mark.parametrize("norm", NORMS)
def test_one_layer_has_nothing_before_it(norm):
    found = _tables(_group(norm, **EDGES["one layer"]))
    assert found["gradients"].empty and found["attribution"].empty
    assert set(found["shifts"]["layer"]) == {1} and not found["composition"].empty


@pytest.mark.parametrize("norm", ["none", "layer"])
def test_a_batch_of_one_sample_has_no_spread(norm):
    found = _tables(_group(norm, batch_size=1, steps=30))
    at_u = found["noise"].query("site == 'u'")
    assert at_u["sd_noise"].isna().all() and at_u["mean_noise_raw"].notna().all()
    assert found["decomposition"].query("statistic == 'mean'")[["change", "sampling", "drift"]].isna().all(axis=None)
    assert found["shifts"].query("horizon == 'step' and site == 'u'")["mean_shift"].notna().all()
    watched = _tables(_group(norm, batch_size=1, steps=30, watch="detail"))
    assert watched["injected"]["example_noise"].isna().all()


def test_where_none_survives_nothing_is_known_after():
    found = _tables(_group("none", **EDGES["no survivor"]))
    assert (found["outcomes"]["diverged_step"] < 10).all() and not found["outcomes"]["learned"].any()
    for name, table in found.items():
        numbers = [key for key, column in tables.TABLES[name].items() if column.bits]
        if "step" in table and name != "targets":
            assert table.loc[table["step"] > 10, numbers].isna().all(axis=None), name
    for name, column in (("motion", "path"), ("settling", "settling"), ("composition", "total")):
        assert found[name][column].isna().all(), name


def test_an_epoch_of_one_update_is_a_step_and_ends_at_every_step():
    found = _tables(_group("batch", **EDGES["an epoch of one update"]))
    assert (found["discrepancies"]["position"] == 0).all()
    shifts = found["shifts"].query("probe == 'first' and site == 'y'").set_index(["cell", "step", "layer", "horizon"])
    step, epoch = (shifts["mean_shift"].xs(horizon, level="horizon") for horizon in ("step", "epoch"))
    assert len(epoch) and np.allclose(epoch, step.loc[epoch.index])
