"""What every distance between samples of one unit must do."""

import numpy as np
import ot
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import distance
from scipy.special import rel_entr
from scipy.stats import energy_distance, ks_2samp, norm, wasserstein_distance

from normshift.metrics import REGISTRY

from .naive import NAIVE
from .samples import increasing, pairs, sorted_arrays, stacks, values

EVERY = pytest.mark.parametrize("name", sorted(REGISTRY))
RAW = {name for name in REGISTRY if name.endswith("_raw")}
BINNED = {"jensen_shannon", "psi"}  # in quantile bins of `before`, which end with a value and include it
RANKED = {"ks", *BINNED}  # see the order of the values alone


def test_every_distance_has_a_naive_twin():
    assert set(NAIVE) == set(REGISTRY)


def test_every_distance_in_sigma_or_logs_has_a_raw_twin():
    assert {f"{name}_raw" for name in set(REGISTRY) - RAW - RANKED} == RAW


def _equal(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@EVERY
@given(pair=st.integers(1, 5).flatmap(lambda size: st.tuples(*[st.lists(values, min_size=size, max_size=size)] * 2)))
def test_distance_equals_its_naive_twin(name, pair):
    before, after = (sorted(sample) for sample in pair)
    _equal(REGISTRY[name](np.array(before), np.array(after)), NAIVE[name](before, after))


@pytest.mark.parametrize("name", sorted(RANKED))
@given(pair=st.integers(6, 35).flatmap(lambda size: st.tuples(sorted_arrays(size), sorted_arrays(size))))
def test_ranked_distances_equal_their_naive_twins_on_longer_samples(name, pair):
    _equal(REGISTRY[name](*pair), NAIVE[name](*(sample.tolist() for sample in pair)))


@EVERY
@given(pair=pairs)
def test_equal_samples_are_at_distance_zero(name, pair):
    found = REGISTRY[name](pair[0], pair[0])
    assert found == 0 or (np.isnan(found) and name not in RAW | {"ks"} and np.ptp(pair[0]) == 0)


@EVERY
@given(pair=pairs)
def test_distance_is_never_negative(name, pair):
    assert not REGISTRY[name](*pair) < 0


@pytest.mark.parametrize("name", sorted(set(REGISTRY) - BINNED))
@given(pair=pairs)
def test_distance_is_symmetric(name, pair):
    np.testing.assert_array_equal(REGISTRY[name](*pair), REGISTRY[name](*pair[::-1]))


@pytest.mark.parametrize("name", sorted(BINNED))
def test_a_binned_distance_is_another_from_the_other_side(name):
    narrow = norm.ppf((np.arange(200) + 0.5) / 200)
    there, back = REGISTRY[name](narrow, 3 * narrow), REGISTRY[name](3 * narrow, narrow)
    assert abs(there - back) > 0.2 * max(there, back)


@EVERY
@given(pair=pairs, offset=values)
def test_moving_both_samples_changes_nothing(name, pair, offset):
    _equal(REGISTRY[name](pair[0] + offset, pair[1] + offset), REGISTRY[name](*pair))


@EVERY
@given(pair=pairs, factor=st.sampled_from([-2.0, 0.25, 3.0]))
def test_raw_distances_scale_with_the_samples_and_the_others_do_not(name, pair, factor):
    factor = abs(factor) if name in BINNED else factor  # whose bins are not closed on the other side
    wide = [np.sort(factor * sample) for sample in pair]
    _equal(REGISTRY[name](*wide), REGISTRY[name](*pair) * (abs(factor) if name in RAW else 1))


@pytest.mark.parametrize("name", sorted(RANKED))
@given(pair=pairs, bend=increasing)
def test_no_increasing_map_changes_a_ranked_distance(name, pair, bend):
    np.testing.assert_array_equal(REGISTRY[name](*map(bend, pair)), REGISTRY[name](*pair))


@pytest.mark.parametrize("name", sorted(set(REGISTRY) - {"sd_shift", "sd_shift_raw"}))
def test_distance_grows_with_the_shift_of_the_mean(name):
    before = norm.ppf((np.arange(200) + 0.5) / 200)
    found = [REGISTRY[name](before, before + shift) for shift in (0, 0.1, 0.3, 1, 2)]
    assert (np.diff(found) > 0).all()


@EVERY
@given(pair=stacks)
def test_leading_axes_equal_a_loop(name, pair):
    before, after = pair
    places = np.ndindex(before.shape[:-1])
    loop = np.array([REGISTRY[name](before[place], after[place]) for place in places]).reshape(before.shape[:-1])
    np.testing.assert_array_equal(REGISTRY[name](before, after), loop)


@EVERY
@given(pair=stacks)
def test_one_reference_serves_many(name, pair):
    found = REGISTRY[name](pair[0][0, 0], pair[1])
    np.testing.assert_array_equal(found, REGISTRY[name](np.broadcast_to(pair[0][0, 0], pair[1].shape), pair[1]))


@given(pair=pairs)
def test_distances_equal_scipy_and_pot(pair):
    _equal(REGISTRY["w1_raw"](*pair), wasserstein_distance(*pair))
    _equal(REGISTRY["w2_raw"](*pair) ** 2, ot.emd2_1d(*pair, metric="sqeuclidean"))
    _equal(REGISTRY["energy_raw"](*pair), energy_distance(*pair) ** 2)
    if len(pair[0]) > 1:  # SciPy has no p-value for single examples
        _equal(REGISTRY["ks"](*pair), ks_2samp(*pair, method="asymp").statistic)


@given(seed=st.integers(0, 1000), shift=st.integers(0, 30))
def test_binned_distances_equal_scipy_on_numpys_histogram(seed, shift):
    draw = np.random.default_rng(seed)
    before, after = np.sort(draw.normal([[0.0], [shift / 10]], size=(2, 200)))
    ends = [-np.inf, *np.quantile(before, np.arange(1, 10) / 10, method="inverted_cdf") + 1e-12, np.inf]
    p, q = ((np.histogram(sample, ends)[0] + 0.5) / 205 for sample in (before, after))
    _equal(REGISTRY["psi"](before, after), (rel_entr(p, q) + rel_entr(q, p)).sum())
    _equal(REGISTRY["jensen_shannon"](before, after), distance.jensenshannon(p, q) ** 2)
    assert p == pytest.approx(np.full(10, 0.1))


@pytest.mark.parametrize(("name", "shown"), [("mean_shift", 20), ("w1", 20), ("w2", 20), ("energy", 40)])
def test_least_sigma_bounds_what_a_narrow_unit_shows(name, shown):
    before = np.linspace(0, 1e-6, 15)
    assert REGISTRY[name](before, before + 1, 0.05) == pytest.approx(shown)
    assert REGISTRY[name](np.zeros(15), np.ones(15), 0.05) == pytest.approx(shown)
    wide = np.linspace(0, 10, 15)
    assert REGISTRY[name](wide, wide + 1, 0.05) == REGISTRY[name](wide, wide + 1)
