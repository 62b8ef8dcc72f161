"""Networks at the edge of what can be observed: a record is NaN or what the schema says, and nothing warns."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from normshift.networks import initial
from normshift.params import Cell
from normshift.records import CELL, PLAN, Record
from normshift.train.loop import train
from normshift.train.samples import Shuffled
from tests.train.made_up import cell, shuffled

DATA = shuffled(range(2))
PROGRAMS = pytest.mark.parametrize("program", ["stacked", "serial"])
KINDS = ["none", "batch", "frozen", "layer", "noisy", "yoked", "free_full"]
U, X, Y, A = range(4)
NEVER_INFINITE = {name for name in CELL if name not in ("training_loss", "landscape")}


def recorded(one: Cell, data: Shuffled = DATA, **how) -> Record:
    (record,), _ = train([replace(one, watch="detail")], data, **how)
    assert set(record) <= {*PLAN, *CELL}
    assert not [name for name in NEVER_INFINITE & set(record) if np.isinf(record[name].astype(float)).any()]
    return record


@pytest.fixture
def begun(monkeypatch):
    """Return a function that changes where training starts."""
    drawn = initial.draw

    def begin(name: str, change) -> None:
        def draw(*names):
            parameters = drawn(*names)
            if name in parameters:
                change(parameters[name])
            return parameters

        monkeypatch.setattr(initial, "draw", draw)

    return begin


@PROGRAMS
def test_a_dead_layer_has_no_spread_and_what_it_feeds_stands_still(begun, program):
    begun("hidden.1.linear.bias", lambda bias: bias.fill_(-1e3))
    begin = {"lr": 0.3, "seed": 1}
    record = recorded(cell("none", **begin), program=program)
    # At a of the second layer, and wherever in the third.
    for shift in (record["shift"][:, 0, 1, A], record["shift"][:, 0, 2].swapaxes(0, 1)[:, :].reshape(-1, 3)):
        assert np.isnan(shift[:, :2]).all() and (shift[:, 2] == 0).all()
    assert np.isfinite(record["shift"][:, 0, 1, U, 2]).all() and (record["shift"][:, 0, 1, U, 2] == 0).all()
    assert np.isnan(record["noise"][:, 1, A, :2]).all() and (record["noise"][:, 1:, A, 2] == 0).all()
    assert np.isnan(record["examples"][:, :, 2]).all() and np.isnan(record["example_noise"][:, 2]).all()
    assert (record["gradient_shift"][:, :, 1:, :4] == 0).all()
    assert (record["gradient_noise"][:, 2] == 0).all()
    assert np.isfinite(record["landscape"]).all() and np.isfinite(record["sharpness"]).all()


@PROGRAMS
@pytest.mark.parametrize("norm", KINDS)
def test_dead_units_among_living_ones_are_left_out_of_medians_at_a_alone(begun, norm, program):
    """Below zero for every sample, at the start and ever after: no gradient reaches them."""
    name = "hidden.1.linear.bias" if norm.startswith("none") else "hidden.1.affine.beta"
    begun(name, lambda values: values[:5].fill_(-1e3))
    record = recorded(cell(norm, lr=0.1, seed=1), program=program)
    assert record["diverged_step"] == -1 and record["shift"][:, 0].size
    assert np.isfinite(record["shift"][:, 0]).all() and np.isfinite(record["noise"]).all()
    assert np.nanmax(record["shift"][..., :2]) < 10


def constant_inputs(level: float = 1.0) -> Shuffled:
    """Return inputs that are the same in every sample; what never varies keeps scale 1 (`shuffle`)."""
    made = shuffled(range(2))
    standards = {f"center_{seed}": made.splits[f"center_{seed}"] * 0 for seed in range(2)}
    standards |= {f"scale_{seed}": made.splits[f"scale_{seed}"] * 0 + 1 for seed in range(2)}
    return replace(made, inputs=np.full_like(made.inputs, level), splits={**made.splits, **standards})


@PROGRAMS
@pytest.mark.parametrize("norm", ["none", "layer"])
def test_where_no_input_varies_nothing_is_in_units_of_a_spread(norm, program):
    """Sums of the same terms may differ in their last bits, for products add up rows in another order."""
    record = recorded(cell(norm, lr=0.3), constant_inputs(), program=program)
    assert record["diverged_step"] == -1
    for name in ("noise", "shift_second"):
        assert np.isnan(record[name][..., :2]).all(), name
    # Since the start a unit may have come to nothing, which is a change in sigma of as much as two.
    assert np.isnan(record["shift"][:, 0, :, :, :2]).all()
    assert np.isnan(record["examples"][..., 0]).all() and np.isnan(record["example_noise"]).all()
    assert np.isnan(record["attribution"]).all()
    assert (record["moments"][..., 1] == 0).all() and (record["quantiles"] == 0).all()
    assert np.isfinite(record["shift"][:, 0, :, :, 2]).all()


@PROGRAMS
def test_running_averages_miss_no_spread_where_there_is_none(program):
    """Only of the first layer: what it magnifies is what the next ones are given."""
    record = recorded(cell("batch", lr=0.3), constant_inputs(), program=program)
    for name in ("tid", "mode_identity", "epoch_tid", "identity"):
        assert np.isnan(np.moveaxis(record[name], -2, 0)[0]).all(), name


@PROGRAMS
@pytest.mark.parametrize("norm", ["batch", "frozen", "gamma"])
def test_batch_norm_of_units_that_see_one_constant_input_changes_no_median(begun, norm, program):
    """Batch norm magnifies the rounding of a constant unit three hundred times; it is left out at every site."""
    made = shuffled(range(2))
    inputs = made.inputs.copy()
    inputs[:, 0] = 3.0
    splits = dict(made.splits)
    for seed in range(2):
        splits[f"center_{seed}"] = np.where(np.arange(12) == 0, 0, splits[f"center_{seed}"]).astype(np.float32)
        splits[f"scale_{seed}"] = np.where(np.arange(12) == 0, 1, splits[f"scale_{seed}"]).astype(np.float32)
    data = replace(made, inputs=inputs, splits=splits)

    def blind(weight: torch.Tensor) -> None:
        weight[:14, 1:] = 0.0
        weight[:14, 0] = torch.linspace(0.1, 0.7, 14)

    begun("hidden.0.linear.weight", blind)
    record = recorded(cell(norm, lr=0.1), data, program=program)
    varied = ~np.isin(record["kept"][0], range(14))
    assert 0 < varied.sum() < 4
    # At the start; magnified rounding may give a unit gradients, and with them a spread of its own.
    assert (record["moments"][0, 0, 0, ~varied, 1] == 0).all() and (record["moments"][0, 0, 0, varied, 1] > 0).all()
    assert (record["quantiles"][0, 0, ~varied] == 0).all()
    assert record["noise"][0, 0, :, :2].max() < 1 and record["example_noise"][0, 0] < 1
    assert record["noise"][0, 0, [X, Y], 0].max() < 1e-5  # of units that vary, batch norm fixes the mean
    assert record["tid"][0, :, 0].max() < 2
    assert record["identity"].max() < 1e-5 and record["mode_identity"].max() < 1e-5
    assert np.isfinite(record["examples"][0, 0]).all()


@pytest.mark.parametrize("norm", KINDS)
def test_a_class_of_one_sample_is_learnt_from_and_observed(norm):
    made = shuffled(range(2))
    labels = np.where(made.labels == 3, 2, made.labels)
    labels[made.splits["train_0"][7]] = 3
    record = recorded(cell(norm, lr=0.3), replace(made, labels=labels))
    assert np.isfinite(record["training_loss"]).all() and np.isfinite(record["subset_loss"]).all()
    assert np.isfinite(record["sharpness"]).all()


def wild(step: int, batch_size: int = 16) -> Shuffled:
    """Return data with a sample, read at one step and never else, that no network without a normaliser survives."""
    made = shuffled(range(2), batch_size=batch_size, steps=30)
    inputs, key = made.inputs.copy(), ("reshuffle", batch_size)
    inputs[made.splits["train_0"][0]] = 1e9
    stream = made.streams[key]["seed_0"].copy()
    stream[stream == 0] = 1
    stream[batch_size * step] = 0
    subset = np.arange(1, 41, dtype=np.int32)
    streams = {**made.streams[key], "seed_0": stream}
    return replace(made, inputs=inputs, splits={**made.splits, "subset_0": subset}, streams={key: streams})


@PROGRAMS
@pytest.mark.parametrize("step", [0, 3, 11, 29])
def test_nothing_is_known_from_a_divergence_on_and_everything_before_it(step, program):
    """Points of the plan are 0, 1, 2, 6, 9, 10, 12, 18, 19, 29; 2 and 9 are followed by 12 and 19."""
    record = recorded(cell("none", lr=0.01, steps=30), wild(step), program=program)
    assert record["diverged_step"] == step
    assert record["training_loss"][step] > 1e3 and np.isnan(record["training_loss"][step + 1 :]).all()
    assert np.isfinite(record["training_loss"][:step]).all()
    points, full = record["points"], record["points"][record["full"]]
    assert points.tolist() == [0, 1, 2, 6, 9, 10, 12, 18, 19, 29] and full.tolist() == [0, 2, 9, 19]
    for name in ("subset_loss", "subset_accuracy", "weight_norm", "moments", "quantiles"):
        known = np.isfinite(record[name].astype(float).reshape(len(points), -1))
        assert known[points < step].all() and not known[points >= step].any(), name
    for name in ("rate", "gradient_norm", "landscape", "sharpness", "example_noise"):
        known = np.isfinite(record[name].reshape(len(full), -1))
        assert known[full < step].all() and not known[full >= step].any(), name
    assert not np.isfinite(record["test_loss"]).any() and np.isnan(record["final_subset_accuracy"])


@pytest.mark.parametrize("batch_size", [16, 32])
@pytest.mark.parametrize("step", [0, 3, 7, 11, 12, 29])
def test_what_followed_a_full_point_is_known_as_far_as_a_run_went_without_divergence(step, batch_size):
    data = wild(step, batch_size)
    record = recorded(cell("none", lr=0.01, steps=30, batch_size=batch_size), data)
    full, epoch = record["points"][record["full"]].tolist(), int(record["epoch"])
    assert record["diverged_step"] == step and epoch == 160 // batch_size
    for place, begin in list(enumerate(full))[1:2]:
        for lag, later in enumerate((1, 10, epoch)):
            # One update is seen with the state before it, that which makes a run diverge included.
            reached = begin if later == 1 else begin + later
            assert np.isfinite(record["composition"][place, lag]).all() == (reached < step), (begin, later)
    for place, begin in enumerate(full):
        known = np.isfinite(record["shift_second"][place, :, 0, U, 0])
        assert known.tolist() == [begin < step, begin + epoch < step, 0 < begin < step]


@PROGRAMS
def test_a_batch_of_one_is_no_trouble_without_a_normaliser(program):
    data = shuffled(range(2), batch_size=1, steps=30)
    record = recorded(cell("none", lr=0.03, batch_size=1, steps=30), data, program=program)
    assert record["epoch"] == 160 and record["diverged_step"] == -1
    assert np.isfinite(record["training_loss"]).all() and (record["corners"][..., 1] == 0).all()
    assert np.isnan(record["example_noise"]).all()  # of one sample there is no batch to be in
    assert np.isfinite(record["noise"][..., 0]).all() and np.isnan(record["noise"][..., 1]).all()
    assert np.isfinite(record["gradient_noise"][:, 2]).all() and np.isfinite(record["batch_sharpness"]).all()


@PROGRAMS
@pytest.mark.parametrize("norm", KINDS)
def test_a_network_of_one_layer_has_nothing_below_it(norm, program):
    record = recorded(cell(norm, depth=1, lr=0.3), program=program)
    assert np.isnan(record["gradient_shift"]).all() and np.isnan(record["attribution"][:, 0, :, 1:]).all()
    assert np.isfinite(record["composition"][1]).all() and np.isfinite(record["activations"]).all()
    assert np.isfinite(record["landscape"]).all() and np.isfinite(record["sharpness"]).all()


@pytest.mark.parametrize("norm", KINDS)
def test_one_batch_may_be_all_there_is(norm):
    """An epoch of one update: what follows after a step is what follows after an epoch."""
    data = shuffled(range(2), batch_size=160, steps=30)
    record = recorded(cell(norm, lr=0.3, batch_size=160, steps=30), data)
    assert record["epoch"] == 1 and len(record["full"]) == 3
    assert np.isfinite(record["composition"][1]).all()
    assert (record["composition"][1, 0] == record["composition"][1, 2]).all()
    np.testing.assert_array_equal(record["shift_second"][:, 0], record["shift_second"][:, 1])
    # A batch that is the whole training set has no noise, but its samples come in another order.
    assert norm in ("noisy", "yoked") or record["noise"].max() < 1e-4
    assert np.isnan(record["example_noise"]).all()  # the probe holds no such batch


@PROGRAMS
@pytest.mark.parametrize("norm", KINDS)
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_a_run_may_be_shorter_than_an_epoch(norm, steps, program):
    record = recorded(cell(norm, lr=0.3, steps=steps), program=program)
    assert record["epoch"] == 10 and record["full"].tolist() == [0] and record["points"][-1] == steps - 1
    assert np.isfinite(record["composition"][0, 0]).all() and np.isnan(record["composition"][0, 1:]).all()
    assert np.isnan(record["shift"][:, 1]).all() and np.isnan(record["shift_second"][0, 1:]).all()
    for name in ("sharpness", "batch_sharpness", "landscape", "activations", "gradient_norm", "subset_loss"):
        assert np.isfinite(record[name].astype(float)).all(), name
    assert "epoch_tid" not in record or np.isfinite(record["epoch_tid"]).all()


@PROGRAMS
@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_a_rate_that_no_network_survives_is_recorded_without_a_warning(norm, program):
    record = recorded(cell(norm, lr=1e6), program=program)
    assert record["diverged_step"] == 1
    for name in set(record) & {"gamma_increments", "beta_increments"}:
        assert np.isnan(record[name][1:].astype(float)).all()
