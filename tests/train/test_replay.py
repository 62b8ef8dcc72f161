"""Replayed moments: whose they are, what becomes of them, and what is missing where the source has none."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from normshift.params import Norm
from normshift.train import replay
from normshift.train.loop import train
from normshift.train.programs import PROGRAMS
from normshift.train.samples import Samples
from normshift.train.stacks import start
from tests.train.made_up import NORMS, cell, shuffled

DATA = shuffled(range(3))
BASE = NORMS["yoked"]


def yoked(**changes):
    fields = {name: changes.pop(name) for name in ("replay", "replayed", "gain") if name in changes}
    return replace(cell("yoked", **changes), norm=replace(BASE, **fields))


def running(cells, program: str = "compiled", dtype: torch.dtype = torch.float64):
    samples = Samples(DATA, cells, dtype, "cpu")
    network, parameters, buffers = start(cells, (12,), 4, dtype, "cpu")
    return PROGRAMS[program](network, cells, parameters, buffers, samples, None), samples


def moments(steps: int = 6, seed: int = 0) -> np.ndarray:
    """Moments as a source of two layers of three units might have them: (step, layer, 2, unit)."""
    draw = np.random.default_rng(seed)
    return np.stack([draw.normal(size=(steps + 1, 2, 3)), np.exp(draw.normal(size=(steps + 1, 2, 3)))], axis=2)


def naive(seen: np.ndarray, end: int, gain: float, used: str) -> np.ndarray:
    """Excursions by the formula, one number after the other."""
    found = np.full_like(seen, np.nan)
    for layer in range(2):
        for unit in range(3):
            steps = range(min(end, len(seen) - 1))
            usual_mean = sum(seen[t, layer, 0, unit] for t in steps) / len(steps)
            usual_log = sum(np.log(seen[t, layer, 1, unit]) for t in steps) / len(steps)
            for t in range(end):
                mean, sd = seen[t, layer, :, unit]
                found[t, layer, 0, unit] = np.exp(gain * (np.log(sd) - usual_log)) if used != "mean" else 1
                found[t, layer, 1, unit] = gain * (mean - usual_mean) / np.exp(usual_log) if used != "scale" else 0
    return found


@pytest.mark.parametrize("used", ["both", "mean", "scale"])
@pytest.mark.parametrize("end", [1, 4, 6, 7])
def test_excursions_equal_their_naive_twin(used, end):
    found = replay.excursions(moments(), end, yoked(steps=6, gain=3.0, replayed=used))
    np.testing.assert_allclose(found, naive(moments(), end, 3.0, used), rtol=1e-12, atol=1e-12)


def test_excursions_of_a_run_are_0_on_average():
    found = replay.excursions(moments(), 7, yoked(steps=6, gain=2.0))[:6]
    assert np.log(found[:, :, 0]).mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert found[:, :, 1].mean(axis=0) == pytest.approx(0, abs=1e-12)


def test_without_any_recorded_step_everything_is_missing():
    assert np.isnan(replay.excursions(moments(), 0, yoked(steps=6))).all()


@pytest.mark.parametrize("end", [18, 40, 41])
def test_shuffled_excursions_are_the_same_in_one_other_order_per_seed(end):
    ways = ({}, {"replay": "shuffled"}, {"replay": "shuffled", "gain": 2.0}, {"replay": "shuffled", "seed": 1})
    ordered, one, louder, other = (replay.excursions(moments(40), end, yoked(steps=40, **how)) for how in ways)
    last = min(end, 40)
    assert (np.sort(ordered[:last], axis=0) == np.sort(one[:last], axis=0)).all()
    assert (ordered[:last] != one[:last]).any() and (one[:last] != other[:last]).any()
    assert louder[:last, :, 1] == pytest.approx(2 * one[:last, :, 1])
    # What follows the last update stays there, and what is missing is at the end.
    np.testing.assert_array_equal(ordered[last:], one[last:])


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_moments_are_those_of_the_same_cell_without_normaliser_before_every_update(program):
    source = replay.source(yoked(steps=4, lr=0.3, regime="fresh", seed=2))
    assert source == cell("none", steps=4, lr=0.3, regime="fresh", seed=2)
    made, samples = running([source], program)
    found, ends = replay.recorded(made, samples)
    assert found.shape == (1, 5, 3, 2, 20) and ends.tolist() == [5]
    samples = Samples(DATA, [source], torch.float64, "cpu")
    for step in range(5):
        _, parameters = train([replace(source, steps=max(step, 1))], DATA, dtype=torch.float64, observing=False)
        if step == 0:
            _, parameters, _ = start([source], (12,), 4, torch.float64, "cpu")
        a = samples.batch(step % 4)[0][0]
        for layer in range(3):
            u = a @ parameters[f"hidden.{layer}.linear.weight"][0].T + parameters[f"hidden.{layer}.linear.bias"][0]
            assert found[0, step, layer, 0] == pytest.approx(u.mean(0).numpy(), rel=1e-9, abs=1e-12)
            assert found[0, step, layer, 1] == pytest.approx(u.std(0, correction=0).numpy(), rel=1e-9)
            a = u.clamp_min(0)


def test_recording_changes_no_bit_of_the_source():
    source = cell("none", lr=0.3)
    made, samples = running([source], dtype=torch.float32)
    replay.recorded(made, samples)
    ended = train([source], DATA, observing=False)[1]
    assert all((made.parameters[name] == ended[name]).all() for name in ended)


@pytest.mark.parametrize("program", PROGRAMS)
def test_with_gain_0_it_is_batch_norm_bit_for_bit(program):
    """By the compiled loops and the plain loop; `mapped` to rounding, as its bits depend on more."""
    (mine,), ended = train([yoked(gain=0.0, lr=0.3)], DATA, program=program)
    (other,), expected = train([cell("batch", lr=0.3)], DATA, program=program)
    exact = program != "mapped"
    for name in expected:
        if "excursion" not in name:
            torch.testing.assert_close(
                ended[name], expected[name], rtol=0 if exact else 1e-6, atol=0 if exact else 1e-6
            )
    for name in other.keys() - {"identity"}:
        assert np.array_equal(mine[name], other[name], equal_nan=True) or not exact, name
    assert mine.keys() - other.keys() == {"y_quantiles", "y_quantiles_after"}


def test_with_a_gain_it_is_not():
    batch = train([cell("batch", lr=0.3)], DATA, observing=False)[1]
    arms = {
        "both": yoked(lr=0.3),
        "louder": yoked(lr=0.3, gain=3.0),
        "mean": yoked(lr=0.3, replayed="mean"),
        "scale": yoked(lr=0.3, replayed="scale"),
        "shuffled": yoked(lr=0.3, replay="shuffled"),
    }
    ended = train(list(arms.values()), DATA, observing=False)[1]["hidden.1.linear.weight"]
    every = [batch["hidden.1.linear.weight"][0], *ended]
    for number, one in enumerate(every):
        assert all((one - other).abs().max() > 1e-3 for other in every[:number])


def test_a_yoked_cell_diverges_no_later_than_its_source():
    (source,), _ = train([cell("none", lr=3.0, steps=40)], DATA)
    step = int(source["diverged_step"])
    assert 0 < step < 30
    cells = [
        yoked(lr=3.0, steps=40, gain=gain, replay=order) for gain in (0.0, 1.0) for order in ("ordered", "shuffled")
    ]
    for one, (record) in zip(cells, train(cells, DATA)[0], strict=True):
        assert 0 < record["diverged_step"] <= step
        assert one.norm.gain or record["diverged_step"] == step
        assert np.isnan(record["test_loss"]).all()


def test_what_is_recorded_ends_where_a_unit_becomes_constant():
    made, samples = running([cell("none", lr=0.1), cell("none", lr=0.3)])
    weight, bias = made.parameters["hidden.0.linear.weight"], made.parameters["hidden.0.linear.bias"]
    advance = made.advance

    def dying(begin, end):
        advance(begin, end)
        if end == 7:
            weight[1], bias[1] = 0.0, -1.0

    made.advance = dying
    found, ends = replay.recorded(made, samples)
    assert ends.tolist() == [31, 7] and (found[1, 7, 0, 1] == 0).all()


@pytest.mark.parametrize("program", PROGRAMS)
def test_x_and_y_are_read_with_the_excursion_and_evaluation_without(program):
    (record,), _ = train([yoked(gain=2.0, lr=0.3)], DATA, program=program, dtype=torch.float64)
    made, samples = running([replay.source(yoked(lr=0.3))])
    seen, ends = replay.recorded(made, samples)
    found = replay.excursions(seen[0], ends[0], yoked(gain=2.0))
    # With batch norm |d mean| at x over a step is 0: what is left is the excursion's.
    for point, step in enumerate(record["points"]):
        moved = np.median(np.abs(found[step + 1, :, 1] - found[step, :, 1]), axis=-1)
        assert record["shift"][point, 0, :, 1, 2] == pytest.approx(moved, rel=1e-4, abs=1e-6)
    assert record["mode_identity"].max() < 1e-6


def test_the_map_of_x_that_the_loops_use_is_the_modules():
    """A large excursion of one unit, to see it at y and in the gradient: y = gamma (s x + m) + beta."""
    one = yoked(depth=1, width=2, lr=0.1)
    excursions = torch.zeros(1, 31, 1, 2, 2, dtype=torch.float64)
    excursions[:, :, :, 0], excursions[:, :, :, 1] = torch.tensor([2.0, 1.0]), torch.tensor([0.0, 3.0])
    slopes = {}
    for name, program in PROGRAMS.items():
        samples = Samples(DATA, [one], torch.float64, "cpu", excursions)
        network, parameters, buffers = start([one], (12,), 4, torch.float64, "cpu")
        made = program(network, [one], parameters, buffers, samples, None)
        seen = made.see_batches([0])[0, 0, 0]
        assert seen[1, 0].tolist() == pytest.approx([0, 3]) and seen[1, 1].tolist() == pytest.approx([2, 1], rel=1e-4)
        slopes[name] = made.slope([0])[1]
    for name in ("compiled", "mapped"):
        for key, value in slopes["serial"].items():
            torch.testing.assert_close(slopes[name][key], value)


def test_old_arms_replay_nothing():
    assert Norm("batch", "batch", True, True).replay == "nothing"
    assert replay.replayed([cell("batch")], DATA, "compiled", "cpu", torch.float32) is None
    assert cell("batch").updates == 30 and yoked().updates == 60
