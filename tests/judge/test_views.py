import numpy as np
import pandas as pd
import pytest

from normshift.judge.claims import REGISTRY
from normshift.judge.frames import windowed
from normshift.judge.robustness import counts
from normshift.judge.views import TWINS, VARIANTS
from normshift.tables import TABLES

from .made_up import BEST, LAYERS, STEPS, registered, study, together, united
from .studies import STUDIES

RULES = registered().rules
FULL = (0, 200)
SIGMOID_CELLS = {"model": ("mlp_sigmoid",), "activation": ("sigmoid",)}


def with_second(mean_shift=0.7):
    """Tables of one arm with rows of the second probe at full points, and W2 there alone."""
    tables = study(arms=("none",), rates=(BEST,))
    first = tables["shifts"]
    second = first[first["step"].isin(FULL)].assign(probe="second", mean_shift=mean_shift, w2=np.nan)
    first = first.assign(w2=first["w2"].where(first["step"].isin(FULL)))
    return tables | {"shifts": pd.concat([first, second], ignore_index=True)}


def first_probe(tables):
    return tables.rows("shifts", probe="first", horizon="step", site="y")


def test_the_second_probe_stands_where_the_first_was_read():
    tables = together({"core": with_second()})
    seen = first_probe(VARIANTS["second probe"](tables))
    assert set(seen["step"]) == set(FULL) and set(seen["mean_shift"]) == {0.7}
    assert len(seen) == len(tables.rows("outcomes")) * len(FULL) * len(LAYERS)
    twice = VARIANTS["second probe"](VARIANTS["second probe"](tables))
    pd.testing.assert_frame_equal(twice.frames["shifts"], tables.frames["shifts"])


def test_another_metric_is_read_where_it_was_taken_and_missing_where_a_run_failed():
    tables = with_second()
    lost = (tables["shifts"]["cell"] == 0) & (tables["shifts"]["step"] >= 20)
    tables["shifts"].loc[lost, sorted({*TWINS["shifts"], *TWINS["shifts"].values()})] = np.nan
    before, seen = (
        first_probe(view) for view in (together({"": tables}), VARIANTS["another metric"](together({"": tables})))
    )
    kept, failed = seen[seen["cell"] > 0], seen[seen["cell"] == 0]
    assert set(kept["step"]) == set(FULL)
    merged = kept.merge(before, on=["cell", "step", "layer"])
    assert (merged["mean_shift_x"] == merged["w2_y"]).all()
    assert failed["mean_shift"].isna().sum() == before.query("cell == 0")["mean_shift"].isna().sum() > 0


@pytest.mark.parametrize("table, column", [(table, column) for table, twins in TWINS.items() for column in twins])
def test_twins_are_columns_of_the_table_that_differ(table, column):
    twin = TWINS[table][column]
    assert twin != column and TABLES[table][column].missing and TABLES[table][twin].missing


def test_half_the_steps_ends_every_table_at_the_half():
    tables = together({"core": study(arms=("none",), rates=(BEST,))})
    seen = VARIANTS["half the steps"](tables)
    half = STEPS // 2
    assert set(seen.rows("outcomes")["span"]) == {"half"} and set(seen["motion"]["span"]) == {"half"}
    assert set(seen.cells["steps"]) == {half}
    for name in ("losses", "noise", "identities", "variation"):
        rows, before = seen[name], tables[name]
        assert len(rows) == (before["step"] < half).sum() > 0 and rows["step"].max() < half
    assert not seen["shifts"].empty and (seen["shifts"]["later"] <= half).all()
    near = study({}, arms=("none",), rates=(BEST,))
    near["shifts"] = near["shifts"].assign(later=near["shifts"]["step"] + 1)
    assert VARIANTS["half the steps"](together({"": near}))["shifts"]["step"].max() == 200
    assert set(windowed(seen["losses"], "late", RULES)["step"]) == set()
    assert set(windowed(seen["losses"], "early", RULES)["step"]) == {0, 3, 20}


def test_at_half_the_steps_later_targets_are_not_reached_and_what_needs_the_whole_run_is_missing():
    tables = study({"targets.step": lambda row: np.where(row["level"] < 1, 700.0, 300.0)}, ("none",), (BEST,))
    tables["targets"]["step"] = tables["targets"]["step"].round()
    seen = VARIANTS["half the steps"](together({"core": tables}))
    targets = seen["targets"]
    assert (
        targets.loc[targets["level"] < 1, "step"].isna().all()
        and targets.loc[targets["level"] >= 1, "step"].notna().all()
    )
    assert seen["diffusion"]["exponent"].isna().all() and len(seen["diffusion"]) == len(tables["diffusion"])
    assert seen["discrepancies"]["tid_mean"].isna().all()


def test_another_nonlinearity_is_read_where_the_reference_was_and_back():
    tables = together({"core": study(arms=("none",), model=("mlp",)), "other": study(arms=("none",), **SIGMOID_CELLS)})
    seen = VARIANTS["another nonlinearity"](tables)
    assert set(tables.rows("outcomes")["activation"]) == {"relu"}
    assert set(seen.rows("outcomes")["activation"]) == {"sigmoid"}
    assert VARIANTS["another nonlinearity"](seen).reference == tables.reference


def test_another_nonlinearity_repeats_a_claim_where_it_was_trained():
    def noise(row):
        return np.where((row["norm"] == "none") & (row["activation"] == "relu"), 0.4, 0.2)

    relu, sigmoid = study({"noise.mean_noise": noise}), study({"noise.mean_noise": noise}, **SIGMOID_CELLS)
    tables = together({"core": united(relu, sigmoid)})
    items, again = (REGISTRY["C4a"](view, RULES) for view in (tables, VARIANTS["another nonlinearity"](tables)))
    assert counts(items, again)
    assert items[0].effects.to_numpy() == pytest.approx(np.log(2), abs=0.02)
    assert again[0].effects.to_numpy() == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", REGISTRY)
def test_every_claim_can_be_read_off_every_view(name, variant):
    claim = registered().claims[name]
    grids = {need: {"arms": tuple(arms)} | STUDIES.get(need, {}) for need, arms in claim.needs.items()}
    tables = together({need: study(**grid) for need, grid in grids.items()})
    items = REGISTRY[name](tables, RULES)
    again = REGISTRY[name](VARIANTS[variant](tables), RULES)
    assert [(item.level, item.part) for item in again] == [(item.level, item.part) for item in items]
    assert [len(item.effects) for item in again] == [len(item.effects) for item in items]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_view_that_does_nothing_does_not_count(variant):
    tables = together({"core": with_second()})
    items, again = (REGISTRY["C4b"](view, RULES) for view in (tables, VARIANTS[variant](tables)))
    assert not counts(items, items)
    assert not any(other.effects.notna().any() for other in again)  # one arm alone: nothing is left to compare
    assert not counts(items, again)
