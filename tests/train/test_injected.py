"""Injected noise: its law, who shares it, when it is there (Santurkar et al. 2018, A.2.1)."""

import copy

import numpy as np
import pytest
import torch
from scipy import stats
from torch.func import functional_call

from normshift import networks, seeds
from normshift.networks.layer import Dense
from normshift.networks.normalisers import REGISTRY
from normshift.train import injected
from normshift.train.disturbance import Disturbance, buffers
from normshift.train.loop import train
from normshift.train.programs import PROGRAMS
from normshift.train.samples import Samples
from normshift.train.stacks import start
from tests.train.made_up import cell, shuffled

DATA = shuffled(range(3))
SCALE, OFFSET = 0, 1


def draws(purpose: str, count: int) -> np.ndarray:
    """Noise of many steps about laws that do not change: (step, 2, sample, unit)."""
    laws = np.zeros((1, 2, 5), np.float32)
    each = (injected.noise(seeds.generator(0, purpose, step), laws, 40) for step in range(count))
    return np.stack([one[0] for one in each])


def test_every_step_has_laws_of_its_own():
    found = np.stack([injected.laws(seeds.generator(0, "laws", step), 2, 50) for step in range(200)])
    scale, offset = found[:, :, SCALE].ravel(), found[:, :, OFFSET].ravel()
    assert stats.kstest(scale, stats.uniform(1, 0.25).cdf).pvalue > 0.01
    assert stats.kstest(offset, stats.uniform(-0.5, 1).cdf).pvalue > 0.01
    assert scale.min() >= 1 and np.abs(offset).max() <= 0.5
    assert abs(np.corrcoef(scale, offset)[0, 1]) < 0.02


def test_samples_are_drawn_about_the_laws_of_their_unit():
    found = draws("samples", 60)
    scale, offset = found[:, SCALE].ravel(), found[:, OFFSET].ravel()
    assert stats.kstest(scale, stats.norm(0, 0.1).cdf).pvalue > 0.01
    assert stats.kstest(offset, stats.uniform(-0.1, 0.2).cdf).pvalue > 0.01
    laws = np.arange(20, dtype=np.float32).reshape(2, 2, 5)
    moved = injected.noise(seeds.generator(0), laws, 7) - injected.noise(seeds.generator(0), 0 * laws, 7)
    assert moved == pytest.approx(np.broadcast_to(laws[:, :, None], moved.shape), abs=1e-5)


def test_samples_units_and_layers_are_drawn_apart():
    flat = (
        injected.noise(seeds.generator(0), np.zeros((2, 2, 30), np.float32), 400).transpose(2, 0, 1, 3).reshape(400, -1)
    )
    correlations = np.corrcoef(flat, rowvar=False)
    assert np.abs(correlations - np.eye(120)).max() < 0.25
    assert np.abs(np.corrcoef(flat) - np.eye(400)).max() < 0.6


def disturbance(cells) -> Disturbance:
    return Disturbance(cells, sorted({one.seed for one in cells}), None, torch.float32, "cpu")


def test_arms_of_a_seed_have_the_same_noise_whatever_their_company():
    noisy, without = (
        disturbance([cell("noisy", seed=seed) for seed in (0, 1)]),
        disturbance([cell("none_noisy", seed=1)]),
    )
    assert (noisy.of_batches([3, 4]).noise[1] == without.of_batches([3, 4]).noise[0]).all()
    assert (noisy.of_set("probe", 9, 3).noise[1] == without.of_set("probe", 9, 3).noise[0]).all()
    own = buffers(noisy.of_batches([4]))
    assert (own["hidden.2.noise.offset"][1] == noisy.of_batches([3, 4]).noise[1, 1, 2, OFFSET]).all()
    one = noisy.of_batches([3, 4]).noise
    assert (one[0] != one[1]).all() and (one[:, 0] != one[:, 1]).all()


