"""What is seen of cells watched in detail: brute force on tiny networks, written out by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from normshift import networks
from normshift.observe.example_noise import PARTITIONS, example_noise, partitions
from normshift.observe.plan import plan
from normshift.params import Model
from normshift.records import CELL, WHOLE
from normshift.train import arms
from normshift.train.detail import BATCHES, LANCZOS, eighths
from normshift.train.loop import train
from normshift.train.programs import PROGRAMS
from normshift.train.samples import Samples
from normshift.train.stacks import start
from tests.train.by_hand import (
    DATA,
    Path,
    State,
    close,
    forward,
    full_points,
    gradient,
    learns,
    loss,
    noise_of_examples,
    seen,
    trained,
)
from tests.train.made_up import ARMS, NORMS, cell

KINDS = [("batch", "relu"), ("frozen", "tanh"), ("none", "sigmoid"), ("layer", "relu")]
OF_TESTED = {"test_trace", "test_band"}
OF_DETAIL = {name for name, (_, meaning) in CELL.items() if meaning.endswith("!")} - OF_TESTED


@pytest.fixture(scope="module", params=KINDS, ids="-".join)
def watched(request):
    """Few enough parameters that Lanczos exhausts them all: 23 with gamma and beta, 21 without."""
    norm, activation = request.param
    return seen(cell(norm, activation, depth=1, width=1, lr=0.3, regime="fresh", seed=1, watch="detail"))


@pytest.fixture(scope="module", params=["batch", "none", "layer"])
def larger(request):
    """As many parameters as give every layer something of its own."""
    return seen(cell(request.param, "tanh", depth=3, width=4, lr=0.3, regime="fresh", seed=2, watch="detail"))


def hessian(path: Path, theta: State, batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradient and whole Hessian with respect to what the arm learns."""
    names = [name for name in theta if learns(path.cell, name)]
    vector = torch.cat([theta[name].flatten() for name in names])

    def of(at: torch.Tensor) -> torch.Tensor:
        pieces = at.split([theta[name].numel() for name in names])
        moved = {name: piece.view(theta[name].shape) for name, piece in zip(names, pieces, strict=True)}
        return loss(path.cell, {**theta, **moved}, *batch)

    return torch.autograd.functional.jacobian(of, vector), torch.autograd.functional.hessian(of, vector)


