import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from normshift.metrics import gradient_shift

from .samples import values

L2, RELATIVE, COSINE, PER_DISPLACEMENT = range(4)
vectors = st.integers(1, 4).flatmap(lambda size: arrays(float, (4, size), elements=values))


def _kept(before, after, step, weights):
    """The scalars that are kept of the vectors G, G', dtheta and theta."""
    lengths = [np.linalg.norm(part, axis=-1) for part in (before, after, after - before)]
    return *lengths, (before * after).sum(-1), np.linalg.norm(step, axis=-1), np.linalg.norm(weights, axis=-1)


def _naive(before, after, step, weights):
    """Definition 2.1 from whole vectors, NaN where something divided by is 0."""
    apart = math.dist(before, after)
    length, later, moved, norm = (math.hypot(*part) for part in (before, after, step, weights))
    relative = apart / length if length else math.nan
    cosine = sum(g * h for g, h in zip(before, after, strict=True)) / (length * later) if length * later else math.nan
    return apart, relative, cosine, relative / (moved / norm) if moved and norm else math.nan


@given(vectors)
def test_shift_equals_the_naive_twin(parts):
    found = gradient_shift(*_kept(*parts))
    np.testing.assert_allclose(found, _naive(*parts.tolist()), rtol=1e-9, atol=1e-12)


@given(arrays(float, st.tuples(st.just(4), st.integers(1, 2), st.integers(1, 3), st.integers(1, 3)), elements=values))
def test_leading_axes_equal_a_loop(parts):
    loop = [gradient_shift(*_kept(*parts[:, a, b])) for a, b in np.ndindex(parts.shape[1:3])]
    np.testing.assert_allclose(gradient_shift(*_kept(*parts)), np.reshape(loop, (*parts.shape[1:3], 4)), rtol=1e-12)


@given(vectors)
def test_the_parts_agree_with_the_law_of_cosines(parts):
    before, after = np.linalg.norm(parts[:2], axis=-1)
    l2, _, cosine, _ = gradient_shift(*_kept(*parts))
    if before * after > 0:
        assert l2**2 == pytest.approx(
            before**2 + after**2 - 2 * before * after * cosine, abs=1e-9 * (before + after) ** 2
        )
        assert -1 <= cosine <= 1


def _update(scale):
    """The shift of w_2's gradient of ``tanh(n_1' A n_2)``, n = w/|w|, by a step of w_1 at W -> cW with lr c^2."""
    draw = np.random.default_rng(0)
    first, second, coupling = scale * draw.normal(size=5), scale * draw.normal(size=4), draw.normal(size=(5, 4))

    def gradient(one, other, matrix):
        unit, length = one / np.linalg.norm(one), np.linalg.norm(one)
        pull = matrix @ other / np.linalg.norm(other)
        return (1 - np.tanh(unit @ pull) ** 2) * (pull - unit * (unit @ pull)) / length

    step = -0.3 * scale**2 * gradient(first, second, coupling)
    before, after = (gradient(second, weight, coupling.T) for weight in (first, first + step))
    return gradient_shift(*_kept(before, after, step, first))


@pytest.mark.parametrize("scale", [0.01, 7.0, 1e4])
def test_only_l2_changes_with_the_scale_of_scale_invariant_weights(scale):
    found, plain = _update(scale), _update(1.0)
    assert plain[L2] > 0.01
    assert found[L2] == pytest.approx(plain[L2] / scale)
    assert found[RELATIVE:] == pytest.approx(plain[RELATIVE:])


def test_shift_per_displacement_stays_where_l2_vanishes_with_the_step():
    kept = [_kept(np.array([1.0, 2.0]), np.array([1.0, 2.0]) + h, np.array([h, 0.0]), np.ones(2)) for h in (1e-2, 1e-5)]
    (large, small) = (gradient_shift(*each) for each in kept)
    assert small[L2] == pytest.approx(large[L2] / 1000)
    assert small[PER_DISPLACEMENT] == pytest.approx(large[PER_DISPLACEMENT])


def test_no_change_a_turn_back_and_a_right_angle():
    gradient, step = np.array([3.0, 4.0]), np.array([0.1, 0.0])
    found = [
        gradient_shift(*_kept(gradient, after, step, gradient))
        for after in (gradient, -gradient, gradient[::-1] * [1, -1])
    ]
    assert found[0] == pytest.approx([0, 0, 1, 0])
    assert found[1] == pytest.approx([10, 2, -1, 100])
    assert found[2][COSINE] == pytest.approx(0)


def test_rounding_never_takes_the_cosine_out_of_its_range():
    assert gradient_shift(*map(np.array, (1.0, 1.0, 0.0, 1.0000001, 1.0, 1.0)))[COSINE] == 1
    assert gradient_shift(*map(np.array, (1.0, 1.0, 2.0, -1.0000001, 1.0, 1.0)))[COSINE] == -1


def test_what_is_divided_by_zero_is_missing_and_nothing_precedes_the_first_layer():
    zero, one, missing = np.array(0.0), np.array(1.0), np.array(np.nan)
    assert np.isnan(gradient_shift(one, one, zero, one, zero, zero)).tolist() == [False, False, False, True]
    assert np.isnan(gradient_shift(zero, one, one, zero, one, one)).tolist() == [False, True, True, True]
    assert np.isnan(gradient_shift(one, zero, one, zero, one, one)).tolist() == [False, False, True, False]
    assert np.isnan(gradient_shift(*[missing] * 6)).all()
