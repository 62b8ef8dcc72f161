"""Convolutional networks in the loop: against PyTorch's own modules, and what is seen against plain formulas."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from normshift import networks
from normshift.networks import initial
from normshift.observe.forward import forward
from normshift.params import Norm
from normshift.train.loop import train
from normshift.train.samples import Samples
from normshift.train.units import kept_units
from tests.train.pictures import MODELS, SHAPE, cell, shuffled

DATA = shuffled()
PAIRS = [("lenet", "batch"), ("lenet", "none"), ("lenet", "noisy"), ("vgg_small", "batch"), ("resnet_small", "batch")]


class Oracle(nn.Module):
    """The LeNet of Dive into Deep Learning with PyTorch's own batch norm."""

    def __init__(self, classes: int):
        super().__init__()
        self.stack = nn.Sequential(
            nn.Conv2d(1, 6, 5), nn.BatchNorm2d(6), nn.Sigmoid(), nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5), nn.BatchNorm2d(16), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten(),
            nn.Linear(16, 120), nn.BatchNorm1d(120), nn.Sigmoid(),
            nn.Linear(120, 84), nn.BatchNorm1d(84), nn.Sigmoid(), nn.Linear(84, classes),
        )  # fmt: skip

    def forward(self, inputs):
        return self.stack(inputs.reshape(-1, *SHAPE))

    @property
    def pairs(self) -> list[tuple[nn.Module, nn.Module | None]]:
        """Each linear map and the batch norm that follows it; the last has none."""
        linear = [one for one in self.stack if hasattr(one, "weight") and not hasattr(one, "running_mean")]
        return list(zip(linear, [one for one in self.stack if hasattr(one, "running_mean")] + [None], strict=True))