def following(path: Path, step: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The ten batches after a step's."""
    return [path.batch(step + 1 + number) for number in range(10)]


def test_sharpness_is_the_largest_eigenvalue_of_the_hessian_on_the_subset(watched):
    record, path = watched
    for place, step in full_points(record):
        _, whole = hessian(path, path.states[step], path.held("subset"))
        assert len(whole) <= LANCZOS
        close(record["sharpness"][place], torch.linalg.eigvalsh(whole)[-1])


def test_sharpness_of_more_parameters_than_steps_comes_from_below(larger):
    record, path = larger
    for place, step in full_points(record):
        _, whole = hessian(path, path.states[step], path.held("subset"))
        assert len(whole) > 2 * LANCZOS
        largest = torch.linalg.eigvalsh(whole)[-1].item()
        assert 0.999 * largest < record["sharpness"][place] <= largest * (1 + 1e-6)


def test_batch_sharpness_is_the_mean_curvature_along_the_gradients_of_the_next_ten_batches(watched):
    record, path = watched
    for place, step in full_points(record):
        pairs = [hessian(path, path.states[step], batch) for batch in following(path, step)]
        close(record["batch_sharpness"][place], sum(g @ h @ g / (g @ g) for g, h in pairs) / len(pairs))


def test_the_next_ten_batches_go_on_with_the_first_where_the_run_ends():
    record, path = seen(cell("batch", depth=1, width=1, lr=0.3, seed=1, steps=5, watch="detail"))
    pairs = [hessian(path, path.states[0], path.batch(place)) for place in (1, 2, 3, 4, 0)]
    close(record["batch_sharpness"], [sum(g @ h @ g / (g @ g) for g, h in pairs) / 5])


def test_entries_that_stay_have_no_curvature():
    one = cell("batch", depth=1, width=1, lr=0.3, seed=1, steps=5, watch="detail")
    path = trained(replace(one, steps=1))
    still = replace(one, norm=replace(ARMS["weights_frozen_at_10"], frozen_from=0.0))
    (record,), _ = train([still], DATA, dtype=torch.float64)
    _, whole = hessian(path, path.states[0], path.held("subset"))
    places = arms.held(still, networks.build(one.model, one.norm, (12,), 4))["hidden.0.linear.weight"]
    moving = np.setdiff1d(np.arange(len(whole)), places)  # the first layer's weight comes first in the vector
    assert len(places) == 2 and list(path.states[0])[0] == "hidden.0.linear.weight"
    largest = torch.linalg.eigvalsh(whole[moving][:, moving])[-1]
    close(record["sharpness"][0], largest)
    assert largest < 0.999 * torch.linalg.eigvalsh(whole)[-1]


def test_the_curvature_is_that_of_the_loss_a_model_is_trained_by():
    """A linear network of normalised inputs with squared loss, to which one-hot labels are what it should say."""
    one = replace(
        cell("batch", steps=5, lr=0.01, watch="detail"), model=Model("linear", "linear", 1, 12, "identity", "squared")
    )
    (record,), _ = train([one], DATA, dtype=torch.float64)
    samples = Samples(DATA, [one], torch.float64, "cpu")
    _, parameters, _ = start([one], (12,), 4, torch.float64, "cpu")
    theta = {name: value[0] for name, value in parameters.items()}
    fixed = samples.fixed("subset")
    u, labels = fixed.inputs[0], fixed.labels[0]
    x = (u - u.mean(0)) / (u.var(0, correction=0) + 1e-5).sqrt()

    def squared(vector: torch.Tensor) -> torch.Tensor:
        gamma, beta, weight = (
            piece.view(theta[name].shape)
            for name, piece in zip(theta, vector.split([value.numel() for value in theta.values()]), strict=True)
        )
        return ((x * gamma + beta) @ weight.T - torch.eye(4).double()[labels]).square().sum(1).mean()

    assert list(theta) == ["hidden.0.affine.gamma", "hidden.0.affine.beta", "hidden.0.linear.weight"]
    whole = torch.autograd.functional.hessian(squared, torch.cat([value.flatten() for value in theta.values()]))
    largest = torch.linalg.eigvalsh(whole)[-1].item()
    assert 0.999 * largest < record["sharpness"][0] <= largest * (1 + 1e-6)


def test_what_an_arm_does_not_learn_has_no_curvature_of_its_own():
    for norm, count in (("batch", 23), ("gamma", 22), ("frozen", 21)):
        _, path = seen(cell(norm, depth=1, width=1, steps=5, watch="detail"))
        assert len(hessian(path, path.states[0], path.held("subset"))[0]) == count
    found = {norm: train([cell(norm, lr=1.0, watch="detail")], DATA)[0][0]["sharpness"] for norm in ("batch", "frozen")}
    assert found["frozen"][0] < 0.99 * found["batch"][0]


def test_gradient_noise_is_that_of_the_next_ten_batches(larger):
    record, path = larger
    for place, step in full_points(record):
        each = [gradient(path.cell, path.states[step], *batch) for batch in following(path, step)]
        for number, kind in enumerate(("affine.gamma", "affine.beta", "linear.weight")):
            for layer in range(3):
                name = f"hidden.{layer}.{kind}"
                if name not in each[0]:
                    assert np.isnan(record["gradient_noise"][place, number, layer]).all()
                    continue
                slopes = torch.stack([one[name].flatten() for one in each])
                deviations = ((slopes - slopes.mean(0)) ** 2).sum(1)
                close(record["gradient_noise"][place, number, layer], [(slopes.mean(0) ** 2).sum(), deviations.mean()])


def test_noise_of_examples_is_their_spread_over_the_batches_they_may_be_in(larger):
    record, path = larger
    inputs, _ = path.held("probe")
    batches = partitions(0, len(inputs), path.cell.batch_size)
    assert len(batches) == 2 * PARTITIONS
    for place, step in full_points(record):
        for layer in range(3):
            kept = record["kept"][layer]
            sites = [forward(path.cell, path.states[step], inputs[places])[1][layer] for places in batches]
            expected = noise_of_examples([site.y[:, kept].numpy() for site in sites], batches)
            close(record["example_noise"][place, layer], expected, atol=1e-12)
            assert (expected > 0.01) == (path.cell.norm.kind == "batch")


@pytest.mark.parametrize("norm", ["none", "layer", "free_full", "none_noisy", "noisy", "steady_detached"])
def test_an_example_is_the_same_in_every_batch_where_no_statistics_of_it_are_used(norm):
    (record,), _ = train([cell(norm, width=37, lr=0.1, seed=1, watch="detail")], DATA)
    found = record["example_noise"]
    assert (found > 0.01).all() if norm in ("noisy", "steady_detached") else (found == 0).all()


@pytest.mark.parametrize(("norm", "low", "high"), [("none", 0, 1e-14), ("layer", 0, 1e-14), ("batch", 0.05, 1)])
def test_the_zero_is_what_is_seen_but_for_rounding(norm, low, high):
    one = cell(norm, width=37)
    samples = Samples(DATA, [one], torch.float64, "cpu")
    network, parameters, buffers = start([one], (12,), 4, torch.float64, "cpu")
    running = PROGRAMS["compiled"](network, [one], parameters, buffers, samples, None)
    places = partitions(0, 40, 16)
    y = running.see_parts(samples.fixed("probe"), torch.from_numpy(places), torch.arange(37).repeat(3, 1))
    found = example_noise(y, places)
    assert low <= found.min() and found.max() < high


def test_whole_layers_are_kept_in_half_precision_of_the_first_samples_of_the_probe():
    wide = replace(DATA, splits={**DATA.splits, "probe_1": np.arange(150, dtype=np.int32)})
    record, path = seen(cell("batch", width=11, seed=1, regime="fresh", watch="detail"), wide)
    assert record["activations"].shape == (7, WHOLE, 11) and record["activations"].dtype == np.float16
    inputs, _ = path.held("probe")
    assert len(inputs) == 150
    for place, step in enumerate((0, 2, 9, 10, 12, 19, 29)):
        y = forward(path.cell, path.states[step], inputs)[1][-1].y
        close(record["activations"][place].astype(float), y[:WHOLE], rtol=2**-10, atol=1e-6)


@given(st.integers(1, 2000), st.integers(1, 200))
@settings(deadline=None)
def test_at_most_eight_layers_are_kept_at_full_points_and_an_epoch_later(steps, epoch):
    made = plan(steps, epoch)
    found = eighths(made)
    assert len(found) <= 8 and set(made.full) <= set(found) <= set(made.points)
    assert sorted(set(found)) == list(found)
    assert all(step in made.full or step - epoch in made.full for step in found)


def test_a_smaller_probe_keeps_what_it_has(larger):
    record, _ = larger
    assert record["activations"].shape[1:] == (40, 4)


@pytest.mark.parametrize("norm", NORMS)
def test_a_cell_watched_in_detail_trains_to_the_same_bits(norm):
    cells = [cell(norm, lr=lr, regime="fresh", seed=1) for lr in (0.1, 1.0)]
    (plain, ended), (detailed, watched) = train(cells, DATA), train([replace(c, watch="detail") for c in cells], DATA)
    assert all((ended[name] == watched[name]).all() for name in ended)
    for one, two in zip(plain, detailed, strict=True):
        assert two.keys() - one.keys() == OF_DETAIL
        assert all(np.array_equal(one[name], two[name], equal_nan=True) for name in one)
        assert all(np.isfinite(two[name]).any() for name in OF_DETAIL)


def test_there_are_as_many_batches_as_the_schema_says():
    assert f"gradients of {BATCHES} batches" in CELL["gradient_noise"][1]
