"""What no update and no scale may change, on the project's own networks in double precision (measurement: 1.5)."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from normshift.metrics import norm_growth_residual
from normshift.observe.forward import State, forward
from normshift.params import Cell
from normshift.train import stacks
from normshift.train.programs import PROGRAMS
from normshift.train.samples import Samples
from tests.train.by_hand import DATA
from tests.train.made_up import cell

STEPS, NO_EPS = 60, 1e-30
WEIGHTS, WITH_BIAS, AFFINE = ("linear.weight",), ("linear.weight", "linear.bias"), ("affine.gamma", "affine.beta")


def running(one: Cell, eps: float, program: str = "compiled"):
    """A program at step 0 whose normalisers have this eps, and its network."""
    samples = Samples(DATA, [one], torch.float64, "cpu")
    network, parameters, buffers = stacks.start([one], (12,), 4, torch.float64, "cpu")
    for layer in network.hidden:
        layer.normaliser.eps = eps
    return PROGRAMS[program](network, [one], parameters, buffers, samples, None), network


def updates(one: Cell, eps: float) -> Iterator[tuple[State, State, State]]:
    """Parameters before, gradient and parameters after every update."""
    program, _ = running(one, eps)
    for step in range(one.steps):
        before = {name: value[0].clone() for name, value in program.parameters.items()}
        _, slopes = program.slope([step])
        program.advance(step, step + 1)
        yield (
            before,
            {name: value[0, 0] for name, value in slopes.items()},
            {name: value[0].clone() for name, value in program.parameters.items()},
        )


def squared(state: State, layer: int, kinds: tuple[str, ...]) -> np.ndarray:
    return np.array(sum((state[f"hidden.{layer}.{kind}"] ** 2).sum().item() for kind in kinds))


def residuals(one: Cell, kinds: tuple[str, ...], eps: float = 1e-8) -> np.ndarray:
    """What |w'|^2 - |w|^2 misses of lr^2 |g|^2, in units of it: (step, layer)."""
    return np.array(
        [
            [
                norm_growth_residual(
                    squared(before, layer, kinds), squared(after, layer, kinds), one.lr, squared(slope, layer, kinds)
                )
                for layer in range(one.model.depth)
            ]
            for before, slope, after in updates(one, eps)
        ]
    )


@pytest.mark.parametrize("lr", [0.03, 0.3, 1.0])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("norm", ["batch", "frozen"])
def test_weights_before_batch_norm_grow_by_their_squared_update_and_nothing_else(norm, activation, lr):
    found = residuals(cell(norm, activation, lr=lr, seed=1, steps=STEPS), WEIGHTS)
    assert found.shape == (STEPS, 3) and np.abs(found).max() < 1e-3


def test_what_is_left_is_the_work_of_eps():
    """An eps next to the variance is a part of the function that does depend on the scale."""
    one = cell("batch", "sigmoid", lr=0.1, seed=1, steps=20)
    small, large = (np.abs(residuals(one, WEIGHTS, eps)) for eps in (1e-9, 1e-7))
    assert np.median(large / small) == pytest.approx(100, rel=0.01)
    assert np.abs(residuals(one, WEIGHTS, 1e-5)).max() > 1e-3


def test_without_a_normaliser_weights_are_not_scale_invariant():
    found = residuals(cell("none", lr=0.1, seed=1, steps=STEPS), WEIGHTS)
    assert np.median(np.abs(found), axis=0).min() > 10 and np.abs(found).min(axis=0).max() > 1e-3


def test_layer_norm_knows_no_scale_of_weight_and_bias_together_and_one_of_each_alone():
    one = cell("layer", lr=0.1, seed=1, steps=STEPS)
    assert np.abs(residuals(one, WITH_BIAS)).max() < 1e-3
    assert np.median(np.abs(residuals(one, WEIGHTS)), axis=0).min() > 0.1


