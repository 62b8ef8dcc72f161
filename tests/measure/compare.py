"""Compare a table with rows written by a plain loop."""

import numpy as np
import pandas as pd

from normshift import tables


def same(found: pd.DataFrame, rows: list[dict], name: str, keys: tuple[str, ...], rtol: float = 1e-6) -> None:
    """Assert that a table fits its schema and has exactly the rows expected, in any order."""
    found = tables.checked(found, name).sort_values(list(keys), ignore_index=True)
    expected = pd.DataFrame(rows, columns=list(found.columns)).sort_values(list(keys), ignore_index=True)
    assert len(found) == len(expected)
    assert not found.duplicated(list(keys)).any()
    for column in found.columns:
        if tables.TABLES[name][column].type == "float64":
            np.testing.assert_allclose(found[column], expected[column].astype(float), rtol, 1e-9, err_msg=column)
        else:
            assert found[column].tolist() == expected[column].tolist(), column


def finite(array: np.ndarray) -> np.ndarray:
    """An array in double precision, infinities as NaN."""
    return np.where(np.isfinite(array), array.astype(float), np.nan)


def middle(values: list[float]) -> float:
    """Median of the numbers among values."""
    numbers = sorted(value for value in values if value == value)
    if not numbers:
        return np.nan
    half = len(numbers) // 2
    return numbers[half] if len(numbers) % 2 else (numbers[half - 1] + numbers[half]) / 2
