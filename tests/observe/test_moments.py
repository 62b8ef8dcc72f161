"""Units that are constant, of whose spread only rounding is known."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from normshift.observe import moments

U, X, Y, A = range(4)


def sample(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@given(st.floats(-1e6, 1e6, width=32), st.integers(1, 300))
def test_a_value_that_is_always_the_same_is_constant_however_it_rounds(value, count):
    units = torch.cat([torch.full((count, 1), value), sample(count, 2)], dim=1)
    assert moments.constant(moments.moments(units))[0]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_a_sum_of_the_same_terms_in_another_order_is_constant_though_they_cancel(scale):
    terms = scale * sample(100, 16)
    terms[:, 0] -= terms[:, 0].mean()
    orders = torch.stack(
        [terms[torch.randperm(100, generator=torch.Generator().manual_seed(i))].sum(0) for i in range(50)]
    )
    found = moments.moments(orders)
    assert (found[1] > 0).all() and found[0, 0].abs() < 1e-4 * scale
    assert moments.constant(found).all()


@given(st.floats(1e-5, 1e5), st.integers(0, 9))
def test_what_varies_is_not(spread, seed):
    """Neither about 0 nor far from it, up to where single precision ends."""
    units = spread * torch.cat([sample(40, 3, seed=seed), 1e4 + sample(40, 3, seed=seed + 10)], dim=1)
    assert not moments.constant(moments.moments(units)).any()


def test_what_is_missing_is_not_constant():
    assert moments.constant(torch.tensor([[math.nan, 0.0], [math.nan, 0.0]])).tolist() == [False, True]


@pytest.mark.parametrize(
    ("first", "y_from_u", "last"),
    [(U, True, A), (U, False, U), (X, False, X), (Y, False, A), (Y, True, A), (A, True, A)],
)
def test_what_is_constant_at_a_site_is_so_at_those_that_follow(first, y_from_u, last):
    found = torch.stack([sample(4, 3), 1 + sample(4, 3).abs()], dim=-2)
    found[first, 1, 1] = 0.0
    seen = moments.known(found, y_from_u)
    assert (seen[:, 0] == found[:, 0]).all()
    assert [site for site in range(4) if seen[site, 1, 1] == 0] == list(range(first, last + 1))
    assert (seen[:, 1, [0, 2]] == found[:, 1, [0, 2]]).all()


@given(st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_leading_axes_equal_a_loop(first, second, y_from_u):
    found = moments.moments(sample(first, second, 4, 9, 5).round())
    loop = [[moments.known(one, y_from_u) for one in row] for row in found]
    assert (moments.known(found, y_from_u) == torch.stack([torch.stack(row) for row in loop])).all()


def test_noise_leaves_constant_units_out_but_batches_of_one_in():
    batches = sample(30, 1, 16, 5)  # batch, site, sample, unit
    still = torch.cat([batches, 0.3 + 1e-8 * sample(30, 1, 16, 3)], dim=-1)
    plain, seen = (moments.noise(moments.moments(each)) for each in (batches, still))
    torch.testing.assert_close(seen[:, :2], plain[:, :2])
    assert moments.noise(moments.moments(still[..., 5:]))[0, :2].isnan().all()
    single = moments.noise(moments.moments(batches[:, :, :1]))
    assert single[0, 0].item() == pytest.approx(math.sqrt(30 / 29)) and single[0, 1].isnan()


def test_a_unit_is_left_out_of_the_noise_at_every_site_if_it_is_constant_at_u():
    batches = torch.stack([moments.moments(sample(30, 16, 3, seed=seed)) for seed in range(4)], dim=1)
    batches[:, U, :, 0] = torch.tensor([0.3, 1e-9])
    together, apart = moments.noise(batches, y_from_u=True), moments.noise(batches[..., 1:], y_from_u=True)
    torch.testing.assert_close(together[:, :2], apart[:, :2])
    assert (moments.noise(batches)[X:, 0] != together[X:, 0]).any()