def test_lenet_trains_as_pytorchs_own_modules_do():
    one = cell("lenet", lr=0.5, steps=20)
    _, found = train([one], DATA, dtype=torch.float64, observing=False)
    oracle = Oracle(DATA.classes).double()
    network = networks.build(one.model, one.norm, SHAPE, DATA.classes)
    drawn = initial.draw(network, one.model.activation, one.root, one.seed)
    names = [f"hidden.{number}" for number in range(4)]
    with torch.no_grad():
        for (linear, _), name in zip(oracle.pairs, [*(f"{name}.linear" for name in names), "output"], strict=True):
            linear.weight.copy_(drawn[f"{name}.weight"])
            linear.bias.zero_()
    optimizer, samples = torch.optim.SGD(oracle.parameters(), lr=0.5), Samples(DATA, [one], torch.float64, "cpu")
    for step in range(20):
        inputs, labels = samples.batch(step)
        optimizer.zero_grad()
        nn.functional.cross_entropy(oracle(inputs[0]), labels[0]).backward()
        optimizer.step()
    for (linear, norm), name in zip(oracle.pairs, [*names, "output"], strict=True):
        at = f"{name}.linear" if norm else name
        torch.testing.assert_close(found[f"{at}.weight"][0], linear.weight.data, rtol=1e-8, atol=1e-10)
        if norm:
            torch.testing.assert_close(found[f"{name}.affine.gamma"][0], norm.weight.data, rtol=1e-8, atol=1e-10)
            torch.testing.assert_close(found[f"{name}.affine.beta"][0], norm.bias.data, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(("model", "norm"), PAIRS)
def test_every_array_is_there_and_nothing_is_missing_that_was_seen(model, norm):
    (record,), _ = train([cell(model, norm, lr=0.05)], DATA)
    layers, kept = MODELS[model].depth, min(8, *networks.widths(MODELS[model], SHAPE))
    assert record["kept"].shape == (layers, kept) and record["moments"].shape[1:] == (2, layers, kept, 2)
    for name in ("moments", "noise", "subset_loss", "test_accuracy", "corners", "gram"):
        assert np.isfinite(record[name]).any(), name
    assert np.isfinite(record["shift"][:, 0]).all() and np.isfinite(record["noise"]).all()
    if norm == "batch":
        assert record["identity"].max() < 1e-4 and np.isfinite(record["tid"]).all()


@pytest.mark.parametrize("model", MODELS)
def test_a_units_moments_are_those_of_all_its_positions(model):
    one = cell(model, steps=4)
    (record,), _ = train([one], DATA)
    network = networks.build(one.model, one.norm, SHAPE, DATA.classes)
    drawn = initial.draw(network, one.model.activation, one.root, one.seed)
    inputs = Samples(DATA, [one], torch.float32, "cpu").fixed("probe").inputs[0]
    _, sites = forward(network, drawn, dict(network.named_buffers()), inputs)
    for layer, units in enumerate(kept_units(one.root, networks.widths(one.model, SHAPE))):
        u = sites[layer].u[:, units]
        assert len(u) == len(inputs) * networks.sizes(one.model, SHAPE)[layer].positions
        found = record["moments"][0, 0, layer]
        np.testing.assert_allclose(found[:, 0], u.mean(0), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(found[:, 1], u.std(0, correction=0), rtol=1e-4)


def test_exact_statistics_are_those_of_the_whole_training_set_layer_by_layer():
    """The oracle sees the set as one batch, which gives every layer the inputs it has under exact statistics."""
    one = cell("lenet", steps=4)
    (record,), parameters = train([one], DATA, dtype=torch.float64)
    network = networks.build(one.model, one.norm, SHAPE, DATA.classes).double()
    own = {name: value[0] for name, value in parameters.items()}
    inputs = Samples(DATA, [one], torch.float64, "cpu").fixed("train").inputs[0]
    _, sites = forward(network, own, dict(network.named_buffers()), inputs)
    exact = dict(network.named_buffers())
    for number, layer in enumerate(sites):
        exact[f"hidden.{number}.normaliser.running_mean"] = layer.u.mean(0)
        exact[f"hidden.{number}.normaliser.running_var"] = layer.u.var(0, correction=0)
    test = Samples(DATA, [one], torch.float64, "cpu").fixed("test")
    logits, _ = forward(network.eval(), own, exact, test.inputs[0])
    loss = nn.functional.cross_entropy(logits, test.labels[0])
    assert record["test_loss"][2] == pytest.approx(loss.item(), rel=1e-6)


def test_noise_disturbs_all_positions_of_a_sample_alike():
    network = networks.build(MODELS["lenet"], cell("lenet", "noisy").norm, SHAPE, DATA.classes)
    layer, scale = network.hidden[0].noise, 1 + torch.rand(3, 120)
    layer.scale, layer.offset = scale, torch.zeros(3, 120)
    found = layer(torch.ones(3 * 7, 6)).reshape(3, 7, 6)
    torch.testing.assert_close(found, scale[:, None, :6].expand(3, 7, 6))


def test_a_network_that_does_not_fit_its_images_is_refused():
    with pytest.raises(ValueError, match="model=lenet: needs images of at least 16 by 16; a sample is 64"):
        networks.build(MODELS["lenet"], cell("lenet").norm, (64,), 10)
    with pytest.raises(ValueError, match="a sample is 1x8x8"):
        networks.build(MODELS["lenet"], cell("lenet").norm, (1, 8, 8), 10)


def test_a_tested_cell_shows_the_test_set_while_it_trains():
    one = cell("lenet", steps=12, watch="tested")
    (record,), _ = train([one], DATA)
    (plain,), _ = train([replace(one, watch="plain")], DATA)
    assert "test_trace" not in plain and all((record[name] == plain[name]).all() for name in ("training_loss", "gram"))
    network = networks.build(one.model, one.norm, SHAPE, DATA.classes)
    drawn = initial.draw(network, one.model.activation, one.root, one.seed)
    test = Samples(DATA, [one], torch.float32, "cpu").fixed("test")
    logits, sites = forward(network, drawn, dict(network.named_buffers()), test.inputs[0])
    accuracy = (logits.argmax(-1) == test.labels[0]).float().mean()
    assert record["test_trace"].shape == (12, 2) and record["test_trace"][0, 0] == pytest.approx(accuracy.item())
    y = sites[-1].y.sort(dim=0).values
    places = [int(level * len(y)) for level in (0.15, 0.5, 0.85)]
    np.testing.assert_allclose(record["test_band"][0], y[places].T, rtol=1e-4, atol=1e-5)


def test_weights_start_with_the_standard_deviation_that_a_model_names():
    one = cell("lenet")
    network = networks.build(one.model, one.norm, SHAPE, DATA.classes)
    plain, narrow = (initial.draw(network, "sigmoid", 0, 0, sd) for sd in (None, 0.1))
    for name in (name for name in plain if name.endswith("weight")):
        assert narrow[name].std() == pytest.approx(0.1, rel=0.2)
        ratio = plain[name] / narrow[name]
        torch.testing.assert_close(ratio, torch.full_like(ratio, ratio.flatten()[0].item()), rtol=1e-5, atol=0)


@pytest.mark.parametrize("kind", ["group", "rms", "layer", "batch_renorm", "weight_standardised"])
def test_mapped_networks_with_any_normaliser_train_as_single_ones(kind):
    one = cell("lenet", steps=3)
    norm = Norm(kind, kind, True, True)
    cells = [replace(one, norm=norm, seed=seed, model=replace(one.model, activation="tanh")) for seed in (0, 1)]
    pair = (train(cells, DATA, program, dtype=torch.float64, observing=False)[1] for program in ("mapped", "serial"))
    mapped, serial = pair
    for name, value in serial.items():
        torch.testing.assert_close(mapped[name], value, rtol=1e-9, atol=1e-11)