def test_the_length_of_scale_invariant_weights_is_the_sum_of_all_squared_updates():
    one = cell("batch", lr=1.0, seed=2, steps=STEPS)
    path = list(updates(one, 1e-8))
    for layer in range(3):
        grown = squared(path[-1][2], layer, WEIGHTS) - squared(path[0][0], layer, WEIGHTS)
        assert grown > 0
        assert grown == pytest.approx(sum(squared(slope, layer, WEIGHTS) for _, slope, _ in path), rel=1e-3)


def test_gamma_and_beta_of_relu_layers_grow_likewise_but_for_the_last_and_under_a_sigmoid_none():
    """Their length has no effect where a normaliser follows, so that it never shrinks."""
    relu, sigmoid = (
        residuals(cell("batch", kind, lr=0.1, seed=1, steps=STEPS), AFFINE) for kind in ("relu", "sigmoid")
    )
    assert np.abs(relu[:, :2]).max() < 1e-3 and (np.abs(relu[:, 2]) > 0.1).all()
    assert np.median(np.abs(sigmoid), axis=0).min() > 0.1


def scaled(state: State, layer: int, factor: float) -> State:
    """All gammas and betas of a layer, times a factor."""
    names = {f"hidden.{layer}.{kind}" for kind in AFFINE}
    return {name: factor * value if name in names else value for name, value in state.items()}


def moved(activation: str, layer: int, factor: float, eps: float, steps: int = 10) -> float:
    """By how much logits move, relative to their size, if a layer's gammas and betas are scaled."""
    one = cell("batch", activation, lr=0.3, seed=1)
    program, network = running(one, eps)
    program.advance(0, steps)
    state = {name: value[0] for name, value in program.parameters.items()}
    buffers = dict(network.named_buffers())
    inputs = Samples(DATA, [one], torch.float64, "cpu").fixed("probe").inputs[0]

    def logits(parameters: State) -> Tensor:
        return forward(network, parameters, buffers, inputs)[0]

    plain = logits(state)
    return ((logits(scaled(state, layer, factor)) - plain).abs().max() / plain.abs().max()).item()


@pytest.mark.parametrize("factor", [0.1, 3.0, 100.0])
@pytest.mark.parametrize("layer", [0, 1])
def test_scaling_gamma_and_beta_of_a_relu_layer_leaves_the_function(layer, factor):
    assert moved("relu", layer, factor, NO_EPS) < 1e-12


@pytest.mark.parametrize("layer", [0, 1])
def test_eps_is_all_that_tells_their_scale(layer):
    small, large = (moved("relu", layer, 3.0, eps) for eps in (1e-7, 1e-5))
    assert 1e-9 < large < 1e-3 and large / small == pytest.approx(100, rel=0.02)


@pytest.mark.parametrize(
    ("activation", "layer"), [("relu", 2), ("sigmoid", 0), ("sigmoid", 1), ("tanh", 0), ("tanh", 2)]
)
def test_the_last_layer_and_layers_under_a_bounded_nonlinearity_have_no_such_gauge(activation, layer):
    assert moved(activation, layer, 3.0, NO_EPS) > 1e-2


@pytest.mark.parametrize("program", ["compiled", "serial", "mapped"])
@pytest.mark.parametrize(("activation", "free"), [("relu", (True, True, False)), ("sigmoid", (False, False, False))])
def test_the_gradient_of_a_gauge_is_square_to_it(activation, free, program):
    """<gamma, g_gamma> + <beta, g_beta> = 0, in units of the two lengths."""
    runs, _ = running(cell("batch", activation, lr=0.3, seed=1), NO_EPS, program)
    runs.advance(0, 10)
    _, slopes = runs.slope([10])
    for layer, gauge in enumerate(free):
        pairs = [
            (runs.parameters[name][0], slopes[name][0, 0]) for name in (f"hidden.{layer}.{kind}" for kind in AFFINE)
        ]
        values, gradient = (torch.cat(vectors) for vectors in zip(*pairs, strict=True))
        cosine = (values @ gradient / (values.norm() * gradient.norm())).abs().item()
        assert cosine < 1e-10 if gauge else cosine > 1e-3
