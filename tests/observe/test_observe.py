"""What is seen of a network, against naive twins in NumPy and PyTorch's own layers."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from normshift import networks
from normshift.networks import initial
from normshift.observe import identity, moments
from normshift.observe.forward import evaluating, forward, population
from normshift.observe.plan import plan
from tests.train.made_up import NORMS, cell


def sample(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def naive_shift(one: np.ndarray, two: np.ndarray) -> tuple[float, float, float]:
    """Unit by unit: |d mean| / pooled sd, |d ln sd|, |d mean|; medians."""
    rows = []
    for before, after in zip(one.T, two.T, strict=True):
        sigma = np.sqrt((before.var() + after.var()) / 2)
        moved = abs(after.mean() - before.mean())
        rows.append((moved / sigma, abs(np.log(after.std()) - np.log(before.std())), moved))
    return tuple(np.median(rows, axis=0))


def test_shift_equals_its_naive_twin():
    one, two = sample(50, 7), 2 * sample(50, 7, seed=1) + 0.3
    seen = moments.shift(moments.moments(one), moments.moments(two))
    assert seen.numpy() == pytest.approx(naive_shift(one.numpy(), two.numpy()))


@given(scale=st.floats(0.01, 100), place=st.floats(-10, 10))
@settings(max_examples=30, deadline=None)
def test_shift_is_zero_on_equal_samples_and_its_scale_free_parts_ignore_scale_and_place(scale, place):
    one, two = sample(40, 6), sample(40, 6, seed=1)
    assert (moments.shift(moments.moments(one), moments.moments(one)) == 0).all()
    plain = moments.shift(moments.moments(one), moments.moments(two))
    moved = moments.shift(moments.moments(scale * one + place), moments.moments(scale * two + place))
    assert moved[:2].numpy() == pytest.approx(plain[:2].numpy(), rel=1e-6)
    assert moved[2].item() == pytest.approx(scale * plain[2].item(), rel=1e-6)


def test_a_constant_unit_is_left_out_and_a_layer_of_them_is_missing():
    one, two = sample(40, 3), sample(40, 3, seed=1)
    dead = (
        torch.cat([one, torch.zeros(40, 2, dtype=one.dtype)], 1),
        torch.cat([two, torch.zeros(40, 2, dtype=one.dtype)], 1),
    )
    seen = moments.shift(*map(moments.moments, dead))
    assert seen[:2].numpy() == pytest.approx(moments.shift(*map(moments.moments, (one, two)))[:2].numpy())
    nothing = moments.moments(torch.zeros(40, 3))
    assert moments.shift(nothing, nothing)[:2].isnan().all()


def test_the_floor_holds_only_where_gamma_is_small():
    floor = moments.floor(torch.tensor([1.0, 0.01]))
    assert floor.tolist() == [[0, 0], [0, 0], [0, pytest.approx(0.05)], [0, pytest.approx(0.05)]]


def test_noise_equals_its_naive_twin():
    batches = sample(30, 16, 5) * torch.arange(1, 6) + sample(30, 1, 5)
    seen = moments.noise(moments.moments(batches).unsqueeze(1))[0]
    means, sds = batches.numpy().mean(1), batches.numpy().std(1)
    sigma = batches.numpy().reshape(-1, 5).std(0)
    expected = [
        np.median(means.std(0, ddof=1) / sigma),
        np.median(np.log(sds).std(0, ddof=1)),
        np.median(means.std(0, ddof=1)),
    ]
    assert seen.numpy() == pytest.approx(expected)


def test_noise_of_gaussian_batches_is_one_over_the_root_of_their_size():
    batches = sample(2000, 60, 3)
    seen = moments.noise(moments.moments(batches).unsqueeze(1))[0]
    assert seen[0].item() == pytest.approx(60**-0.5, rel=0.05)
    assert seen[1].item() == pytest.approx(120**-0.5, rel=0.05)


def test_order_statistics_are_samples_at_their_levels():
    values = sample(200, 4)
    levels = (torch.arange(15) + 0.5) / 15
    seen = moments.order_statistics(values, levels)
    expected = np.sort(values.numpy(), axis=0)[(levels * 200).long()].T
    assert (seen.numpy() == expected).all()


def built(norm: str = "batch", **shape):
    one = cell(norm, width=16, **shape)
    network = networks.build(one.model, NORMS[norm], (12,), 4)
    parameters = initial.draw(network, one.model.activation, 0, 0)
    return network, parameters, {name: value.clone() for name, value in network.named_buffers()}


def test_looking_leaves_the_running_averages_alone():
    network, parameters, buffers = built()
    before = {name: value.clone() for name, value in buffers.items()}
    forward(network, parameters, buffers, sample(20, 12).float() + 2)
    assert all((buffers[name] == before[name]).all() for name in before)


def test_population_statistics_equal_those_taken_layer_by_layer():
    network, parameters, buffers = built()
    data = sample(100, 12).float()
    exact = population(
        buffers, torch.stack([moments.moments(site.u) for site in forward(network, parameters, buffers, data)[1]])
    )
    inputs = data
    for number in range(3):
        weight, bias = (parameters[f"hidden.{number}.linear.{name}"] for name in ("weight", "bias"))
        u = inputs @ weight.T + bias
        torch.testing.assert_close(exact[f"hidden.{number}.normaliser.running_mean"], u.mean(0), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(
            exact[f"hidden.{number}.normaliser.running_var"], u.var(0, correction=0), rtol=1e-4, atol=1e-5
        )
        x = (u - u.mean(0)) / (u.var(0, correction=0) + 1e-5).sqrt()
        inputs = nn.functional.relu(x)


def learnt(parameters: dict) -> dict:
    """Give every layer gammas of both signs and betas of its own."""
    return {
        name: sample(*value.shape, seed=len(name)).float() if "affine" in name else value
        for name, value in parameters.items()
    }


def moments_at(site, name: str) -> torch.Tensor:
    return moments.moments(getattr(site, name))


def test_identity_a_holds_in_batch_mode_and_fails_as_the_formula_says_otherwise():
    network, parameters, buffers = built()
    parameters = learnt(parameters)
    gamma, beta = parameters["hidden.0.affine.gamma"], parameters["hidden.0.affine.beta"]
    _, sites = forward(network, parameters, buffers, 3 * sample(200, 12).float() + 1)
    u, y = moments_at(sites[0], "u"), moments_at(sites[0], "y")
    mean, sd = u
    in_batch = identity.predicted(u, gamma, beta, mean, sd**2, 1e-5)
    torch.testing.assert_close(in_batch[0], beta)
    assert identity.residual(y, in_batch, gamma, beta).max() < 1e-5
    _, sites = forward(evaluating(network), parameters, buffers, 3 * sample(200, 12).float() + 1)
    u, y = moments_at(sites[0], "u"), moments_at(sites[0], "y")
    assert identity.residual(y, in_batch, gamma, beta).max() > 0.5
    running = identity.predicted(u, gamma, beta, torch.zeros(16), torch.ones(16), 1e-5)
    assert identity.residual(y, running, gamma, beta).max() < 1e-5
    used_mean, used_variance = sample(16, seed=5).float(), sample(16, seed=6).float() ** 2 + 0.1
    expected = [(used_mean - u[0]).abs() / u[1], (used_variance.sqrt() / u[1] - 1).abs()]
    found = identity.discrepancy(u, used_mean, used_variance)
    assert found.numpy() == pytest.approx([np.median(values.numpy()) for values in expected], rel=1e-5)


def test_a_broken_identity_would_be_seen():
    u, gamma, beta = moments.moments(sample(50, 4)), torch.ones(4), torch.zeros(4)
    expected = identity.predicted(u, gamma, beta, u[0], u[1] ** 2, 1e-5)
    assert identity.residual(expected + 0.1, expected, gamma, beta).numpy() == pytest.approx([0.1, 0.1])


def test_the_default_plan_has_sixteen_points_four_of_them_full():
    made = plan(1000, 20)
    assert len(made.points) == 16 and len(made.full) == 4
    assert all({full + 10, full + 20} < set(made.points) for full in made.full)
    assert made.points[0] == 0 and made.points[-1] == 999


@given(steps=st.integers(1, 3000), epoch=st.integers(1, 300))
@settings(max_examples=200, deadline=None)
def test_every_plan_fits_its_run_and_every_follower_follows_one_full_point(steps, epoch):
    made = plan(steps, epoch)
    assert list(made.points) == sorted(set(made.points)) and made.points[0] == 0 and made.points[-1] == steps - 1
    assert set(made.full) <= set(made.points)
    for point in made.points:
        follows = [full for full in made.full if point - full in (10, epoch)]
        assert len(follows) <= 1 and made.reference(point) == (follows[0] if follows else None)
