"""What is missing stays missing on its way into a line and a table."""

import json

import numpy as np
import pandas as pd

from normshift.reproductions.lines import by_seed, columns, medians, told

TABLE = pd.DataFrame(
    {"seed": [3, 1, 1, 1, 3, 2], "arm": ["a", "a", "a", "b", "b", "b"], "value": [7.0, 1.0, 4.0, 2.0, np.nan, 5.0]}
)


def test_nan_and_infinity_are_told_as_missing():
    assert told([1, np.nan, np.inf, -np.inf, np.float32(0.5)]) == [1.0, None, None, None, 0.5]


def test_every_seed_has_one_number_the_median_of_its_own_and_a_missing_value_makes_it_missing():
    assert by_seed(TABLE, "value") == [2.0, 5.0, None]


def test_a_table_of_medians_is_json_and_has_a_row_for_each_key():
    found = medians(TABLE.drop(columns="seed"), ["arm"])
    assert json.loads(json.dumps(found, allow_nan=False)) == {"arm": ["a", "b"], "value": [4.0, None]}


def test_medians_have_so_many_significant_digits():
    assert medians(pd.DataFrame({"arm": ["a"], "value": [123.456789e-9]}), ["arm"])["value"] == [1.235e-07]


def test_a_table_of_columns_is_json_and_keeps_whole_numbers():
    found = json.dumps(columns(TABLE), allow_nan=False)
    assert json.loads(found)["value"] == [7.0, 1.0, 4.0, 2.0, None, 5.0] and '"seed": [3, 1, 1' in found
