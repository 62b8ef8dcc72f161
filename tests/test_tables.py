"""Schemas, and what is written of a table."""

import re

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normshift import tables

LOSSES = {"cell": [0, 0, 1], "step": [0, 5, 0], "loss": [1.1, np.nan, 0.3], "accuracy": [0.5, 0.6, 1.0]}


def _losses(**changes) -> pd.DataFrame:
    return pd.DataFrame({**LOSSES, "training_loss": [2.0, 1.0, np.nan], **changes})


def test_what_was_written_is_read_in_single_precision(tmp_path):
    tables.write(_losses(), "losses", tmp_path)
    expected = tables.checked(_losses(), "losses")
    for key in ("loss", "accuracy", "training_loss"):
        expected[key] = expected[key].astype("float32").astype("float64")
    assert tables.read("losses", tmp_path).equals(expected)


def test_labels_and_effects_keep_every_digit(tmp_path):
    targets = pd.DataFrame({"cell": [0], "level": [0.1], "step": [16_777_215.0]})
    effects = pd.DataFrame({"claim": ["C1"], "level": ["all"], "part": ["x"], "seed": [3], "effect": [0.1]})
    for name, table in (("targets", targets), ("effects", effects)):
        tables.write(table, name, tmp_path)
        assert tables.read(name, tmp_path).equals(tables.checked(table, name))


def test_every_number_measured_says_how_many_bits_are_written():
    for name, columns in tables.TABLES.items():
        for key, column in columns.items():
            measured = column.type == "float64" and column.missing and (name, key) != ("effects", "effect")
            assert (column.bits > 0) == measured, (name, key)


@given(st.lists(st.floats(width=32), min_size=1), st.integers(2, 24))
def test_rounded_numbers_are_the_nearest_with_so_many_bits(values, bits):
    found = tables.rounded(np.array(values), bits)
    assert found.dtype == np.float32
    for value, near in zip(values, found.tolist(), strict=True):
        if not np.isfinite(value) or abs(value) > 3e38:
            assert np.isnan(near) or abs(near) > 3e38
        elif value == 0:
            assert near == 0
        elif abs(value) > 1e-37:  # what is smaller has fewer bits in single precision
            quantum = 2.0 ** (np.floor(np.log2(abs(value))) - bits + 1)
            assert abs(near - value) <= quantum / 2 and (near / quantum).is_integer()


def test_single_precision_is_what_numpy_rounds_to():
    values = np.random.default_rng(0).standard_normal(1000) * 10.0 ** np.arange(-30, 30).repeat(20)[:1000]
    assert np.array_equal(tables.rounded(values, tables.SINGLE), values.astype(np.float32))


def test_what_is_beyond_single_precision_is_missing(tmp_path):
    tables.write(_losses(loss=[1e39, np.inf, 3e38]), "losses", tmp_path)
    assert tables.read("losses", tmp_path)["loss"].isna().tolist() == [True, True, False]


def test_numbers_of_sketches_are_written_in_fewer_bits(tmp_path):
    draw = np.random.default_rng(0).standard_normal((20_000, 3))
    rows = pd.DataFrame({"cell": 0, "step": range(20_000), "layer": 1, "unit": 0, "site": "u"})
    tables.write(rows.assign(q15=draw[:, 0], q50=draw[:, 1], q85=draw[:, 2]), "bands", tmp_path)
    found = tables.read("bands", tmp_path)["q15"]
    assert np.abs(found / draw[:, 0] - 1).max() == pytest.approx(2.0**-tables.SKETCHED, rel=0.05)
    group = pyarrow.parquet.read_metadata(tmp_path / "bands.parquet").row_group(0)
    sizes = {group.column(at).path_in_schema: group.column(at).total_compressed_size for at in range(group.num_columns)}
    assert sizes["q15"] < 0.75 * 4 * 20_000


@pytest.mark.parametrize(
    "table, fault",
    [
        (_losses().drop(columns="loss"), "table losses: columns missing or unknown: loss"),
        (_losses(more=1), "table losses: columns missing or unknown: more"),
        (_losses(step=[0, 1, -1]), "table losses, column step: -1 is below 0"),
        (_losses(loss=["a", 1, 2]), "table losses: could not convert"),
        (_losses(step=[0, np.nan, 1]), "table losses: .*(NA|non-finite)"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(table, fault, tmp_path):
    with pytest.raises(tables.BadTable, match=fault):
        tables.write(table, "losses", tmp_path)


def test_a_label_that_is_not_among_those_allowed_is_refused():
    table = pd.DataFrame(
        {"cell": [0], "step": [0], "layer": [1], "site": ["z"], "unit": 0, "q15": 0, "q50": 0, "q85": 0}
    )
    with pytest.raises(tables.BadTable, match=re.escape("table bands, column site: 'z' is not one of u, x, y, a")):
        tables.checked(table, "bands")


def test_a_file_that_is_missing_or_broken_is_refused_in_one_line(tmp_path):
    with pytest.raises(tables.BadTable, match="losses.parquet is missing: run the stage"):
        tables.read("losses", tmp_path)
    (tmp_path / "losses.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(tables.BadTable, match="losses.parquet cannot be read .*: delete it"):
        tables.read("losses", tmp_path)
