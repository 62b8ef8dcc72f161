"""Curvature by products against whole Hessians, in the mode in which networks train."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.func import functional_call

from normshift import networks
from normshift.networks import initial
from normshift.observe.curvature import along, hessian_product, largest_eigenvalue
from normshift.observe.forward import evaluating
from tests.train.made_up import cell

sizes, chances = st.integers(1, 12), st.integers(0, 2**32 - 1)


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def symmetric(size: int, seed: int) -> torch.Tensor:
    square = drawn(size, size, seed=seed)
    return square + square.T


def largest(matrix: torch.Tensor, start: torch.Tensor, steps: int) -> float:
    return largest_eigenvalue(lambda vector: matrix @ vector, start, steps).item()


def tiny(norm: str, activation: str, training: bool = True):
    """Return the loss of a tiny network as a function of the vector of its parameters, and that vector."""
    one = cell(norm, activation, depth=2, width=3)
    network = networks.build(one.model, one.norm, (4,), 3).double()
    network.load_state_dict(initial.draw(network, activation, 0, 0), strict=False)
    inputs, labels = 2 * drawn(11, 4) + 1, torch.arange(11) % 3
    for _ in range(20):  # running averages of their own
        network(inputs)
    network = network if training else evaluating(network)
    shapes = {name: value.shape for name, value in network.named_parameters()}
    vector = torch.cat([value.detach().flatten() for value in network.parameters()])

    def loss(at: torch.Tensor) -> torch.Tensor:
        pieces = at.split([shape.numel() for shape in shapes.values()])
        parameters = {name: piece.view(shape) for (name, shape), piece in zip(shapes.items(), pieces, strict=True)}
        buffers = {name: value.clone() for name, value in network.named_buffers()}
        return nn.functional.cross_entropy(functional_call(network, (parameters, buffers), (inputs,))[0], labels)

    return loss, vector


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_products_and_largest_eigenvalue_equal_those_of_the_whole_hessian(norm, activation):
    loss, vector = tiny(norm, activation)
    hessian = torch.autograd.functional.hessian(loss, vector)
    gradient, product = hessian_product(loss, vector)
    torch.testing.assert_close(gradient, torch.autograd.functional.jacobian(loss, vector))
    for seed in range(3):
        direction = drawn(len(vector), seed=seed)
        torch.testing.assert_close(product(direction), hessian @ direction)
    found = largest_eigenvalue(product, drawn(len(vector), seed=5), len(vector)).item()
    assert found == pytest.approx(torch.linalg.eigvalsh(hessian)[-1].item(), rel=1e-9)
    expected = gradient @ hessian @ gradient / (gradient @ gradient)
    assert along(gradient, product).item() == pytest.approx(expected.item(), rel=1e-9)


def test_batch_norm_in_evaluation_is_another_function_with_another_curvature():
    found = []
    for training in (True, False):
        loss, vector = tiny("batch", "relu", training)
        found.append(largest_eigenvalue(hessian_product(loss, vector)[1], drawn(len(vector)), len(vector)).item())
    assert abs(math.log(found[1] / found[0])) > 0.1


@given(sizes, st.integers(1, 14), chances)
def test_a_ritz_value_never_exceeds_the_largest_eigenvalue_nor_falls_below_that_of_the_start(size, steps, seed):
    matrix, start = symmetric(size, seed), drawn(size, seed=seed + 1)
    found, values = largest(matrix, start, steps), torch.linalg.eigvalsh(matrix)
    rounding = 1e-12 * values.abs().max().item()
    assert (start @ matrix @ start / (start @ start)).item() - rounding <= found <= values[-1].item() + rounding


@given(sizes, chances, st.integers(0, 3))
def test_it_is_the_largest_eigenvalue_once_the_krylov_space_is_exhausted(size, seed, extra):
    matrix = symmetric(size, seed)
    found = largest(matrix, drawn(size, seed=seed + 1), size + extra)
    assert found == pytest.approx(torch.linalg.eigvalsh(matrix)[-1].item(), abs=1e-9 * matrix.abs().max().item())


@given(st.integers(1, 3), st.integers(4, 10), chances)
def test_as_many_steps_as_there_are_different_eigenvalues_are_enough(different, size, seed):
    values = drawn(different, seed=seed)[torch.arange(size) % different]
    axes = torch.linalg.qr(drawn(size, size, seed=seed + 1)).Q
    found = largest(axes @ torch.diag(values) @ axes.T, drawn(size, seed=seed + 2), different)
    assert found == pytest.approx(values.max().item(), abs=1e-9)
    assert largest(axes @ torch.diag(values) @ axes.T, drawn(size, seed=seed + 2), size) == pytest.approx(
        values.max().item(), abs=1e-9
    )


@settings(max_examples=20, deadline=None)
@given(chances)
def test_ritz_values_rise_with_the_steps_and_two_dozen_find_a_separate_eigenvalue_of_a_large_matrix(seed):
    axes = torch.linalg.qr(drawn(60, 60, seed=seed)).Q
    values = torch.cat([torch.linspace(-1, 1, 59).double(), torch.tensor([3.0]).double()])
    matrix, start = axes @ torch.diag(values) @ axes.T, drawn(60, seed=seed + 1)
    found = [largest(matrix, start, steps) for steps in range(1, 25)]
    assert (np.diff(found) > -1e-12).all() and found[-1] == pytest.approx(3, rel=1e-9)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_first_quotient_of_zero_stops_nothing(sign):
    matrix = sign * torch.tensor([[0.0, 2.0], [2.0, 0.0]])
    assert largest(matrix, torch.tensor([1.0, 0.0]), 24) == pytest.approx(2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "values", [[2.0, 0.0, *[-1.0] * 10], [2.0, -2.0, *[-1.0] * 10], [2.0, -2.0, *[0.0] * 10], [2.0, 1e-3, *[-3.0] * 10]]
)
def test_rounding_passes_for_no_direction_where_the_krylov_space_is_exhausted(values, dtype):
    """Starts whose own quotient is 0 or next to it, turned so that rounding leaves something of everything."""
    for seed in range(20):
        axes = torch.linalg.qr(drawn(12, 12, seed=seed)).Q
        matrix = (axes @ torch.diag(torch.tensor(values).double()) @ axes.T).to(dtype)
        for start in (axes[:, 1], axes[:, 0] + axes[:, 1], axes[:, 0] + axes[:, 2]):
            assert largest(matrix, start.to(dtype), 24) < 2 + 100 * torch.finfo(dtype).eps
        assert largest(matrix, (axes[:, 0] + axes[:, 1]).to(dtype), 24) == pytest.approx(2, rel=1e-5)


def test_a_start_within_an_invariant_space_sees_that_space_alone():
    matrix = torch.diag(torch.tensor([5.0, 2.0, -1.0]))
    assert largest(matrix, torch.tensor([0.0, 1.0, 1.0]), 24) == pytest.approx(2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_zero_and_negative_matrices_have_the_eigenvalue_they_have(dtype):
    start = drawn(6).to(dtype)
    assert largest(torch.zeros(6, 6, dtype=dtype), start, 24) == 0
    assert largest(-torch.eye(6, dtype=dtype), start, 24) == pytest.approx(-1)
    assert largest(-2 * torch.ones(1, 1, dtype=dtype), start[:1], 24) == pytest.approx(-2)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 60), chances)
def test_single_precision_loses_no_more_than_it_must(size, seed):
    matrix = symmetric(size, seed)
    found = largest(matrix.float(), drawn(size, seed=seed + 1).float(), size)
    values = torch.linalg.eigvalsh(matrix)
    assert found == pytest.approx(values[-1].item(), abs=2e-5 * values.abs().max().item())


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("entry", [(0, 0), (1, 2), (4, 4)])
def test_what_is_not_a_number_stays_none(value, entry):
    matrix = torch.eye(5)
    matrix[entry] = matrix[entry[::-1]] = value
    assert math.isnan(largest(matrix, torch.ones(5), 24))


def test_a_start_that_points_nowhere_finds_nothing():
    for start in (torch.zeros(3), torch.tensor([1.0, math.nan, 0.0])):
        assert math.isnan(largest(torch.eye(3), start, 24))


@given(sizes, chances)
def test_curvature_along_a_gradient_is_a_rayleigh_quotient_of_any_length(size, seed):
    matrix, gradient = symmetric(size, seed), drawn(size, seed=seed + 1)
    found = [along(length * gradient, lambda vector: matrix @ vector).item() for length in (1.0, 1e-3, 50.0)]
    assert found == pytest.approx([(gradient @ matrix @ gradient / (gradient @ gradient)).item()] * 3)
    values = torch.linalg.eigvalsh(matrix)
    assert values[0].item() - 1e-9 <= found[0] <= values[-1].item() + 1e-9


def test_there_is_no_curvature_along_no_gradient():
    for gradient in (torch.zeros(3), torch.tensor([1.0, math.nan, 0.0])):
        assert along(gradient, lambda vector: vector).isnan()