def test_the_batch_and_the_sets_of_a_step_share_its_laws_and_nothing_else():
    every = disturbance([cell("noisy", width=200)])
    batch, probe, second = (
        every.of_batches([5]).noise,
        *(every.of_set(name, 300, 5).noise for name in ("probe", "second")),
    )
    other = every.of_set("probe", 300, 6).noise
    for one, two in ((probe[:, :, :, :, :16], batch), (probe, second)):
        assert (one == two).double().mean() < 1e-3

    def means(noise):
        return noise[0, 0, :, OFFSET].mean(1).flatten()

    # mu_j ~ U(-.5, .5) differs by .33 on average; means over 300 samples of U(-.1, .1) by .004
    assert (means(probe) - means(second)).abs().mean() < 0.01 < 0.2 < (means(probe) - means(other)).abs().mean()


def test_noise_comes_after_gamma_and_beta_and_before_the_nonlinearity_in_training_only():
    layer, u = Dense(4, 3, REGISTRY["noisy"], "relu"), torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        layer.affine.gamma.copy_(torch.tensor([2.0, -1.0, 0.5]))
        layer.affine.beta.copy_(torch.tensor([0.1, 0.2, 0.3]))
    plain = copy.deepcopy(layer)
    draw = np.random.default_rng(0)
    scale, offset = draw.normal(1, 1, (6, 3)), draw.normal(0, 1, (6, 3))
    layer.noise.scale, layer.noise.offset = torch.from_numpy(scale), torch.from_numpy(offset)
    sites, before = layer(u), plain(u)
    expected = [[scale[i, j] * before.y[i, j].item() + offset[i, j] for j in range(3)] for i in range(6)]
    assert sites.y.detach().numpy() == pytest.approx(np.array(expected), rel=1e-6)
    assert (sites.x == before.x).all() and (sites.a == sites.y.clamp_min(0)).all()
    assert (layer.eval()(u).y == plain.eval()(u).y).all()


def test_without_anyone_to_give_noise_there_is_none():
    for noisy, plain in (("noisy", "batch"), ("none_noisy", "none")):
        built = [networks.build(cell(arm).model, cell(arm).norm, (12,), 4) for arm in (noisy, plain)]
        built[0].load_state_dict(built[1].state_dict(), strict=False)
        inputs = torch.randn(8, 12, generator=torch.Generator().manual_seed(0))
        assert (built[0](inputs)[0] == built[1](inputs)[0]).all()


@pytest.mark.parametrize("program", PROGRAMS)
def test_evaluation_and_exact_statistics_are_without_noise(program):
    for noisy, plain in (("noisy", "batch"), ("none_noisy", "none")):
        (record,), parameters = train([cell(noisy, seed=1)], DATA, program=program, dtype=torch.float64)
        network = networks.build(cell(plain).model, cell(plain).norm, (12,), 4).double()
        network.load_state_dict({name: value[0] for name, value in parameters.items()}, strict=False)
        samples = Samples(DATA, [cell(plain, seed=1)], torch.float64, "cpu")
        test = samples.fixed("test")
        with torch.no_grad():
            _, sites = network(samples.fixed("train").inputs[0])
            for layer, site in zip(network.hidden, sites, strict=True):
                layer.normaliser.running_mean, layer.normaliser.running_var = (
                    site.u.mean(0),
                    site.u.var(0, correction=0),
                )
            loss = torch.nn.functional.cross_entropy(network.eval()(test.inputs[0])[0], test.labels[0]).item()
        assert record["test_loss"][2] == pytest.approx(loss, rel=1e-5)
        assert record["test_loss"][0] != pytest.approx(loss, rel=1e-3)
        if plain == "none":
            assert record["test_loss"][1] == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize("norm", ["noisy", "none_noisy", "yoked"])
