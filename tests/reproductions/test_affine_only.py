"""What learns moves, as in the stage `train`; what does not stays, bit by bit."""

from dataclasses import replace
from itertools import product

import pytest
import torch

from normshift.reproductions import affine_only
from normshift.reproductions.affine_only import WAYS, spread
from normshift.reproductions.cells import begun
from normshift.reproductions.run import Run
from normshift.train.loop import train
from tests.train.made_up import cell, shuffled

DATA = shuffled(range(3))


def parameters(network) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in network.named_parameters()}


@pytest.mark.parametrize("way", WAYS)
def test_what_learns_moves_and_nothing_else(way):
    own = cell("batch", optimizer="momentum", steps=5)
    network = spread(begun(own, DATA), own)
    before = parameters(network)
    affine_only.train(network, own, DATA, way)
    moved = {name for name, value in parameters(network).items() if not torch.equal(value, before[name])}
    affine = {f"hidden.{layer}.affine.{name}" for layer in range(3) for name in ("gamma", "beta")}
    output = {"output.weight", "output.bias"}
    if way == "everything":
        assert moved >= affine | output | {f"hidden.{layer}.linear.weight" for layer in range(3)}
    else:
        assert moved == {"gamma and beta": affine, "output layer": output}[way]


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_if_everything_learns_the_network_is_the_one_that_train_ends_with(optimizer):
    own = cell("batch", optimizer=optimizer, lr=0.05, steps=20)
    network = begun(own, DATA)
    affine_only.train(network, own, DATA, "everything")
    _, ended = train([own], DATA, "serial", observing=False)
    for name, value in parameters(network).items():
        torch.testing.assert_close(value, ended[name][0])


def test_gammas_are_spread_over_0_to_1_and_differ_by_seed_and_layer():
    drawn = [spread(begun(one, DATA), one) for one in (cell("batch", width=400, seed=seed) for seed in (0, 1))]
    gammas = torch.stack([layer.affine.gamma.detach() for network in drawn for layer in network.hidden])
    assert 0 <= gammas.min() and gammas.max() < 1
    assert gammas.mean(1).sub(0.5).abs().max() < 5 * (1 / 12 / 400) ** 0.5
    assert len(gammas.unique()) > 0.99 * gammas.numel()
    assert not any(layer.affine.beta.any() for network in drawn for layer in network.hidden)


def test_lines_are_medians_over_networks_per_seed():
    points = product((10, 40), range(3))
    cells = [cell("batch", width=width, depth=2, optimizer="momentum", seed=seed) for width, seed in points]
    lines, tables = affine_only.found(Run(cells, DATA, {}))
    own = {line.says: line.found for line in lines[2:]}
    few, many = (own[f"test accuracy, points, gamma and beta learning, depth 2, width {width}"] for width in (10, 40))
    assert lines[0].found == pytest.approx([(a + b) / 2 - 25 for a, b in zip(few, many, strict=True)])
    assert lines[0].low == 20 and lines[1].low > 0
    assert not replace(lines[1], found=[0.0]).passed and replace(lines[1], found=[0.5]).passed
    assert sorted(set(tables["accuracies"]["way"])) == sorted(WAYS)
    assert all(0 <= share <= 1 for says in own if says.startswith("share") for share in own[says])
