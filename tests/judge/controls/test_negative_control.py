import numpy as np
import pandas as pd
import pytest

from normshift.judge.controls.negative_control import ARMS, RAW, SCALE, SCALE_FREE, STUDY, TOLERANCE, control
from normshift.judge.frames import READ
from normshift.tables import TABLES

from ..made_up import study, together

SEEDS = (2000, 2001)
POSITIVE = {f"{one.table}.{one.column}": lambda row: 0.1 for one in (*SCALE_FREE, *RAW)}


def whole():
    """A made-up study of the plain arm that has rows for every quantity."""
    tables = study(POSITIVE, arms=ARMS[:1], rates=(0.3,), seeds=SEEDS)
    for quantity in (*SCALE_FREE, *RAW):
        for column, value in quantity.where:
            table = tables[quantity.table]
            if value not in set(table[column]):
                more = table[table[column] == table[column].iloc[0]].assign(**{column: value})
                tables[quantity.table] = pd.concat([table, more], ignore_index=True)
    return tables


def scaled(changes):
    """Study `scaled` with its two arms without eps: one made up, one its copy but for ``changes`` of columns."""
    tables = whole()
    apart = len(tables["cells"])
    both = {"heterogeneity": tables.pop("heterogeneity")}
    for name, table in tables.items():
        copy = table.assign(cell=table["cell"] + apart)
        copy = copy.assign(norm=ARMS[1]) if name == "cells" else copy
        own = {key.split(".")[1]: change for key, change in changes.items() if key.startswith(f"{name}.")}
        copy = copy.assign(**{column: change(copy) for column, change in own.items()})
        both[name] = pd.concat([table, copy], ignore_index=True)
    return together({STUDY: both})


CARRIED = {f"{one.table}.{one.column}": lambda row, one=one: row[one.column] * SCALE**one.power for one in RAW}


def test_a_network_with_larger_weights_changes_raw_numbers_alone():
    found = control(scaled(CARRIED))
    assert found["holds"] and found["largest"] == 0
    assert found["smallest_raw"] == pytest.approx(np.log(SCALE)) == found["factor"]
    assert set(found["raw_numbers"]) == {one.name for one in RAW}
    assert set(found["scale_free"]) == {one.name for one in SCALE_FREE}


@pytest.mark.parametrize("quantity", SCALE_FREE, ids=lambda one: one.name)
def test_a_number_that_is_not_scale_free_is_caught(quantity):
    key, sizes = f"{quantity.table}.{quantity.column}", dict(quantity.where)

    def leaking(row):
        here = np.ones(len(row), dtype=bool)
        for column, value in sizes.items():
            here &= (row[column] == value).to_numpy()
        return row[quantity.column] * np.where(here, np.exp(1.5 * TOLERANCE), 1.0)

    found = control(scaled(CARRIED | {key: leaking}))
    assert not found["holds"] and found["largest"] == pytest.approx(1.5 * TOLERANCE)


def test_differences_that_cancel_over_the_rows_are_caught():
    def leaking(row):
        return row["mean_shift"] * np.where(row["layer"] == 1, SCALE, 1 / SCALE)

    assert control(scaled(CARRIED | {"shifts.mean_shift": leaking}))["largest"] == pytest.approx(np.log(SCALE))


@pytest.mark.parametrize("power", [0, -1, 2])
def test_a_raw_number_that_does_not_carry_the_factor_is_caught(power):
    changes = CARRIED | {"shifts.mean_shift_raw": lambda row: row["mean_shift_raw"] * SCALE**power}
    assert not control(scaled(changes))["holds"]


def test_the_whole_run_is_read():
    def drifting(row):
        return row["mean_shift"] * np.where(row["step"] < 100, 1.0, 1.1)

    assert not control(scaled(CARRIED | {"shifts.mean_shift": drifting}))["holds"]


def test_a_number_that_one_of_the_two_lacks_is_infinitely_far_and_what_both_lack_is_left_out():
    lost = control(scaled(CARRIED | {"noise.sd_noise": lambda row: np.nan}))
    assert lost["largest"] == np.inf and not lost["holds"]
    tables = scaled(CARRIED)
    tables.frames["noise"]["sd_noise"] = np.nan
    assert control(tables)["holds"] and "noise.sd_noise u" not in control(tables)["scale_free"]


def test_every_quantity_is_a_column_of_a_table_that_claims_read():
    for quantity in (*SCALE_FREE, *RAW):
        assert quantity.table in READ and quantity.column in TABLES[quantity.table]
        for column, value in quantity.where:
            assert value in TABLES[quantity.table][column].among


def test_without_the_arms_the_reason_stands_there():
    found = control(together({STUDY: study(arms=("batch",), rates=(0.3,), seeds=SEEDS)}))
    assert found == {"reason": f"study {STUDY} has no cells of arm eps_0, eps_0_scaled in this run"}
