import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normshift.fetch.labels import numbered

NAMES = st.one_of(
    st.lists(st.integers(-100, 100), min_size=1),
    st.lists(st.text(min_size=1, max_size=3), min_size=1),
    st.lists(st.booleans(), min_size=1),
)


@given(NAMES)
def test_labels_become_their_place_among_the_sorted_names(names):
    order = sorted(set(names))
    found = numbered(np.array(names))
    assert found.dtype == np.int64 and found.tolist() == [order.index(name) for name in names]


@pytest.mark.parametrize("names", [[1.0, np.nan], np.array(["a", None], object)])
def test_a_missing_label_is_refused_and_counted(names):
    with pytest.raises(ValueError, match="1 of 2 labels are missing, that of sample 1 first"):
        numbered(names)