def test_the_state_after_an_update_reads_what_the_next_update_reads(norm):
    (record,), _ = train([cell(norm)], DATA)
    assert record["points"][:2].tolist() == [0, 1]
    assert (record["moments"][0, 1] == record["moments"][1, 0]).all()
    assert (record["y_quantiles_after"][0] == record["y_quantiles"][1]).all()
    assert (record["moments"][0, 0] != record["moments"][0, 1]).all()


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("norm", ["noisy", "none_noisy"])
def test_a_fixed_set_has_the_noise_of_the_update_that_comes_next(norm, program):
    one = cell(norm, seed=1)
    samples = Samples(DATA, [one], torch.float64, "cpu")
    network, parameters, state = start([one], (12,), 4, torch.float64, "cpu")
    made = PROGRAMS[program](network, [one], parameters, state, samples, None)
    probe, kept = samples.fixed("probe"), torch.zeros(3, 1, dtype=torch.int64)
    for begin, end in ((0, 3), (3, 4)):
        made.advance(begin, end)
        given = buffers(samples.disturbance.of_set("probe", probe.inputs.shape[1], end))
        own = {name: value[0] for name, value in (made.parameters | given).items()}
        with torch.no_grad():
            _, sites = functional_call(copy.deepcopy(network), own, (probe.inputs[0],))
        expected = torch.stack([site.y.mean(0) for site in sites])
        torch.testing.assert_close(made.see(probe, kept).moments[0, :, 2, 0], expected)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_shift_contains_the_injected_instability(program):
    for noisy, plain in (("noisy", "batch"), ("none_noisy", "none")):
        (shaken,), _ = train([cell(noisy, lr=1e-30)], DATA, program=program)
        (still,), _ = train([cell(plain, lr=1e-30)], DATA, program=program)
        assert not still["shift"][:, 0].any()
        # |mu - mu'| of two uniform laws has a median of 1 - sqrt(1/2) = .29
        assert 0.15 < np.median(shaken["shift"][:, 0, :, 2, 2]) < 0.45


def test_a_batch_brings_its_own_noise_whenever_it_is_shown():
    """Corners: the batch of step t after the update of t is the one that was trained on, noise included."""
    (record,), _ = train([cell("noisy", lr=1e-30)], DATA)
    corners = record["corners"]
    assert (corners[:, 0] == corners[:, 1]).all() and (corners[:, :, 0] != corners[:, :, 1]).any()


def test_noise_once_forgotten_is_drawn_again_as_it_was():
    every = disturbance([cell("noisy")])
    first = every.of_batches([2]).noise
    every.forget(3)
    assert (every.of_batches([2]).noise == first).all()


def test_programs_hand_the_networks_the_noise_of_the_step():
    """Two updates by hand, sample by sample, with the noise that a stack is given."""
    one = cell("none_noisy", depth=1, width=3, steps=2)
    samples = Samples(DATA, [one], torch.float64, "cpu")
    _, drawn, _ = start([one], (12,), 4, torch.float64, "cpu")
    theta = {name: value[0].clone().requires_grad_() for name, value in drawn.items()}
    for step in range(2):
        (inputs,), (labels,) = samples.batch(step)
        scale, offset = samples.disturbance.of_batches([step]).noise[0, 0, 0]
        u = inputs @ theta["hidden.0.linear.weight"].T + theta["hidden.0.linear.bias"]
        a = (scale * u + offset).clamp_min(0)
        logits = a @ theta["output.weight"].T + theta["output.bias"]
        slopes = torch.autograd.grad(torch.nn.functional.cross_entropy(logits, labels), list(theta.values()))
        theta = {
            name: (value - one.lr * slope).detach().requires_grad_()
            for (name, value), slope in zip(theta.items(), slopes, strict=True)
        }
    for program in PROGRAMS:
        _, ended = train([one], DATA, program=program, dtype=torch.float64, observing=False)
        for name, value in theta.items():
            torch.testing.assert_close(ended[name][0], value.detach())
