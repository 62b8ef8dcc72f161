"""Networks, normalisers and where they start, against PyTorch's own layers and closed forms."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from normshift import networks
from normshift.networks import initial
from normshift.networks.layer import ACTIVATIONS, Affine, Dense
from normshift.networks.normalisers import REGISTRY
from normshift.params import Model
from normshift.reproductions import gradient_growth
from tests.train.made_up import NORMS, cell


def sample(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("kind", "whole"), [("batch", nn.BatchNorm1d(6)), ("layer", nn.LayerNorm(6))])
def test_normaliser_and_affine_equal_pytorchs_layer(kind, whole):
    ours, affine = REGISTRY[kind](6), Affine(6)
    with torch.no_grad():
        affine.gamma.copy_(sample(6))
        affine.beta.copy_(sample(6) + 1)
        whole.weight.copy_(affine.gamma)
        whole.bias.copy_(affine.beta)
    for _ in range(3):
        torch.testing.assert_close(affine(ours(3 + sample(20, 6))), whole(3 + sample(20, 6)))
    for module in (ours, whole):
        module.eval()
    torch.testing.assert_close(affine(ours(sample(9, 6))), whole(sample(9, 6)))


def test_running_averages_move_in_training_only():
    norm = REGISTRY["batch"](4)
    norm.eval()
    norm(sample(8, 4))
    assert (norm.running_mean == 0).all()
    norm.train()
    norm(5 + sample(8, 4))
    torch.testing.assert_close(norm.running_mean, 0.1 * (5 + sample(8, 4)).mean(0))


def test_no_normaliser_passes_what_it_gets():
    assert (REGISTRY["none"](4)(sample(8, 4)) == sample(8, 4)).all()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_sites_follow_one_another(activation):
    sites = Dense(5, 6, REGISTRY["batch"], activation)(sample(10, 5))
    torch.testing.assert_close(sites.a, ACTIVATIONS[activation]()(sites.y))
    torch.testing.assert_close(sites.x.mean(0), torch.zeros(6), atol=1e-6, rtol=0)


@pytest.mark.parametrize("norm", NORMS)
def test_networks_return_logits_and_the_sites_of_each_hidden_layer(norm):
    model, arm = cell(norm, depth=2, width=8).model, NORMS[norm]
    logits, sites = networks.build(model, arm, (5,), 3)(sample(10, 5))
    assert logits.shape == (10, 3) and [site.a.shape for site in sites] == [(10, 8), (10, 8)]


LINEAR = Model("linear", "linear", 1, 5, "identity", "squared")


def test_a_linear_network_is_a_matrix_times_its_normalised_inputs():
    network, inputs = networks.build(LINEAR, NORMS["batch"], (5,), 3), 2 + sample(10, 5)
    layer = network.hidden[0]
    with torch.no_grad():
        layer.affine.gamma.copy_(sample(5))
        layer.affine.beta.copy_(sample(5) + 1)
        outputs, (sites,) = network(inputs)
        x = (inputs - inputs.mean(0)) / (inputs.var(0, correction=0) + 1e-5).sqrt()
        torch.testing.assert_close(outputs, (layer.affine.gamma * x + layer.affine.beta) @ layer.linear.weight.T)
        torch.testing.assert_close(sites.x, x)
    assert (sites.u == inputs).all() and (sites.a == sites.y).all()


@pytest.mark.parametrize("norm", NORMS)
def test_a_linear_network_takes_every_normaliser_and_starts_like_the_others(norm):
    network = networks.build(LINEAR, NORMS[norm], (5,), 3)
    drawn = initial.draw(network, "identity", 0, 0)
    assert ("hidden.0.affine.gamma" in drawn) == REGISTRY[NORMS[norm].kind].affine_follows
    assert drawn["hidden.0.linear.weight"].shape == (3, 5) and network(sample(10, 5))[0].shape == (10, 3)


@pytest.mark.parametrize("change", [{"depth": 2}, {"width": 6}, {"activation": "relu"}])
def test_a_linear_network_of_another_shape_is_refused(change):
    with pytest.raises(ValueError, match="depth=1, width=5"):
        networks.build(replace(LINEAR, **change), NORMS["batch"], (5,), 3)


@pytest.mark.parametrize(("activation", "variance"), [("relu", 2 / 64), ("sigmoid", 2 / 164), ("tanh", 2 / 164)])
def test_weights_start_with_the_variance_of_he_or_glorot(activation, variance):
    model = cell(activation=activation, width=100).model
    drawn = initial.draw(networks.build(model, NORMS["none"], (64,), 10), activation, 0, 0)
    assert drawn["hidden.0.linear.weight"].var().item() == pytest.approx(variance, rel=0.05)
    assert not drawn["hidden.0.linear.bias"].any()


def test_every_arm_of_a_seed_starts_from_the_same_weights_and_every_seed_from_others():
    def drawn(norm: str, seed: int) -> np.ndarray:
        network = networks.build(cell(norm).model, NORMS[norm], (5,), 3)
        return initial.draw(network, "relu", 0, seed)["hidden.1.linear.weight"].numpy()

    assert (drawn("none", 0) == drawn("batch", 0)).all()
    assert (drawn("none", 0) != drawn("none", 1)).all()


def growth(site: str, seed: int, norm: str = "batch", activation: str = "relu") -> float:
    """Factor per layer, towards the input, of the gradient's norm at a site: 30 layers of 100 units, a batch of 60."""
    model = cell(width=100, depth=30, activation=activation).model
    network = networks.build(model, NORMS[norm], (64,), 10).double()
    network.load_state_dict(initial.draw(network, activation, 0, seed), strict=False)
    inputs = torch.randn(60, 64, generator=torch.Generator().manual_seed(seed)).double()
    return gradient_growth.factor(gradient_growth.norms(network, inputs, torch.arange(60) % 10, site))


@pytest.mark.parametrize("site", ["u", "y", "a", "W"])
def test_gradients_grow_by_a_fifth_per_layer_of_batch_norm_and_relu(site):
    """Yang et al. 2019: sqrt(pi / (pi - 1)) = 1.21 per layer, at initialisation, wherever the gradient is read."""
    found = [growth(site, seed) for seed in range(6)]
    assert 1.15 < min(found) and max(found) < 1.27
    assert np.mean(found) == pytest.approx(np.sqrt(np.pi / (np.pi - 1)), rel=0.02)


@pytest.mark.parametrize(("norm", "activation"), [("none", "relu"), ("batch", "identity")])
def test_neither_relu_nor_batch_norm_alone_makes_gradients_grow(norm, activation):
    assert np.mean([growth("u", seed, norm, activation) for seed in range(6)]) == pytest.approx(1, abs=0.04)
