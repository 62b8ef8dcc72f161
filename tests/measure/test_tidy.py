import numpy as np

from normshift.measure.tidy import tidy
from normshift.metrics.units import largest, mean, median


def test_rows_go_through_the_axes_in_order():
    table = tidy({"cell": np.array([5, 6]), "site": ("u", "a")}, value=np.array([[1, 2], [3, 4]]), mode="batch")
    assert table.to_dict("list") == {
        "cell": [5, 5, 6, 6],
        "site": ["u", "a", "u", "a"],
        "value": [1, 2, 3, 4],
        "mode": ["batch"] * 4,
    }


def test_columns_are_broadcast_over_the_axes():
    table = tidy({"cell": np.array([5, 6]), "site": ("u", "a")}, later=np.array([[7], [8]]))
    assert table["later"].tolist() == [7, 7, 8, 8]


def test_no_cells_make_no_rows():
    assert tidy({"cell": np.array([], int), "site": ("u", "a")}, value=np.empty((0, 2)), mode="batch").empty


def test_units_without_a_value_are_left_out():
    values = np.array([[1.0, np.nan, 5.0, 4.0], [np.nan] * 4, [3.0, np.nan, np.nan, 4.0], [np.nan, 2, np.nan, np.nan]])
    np.testing.assert_array_equal(median(values), [4, np.nan, 3.5, 2])
    np.testing.assert_array_equal(mean(values), [10 / 3, np.nan, 3.5, 2])
    np.testing.assert_array_equal(largest(values), [5, np.nan, 4, 2])


def test_median_equals_numpys_where_nothing_is_missing():
    for size in range(1, 8):
        values = np.random.default_rng(size).normal(size=(5, 3, size))
        np.testing.assert_allclose(median(values), np.median(values, axis=-1), rtol=1e-12)
