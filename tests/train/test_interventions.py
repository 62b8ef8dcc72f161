"""What parts of an update, and longer steps along its gradient, do: brute force by plain autograd, by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from normshift import networks
from normshift.records import LENGTHS
from normshift.train import arms
from normshift.train.loop import train
from tests.train.by_hand import (
    DATA,
    Path,
    State,
    close,
    forward,
    full_points,
    gradient,
    learns,
    length,
    loss,
    seen,
    trained,
)
from tests.train.made_up import ARMS, cell

KINDS = [("batch", "relu"), ("frozen", "relu"), ("gamma", "tanh"), ("none", "sigmoid"), ("layer", "relu")]
U, Y = 0, 2


@pytest.fixture(scope="module", params=KINDS, ids="-".join)
def watched(request):
    norm, activation = request.param
    return seen(cell(norm, activation, width=5, lr=0.3, regime="fresh", seed=1))


def mixed(before: State, after: State, chosen) -> State:
    """Parameters after the update where ``chosen(layer, kind)``, before it elsewhere; the output is layer 99."""
    made = {}
    for name, value in before.items():
        layer = int(name.split(".")[1]) if name.startswith("hidden") else 99
        made[name] = after[name] if chosen(layer, name.split(".")[-2]) else value
    return made


def definition(path: Path, step: int, layer: int, own_affine: bool) -> list[float]:
    """Definition 2.1 as it is printed: |G|, |G'|, |G' - G|, <G, G'>, |dtheta|, |theta|."""
    before, after = path.states[step], path.states[step + 1]
    theta = mixed(before, after, lambda at, kind: at < layer or (own_affine and at == layer and kind == "affine"))
    weight = f"hidden.{layer}.linear.weight"
    one, two = (gradient(path.cell, state, *path.batch(step))[weight] for state in (before, theta))
    moved = [name for name in before if theta[name] is after[name] and name.endswith("linear.weight")]
    lengths = [length([part]) for part in (one, two, two - one)]
    return [*lengths, (one * two).sum(), length(theta[n] - before[n] for n in moved), length(before[n] for n in moved)]


@pytest.mark.parametrize("reading", [0, 1])
def test_gradient_shift_is_definition_2_1(watched, reading):
    record, path = watched
    affine = path.cell.norm.kind != "none"
    for place, step in full_points(record):
        for layer in (1, 2):
            expected = definition(path, step, layer, own_affine=bool(reading) and affine)
            close(record["gradient_shift"][place, reading, layer], expected)


def test_the_readings_differ_by_what_a_layers_own_gamma_and_beta_do(watched):
    record, path = watched
    without, including = record["gradient_shift"][:, :, 1:].swapaxes(0, 1)
    if path.cell.norm.name in ("none", "frozen"):
        assert (without == including).all()
    else:
        assert (without[..., 1:4] != including[..., 1:4]).all()
        assert (without[..., [0, 4, 5]] == including[..., [0, 4, 5]]).all()


def test_nothing_precedes_the_first_layer(watched):
    record, _ = watched
    assert np.isnan(record["gradient_shift"][:, :, 0]).all()
    assert np.isnan(record["attribution"][:, 0, :, 1:]).all() and np.isfinite(record["attribution"][:, 0, :, 0]).all()


def test_landscape_is_loss_and_change_of_gradient_along_the_gradient(watched):
    record, path = watched
    one = path.cell
    for place, step in full_points(record):
        theta, batch = path.states[step], path.batch(step)
        slope = {name: value * learns(one, name) for name, value in gradient(one, theta, *batch).items()}
        close(record["gradient_norm"][place], length(slope.values()))
        close(record["rate"][place], one.lr)
        for number, factor in enumerate(LENGTHS):
            there = {name: theta[name] - factor * one.lr * slope[name] for name in theta}
            later = gradient(one, there, *batch)
            changed = length((later[name] - slope[name]) * learns(one, name) for name in theta)
            close(record["landscape"][place, number], [loss(one, there, *batch), changed])


def test_what_an_arm_does_not_learn_does_not_move_along_the_gradient():
    record, path = seen(cell("frozen", width=5, lr=1.0))
    theta, batch = path.states[9], path.batch(9)
    slope = gradient(path.cell, theta, *batch)
    moved = {name: theta[name] - 4.0 * slope[name] for name in theta}
    assert abs(record["landscape"][2, -1, 0] - loss(path.cell, moved, *batch).item()) > 1e-2
    assert record["gradient_norm"][2] < 0.999 * length(slope.values()).item()


def test_entries_that_stay_do_not_move_along_the_gradient_nor_count_in_its_norm():
    """From the first step on as many entries of each weight stay as its layer has gammas and betas."""
    arm = replace(ARMS["weights_frozen_at_10"], frozen_from=0.0)
    one = replace(cell(width=5, lr=0.5, seed=1), norm=arm)
    (record,), _ = train([one], DATA, dtype=torch.float64)
    path = trained(cell(width=5, lr=0.5, seed=1, steps=1))
    theta, batch = path.states[0], path.batch(0)
    places = arms.held(one, networks.build(one.model, one.norm, (12,), 4))

    def moving(slopes: State) -> State:
        made = {name: value.clone() for name, value in slopes.items()}
        for name, own in places.items():
            assert len(own) == 10
            made[name].view(-1)[own] = 0
        return made

    slope = moving(gradient(path.cell, theta, *batch))
    close(record["gradient_norm"][0], length(slope.values()))
    for number, factor in enumerate(LENGTHS):
        there = {name: theta[name] - factor * one.lr * slope[name] for name in theta}
        later = moving(gradient(path.cell, there, *batch))
        changed = length(later[name] - slope[name] for name in theta)
        close(record["landscape"][0, number], [loss(path.cell, there, *batch), changed])


