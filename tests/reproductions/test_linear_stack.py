"""The deep linear network against one network at a time on all samples, and Definition 2.1 by matrices."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from normshift.reproductions import deep_linear, linear_stack
from normshift.reproductions.cells import begun, looks, split
from normshift.reproductions.linear_stack import LOOKS, Stack, condensed, teacher, trained
from normshift.reproductions.run import Run
from tests.train.made_up import CLASSES, INPUTS, cell, shuffled

DATA = shuffled(range(3))
ARMS = pytest.mark.parametrize("norm", ["none", "batch"])


def linear(norm: str = "none", **changes):
    return cell(norm, "identity", **{"width": 5, "depth": 4, "lr": 0.002} | changes)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
@settings(deadline=None)
def test_condensed_samples_have_the_mean_and_the_covariance_of_all(seed, size):
    draw = torch.Generator().manual_seed(seed)
    mix = torch.randn(size, size, generator=draw, dtype=torch.float64) + 2 * torch.eye(size)
    inputs = torch.randn(50, size, generator=draw, dtype=torch.float64) @ mix + 3
    few = condensed(inputs)
    assert few.shape == (2 * size, size)
    torch.testing.assert_close(few.mean(0), inputs.mean(0))
    torch.testing.assert_close(torch.cov(few.mT, correction=0), torch.cov(inputs.mT, correction=0))


def loss_on_all(own, network) -> torch.Tensor:
    inputs, _ = split("train", own, DATA, torch.float64)
    outputs, _ = network(inputs)
    return (outputs - inputs @ teacher(own, CLASSES, INPUTS).mT).square().sum(1).mean()


@ARMS
def test_loss_and_gradients_are_those_of_each_network_on_all_samples(norm):
    cells = [linear(norm, seed=seed) for seed in range(3)]
    losses, gradients = (lambda stack: stack.slope([0], stack.parameters))(Stack(cells, DATA))
    assert gradients and not any(name.endswith("bias") for name in gradients)
    for number, own in enumerate(cells):
        network = begun(own, DATA, torch.float64)
        loss = loss_on_all(own, network)
        loss.backward()
        torch.testing.assert_close(losses[number, 0], loss.detach())
        for name, gradient in gradients.items():
            torch.testing.assert_close(gradient[number, 0], network.get_parameter(name).grad)


@ARMS
def test_losses_are_those_of_a_plain_loop_in_which_biases_stay(norm):
    cells = [linear(norm, seed=seed, lr=lr) for seed in range(2) for lr in (0.001, 0.003)]
    losses, _ = trained(cells, DATA)
    for number, own in enumerate(cells):
        network = begun(own, DATA, torch.float64)
        learnt = [value for name, value in network.named_parameters() if not name.endswith("bias")]
        optimizer, expected = torch.optim.SGD(learnt, lr=own.lr), []
        for _ in range(own.steps + 1):
            loss = loss_on_all(own, network)
            expected.append(loss.item())
            network.zero_grad()
            loss.backward()
            optimizer.step()
        assert losses[:, number] == pytest.approx([expected[step] for step in (*looks(own.steps, LOOKS), own.steps)])
        assert expected[-1] < expected[0]


def matrix_gradient(matrices: list[np.ndarray], target: np.ndarray, moment: np.ndarray, layer: int) -> np.ndarray:
    """``dL/dW_i = 2 (W_k ... W_{i+1})' (W_k ... W_1 - A) C (W_{i-1} ... W_1)'``, C the inputs' second moment."""
    below, above = np.eye(len(moment)), np.eye(len(target))
    for matrix in matrices[:layer]:
        below = matrix @ below
    for matrix in reversed(matrices[layer + 1 :]):
        above = above @ matrix
    return 2 * above.T @ (above @ matrices[layer] @ below - target) @ moment @ below.T


def test_definition_2_1_is_that_of_three_matrices():
    own = linear(depth=2, steps=1)
    _, shifts = trained([own], DATA)
    network = begun(own, DATA, torch.float64)
    maps = [layer.linear.weight for layer in network.hidden] + [network.output.weight]
    before, target = [one.detach().numpy() for one in maps], teacher(own, CLASSES, INPUTS).numpy()
    inputs = split("train", own, DATA, torch.float64)[0].numpy()
    moment = inputs.T @ inputs / len(inputs)
    first, second = (matrix_gradient(before, target, moment, layer) for layer in range(2))
    moved = [before[0] - own.lr * first, *before[1:]]
    later = matrix_gradient(moved, target, moment, 1)
    distance = np.linalg.norm(later - second)
    relative = distance / np.linalg.norm(second)
    cosine = (later * second).sum() / np.linalg.norm(later) / np.linalg.norm(second)
    pace = own.lr * np.linalg.norm(first) / np.linalg.norm(before[0])
    assert shifts[0, 0, 0, 1] == pytest.approx([distance, relative, cosine, relative / pace])
    assert np.isnan(shifts[0, 0, 0, 0]).all()


def test_a_network_that_diverges_is_missing_from_then_on_and_leaves_the_others_as_they_are():
    calm, wild = linear(seed=0), linear(seed=1, lr=1e6)
    together, alone = trained([calm, wild], DATA), trained([calm], DATA)
    for one, other in zip(together, alone, strict=True):
        assert one[:, 0] == pytest.approx(other[:, 0], rel=1e-9, nan_ok=True)
    assert np.isfinite(together[0][0, 1]) and np.isnan(together[0][1:, 1]).all()
    assert np.isnan(together[1][1:, 1]).all()


def test_lines_are_medians_over_updates_and_layers_of_the_layers_named():
    points = product(("none", "batch"), (1e-6, 1e-4), (0, 1))
    cells = [linear(norm, depth=18, steps=3, lr=lr, seed=seed) for norm, lr, seed in points]
    lines, tables = deep_linear.found(Run(cells, DATA, {}))
    assert all(line.passed is None and len(line.found) == 2 for line in lines)
    own = {line.says: line.found for line in lines}
    _, shifts = linear_stack.trained([one for one in cells if one.norm.name == "batch"], DATA)
    expected = [np.median(shifts[:, cell, 0, 16, 2]) for cell in (2, 3)]
    assert own["cos(G, G'), layer 17, lr 0.0001, with batch norm"] == pytest.approx(expected)
    expected = [np.median(shifts[:, cell, 0, 1:, 1]) for cell in (0, 1)]
    assert own["|G - G'| / |G|, all layers from 2 on, lr 1e-06, with batch norm"] == pytest.approx(expected)
    assert len(tables["curves"]["step"]) == 2 * 2 * 2 * 3
    assert len(tables["layers"]["layer"]) == 2 * 2 * 2 * 17