def test_the_step_of_one_rate_along_the_gradient_is_the_update(watched):
    record, path = watched
    for place, step in full_points(record):
        close(
            record["landscape"][place, LENGTHS.index(1.0), 0], loss(path.cell, path.states[step + 1], *path.batch(step))
        )


def test_lengths_span_the_papers_range_and_reach_far_below_it():
    assert {0.5, 1.0, 2.0, 4.0} <= set(LENGTHS) and max(LENGTHS) == 4.0
    assert sorted(LENGTHS) == list(LENGTHS) and LENGTHS[:2] == (0.5 / 16, 0.5 / 4)


def effects(path: Path, step: int, layer: int) -> torch.Tensor:
    """Changes of mean / sigma and of ln sd at u and y: (cause, site, part, unit); all, below, own, and the rest."""
    before, after = path.states[step], path.states[step + 1]
    inputs, _ = path.held("probe")

    def moments(theta):
        sites = forward(path.cell, theta, inputs)[1][layer]
        return torch.stack(
            [torch.stack([site.mean(0), site.var(0, correction=0) ** 0.5]) for site in (sites.u, sites.y)]
        )

    one, two = moments(before), moments(after)
    sigma = ((one[:, 1] ** 2 + two[:, 1] ** 2) / 2) ** 0.5
    changes = []
    for chosen in (lambda *_: True, lambda at, _: at < layer, lambda at, _: at == layer):
        moved = moments(mixed(before, after, chosen))
        changes.append(torch.stack([(moved[:, 0] - one[:, 0]) / sigma, torch.log(moved[:, 1] / one[:, 1])], dim=1))
    every, below, own = changes
    return torch.stack([every, below, own, every - below - own])


def test_attribution_is_what_the_update_below_a_layer_and_its_own_would_do_alone(watched):
    record, path = watched
    for place, step in full_points(record):
        for layer in (1, 2):
            found = record["attribution"][place, layer]  # (site, cause, part)
            expected = effects(path, step, layer).abs().numpy()
            close(found, np.median(expected, axis=-1).swapaxes(0, 1), atol=1e-8)


def test_what_is_not_the_sum_of_the_two_is_the_rest_of_every_unit():
    """One unit per layer is its own median: up to signs, all = below + own + rest."""
    record, path = seen(cell("none", "tanh", width=1, lr=1.0))
    for place, step in full_points(record):
        for layer in (1, 2):
            signs = np.sign(effects(path, step, layer)[..., 0].numpy()).swapaxes(0, 1)
            every, below, own, rest = (record["attribution"][place, layer] * signs).swapaxes(0, 1)
            np.testing.assert_allclose(every, below + own + rest, rtol=0, atol=1e-6 * np.abs(every).max())
            assert (rest[:, 0] != 0).all()


CORNERS = [(lower, middle, upper) for lower in (0, 1) for middle in (0, 1) for upper in (0, 1)]


def group(at: int, kind: str, middle: int) -> int:
    """Which of the three groups a parameter is in, the middle layer being given."""
    if at == middle:
        return 1 if kind == "affine" else 0
    return 0 if at < middle else 2


@pytest.mark.parametrize("shape", [(1, 0), (2, 0), (3, 1), (4, 1)])
@pytest.mark.parametrize("norm", ["batch", "none"])
def test_composition_is_the_held_out_loss_if_only_some_groups_had_moved(norm, shape):
    depth, middle = shape
    record, path = seen(cell(norm, depth=depth, width=5, lr=0.3, seed=2))
    epoch, inside = int(record["epoch"]), full_points(record)[1:2]
    # The epoch after it goes on beyond the next full point.
    assert [step for _, step in full_points(record)[1:3]] == [2, 9] and epoch == 10
    for place, step in inside:
        for lag, later in enumerate((1, 10, epoch)):
            before, after = path.states[step], path.states[step + later]
            for corner, moved in enumerate(CORNERS):
                theta = mixed(before, after, lambda at, kind, moved=moved: moved[group(at, kind, middle)])
                close(record["composition"][place, lag, corner], loss(path.cell, theta, *path.held("second")))
    outside = [0, *range(2, len(full_points(record)))]
    assert np.isnan(record["composition"][outside]).all()


def test_composition_goes_from_the_loss_before_to_the_loss_after(watched):
    record, path = watched
    for place, step in full_points(record)[1:2]:
        for lag, later in enumerate((1, 10, int(record["epoch"]))):
            ends = [loss(path.cell, path.states[at], *path.held("second")) for at in (step, step + later)]
            close(record["composition"][place, lag, [0, 7]], ends)


def test_interference_is_what_updating_lower_and_upper_layers_apart_does_not_explain():
    """Of two tiny halves: L(both) - L(before) is not the sum of what each does alone."""
    record, path = seen(cell("none", "tanh", depth=2, width=2, lr=1.0))
    for place, step in full_points(record)[1:2]:
        held, (before, after) = path.held("second"), path.states[step : step + 2]
        states = [
            before,
            mixed(before, after, lambda at, _: at == 0),
            mixed(before, after, lambda at, _: at > 0),
            after,
        ]
        none, lower, upper, both = (loss(path.cell, state, *held).item() for state in states)
        corners = record["composition"][place, 0].astype(float)
        found = corners[0b111] - corners[0b100] - corners[0b001] + corners[0]
        assert found == pytest.approx(both - lower - upper + none, abs=1e-6)
        assert abs(found) > 1e-5
        # Without gamma and beta nothing is in the middle.
        assert (corners[[0b010, 0b011, 0b110]] == corners[[0, 0b001, 0b100]]).all()
