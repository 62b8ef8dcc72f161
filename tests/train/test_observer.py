"""What observers see of single cells, against networks written out by hand."""

import numpy as np
import pytest
import torch

from normshift import metrics
from normshift.records import STRIDE
from normshift.train.loop import train
from tests.train.by_hand import DATA, Path, close, forward, full_points, seen
from tests.train.made_up import cell

U, Y = 0, 2


@pytest.fixture(scope="module", params=["batch", "frozen", "none", "layer"])
def watched(request):
    return seen(cell(request.param, width=9, lr=0.3, regime="fresh", seed=1))


@pytest.fixture(scope="module")
def normalised():
    return seen(cell("batch", width=9, lr=0.5, regime="fresh", seed=2))


def on(path: Path, name: str, step: int, layer: int, averages=None):
    """Sites of a layer on a fixed set before the update of a step."""
    return forward(path.cell, path.states[step], path.held(name)[0], averages)[1][layer]


def moments(sample) -> np.ndarray:
    return np.stack([sample.numpy().mean(0), sample.numpy().std(0)])


def horizons(record, step: int) -> dict[int, tuple[int, int]]:
    """By horizon the updates between which examples move, as far as a point tells it."""
    full = [begin for _, begin in full_points(record)]
    followed = [begin for begin in full if step - begin in (10, int(record["epoch"]))]
    pairs = {0: (step, step + 1) if step in full else None, 2: (0, step) if step > 0 else None}
    pairs[1] = (followed[0], step) if followed else None
    return {horizon: pair for horizon, pair in pairs.items() if pair}


def test_examples_move_as_the_units_that_are_kept_do(watched):
    record, path = watched
    for point, step in enumerate(record["points"].tolist()):
        known = horizons(record, step)
        for layer in range(3):
            for horizon, (begin, end) in known.items():
                kept = record["kept"][layer]
                one, two = (on(path, "probe", at, layer).y[:, kept].numpy().T for at in (begin, end))
                squared, transport = np.moveaxis(metrics.examples(one, two), -1, 0)
                sigma = np.sqrt((one.var(1) + two.var(1)) / 2)
                expected = np.median(np.sqrt(squared) / sigma), np.median(transport / squared)
                close(record["examples"][point, horizon, layer], expected)
        others = [horizon for horizon in range(3) if horizon not in known]
        assert np.isnan(record["examples"][point, others]).all()
    shares = record["examples"][..., 1]
    assert np.nanmin(shares) >= 0 and np.nanmax(shares) <= 1


def test_shifts_on_the_second_probe_are_over_a_step_an_epoch_and_since_the_start(watched):
    record, path = watched
    epoch, full = int(record["epoch"]), full_points(record)
    for place, step in full:
        for horizon, (begin, end) in enumerate(((step, step + 1), (step, step + epoch), (full[0][1], step))):
            for layer in range(3):
                if begin == end:
                    assert np.isnan(record["shift_second"][place, horizon, layer]).all()
                    continue
                one, two = (moments(on(path, "second", at, layer).u) for at in (begin, end))
                sigma, moved = np.sqrt((one[1] ** 2 + two[1] ** 2) / 2), np.abs(two[0] - one[0])
                expected = np.median([moved / sigma, np.abs(np.log(two[1] / one[1])), moved], axis=1)
                close(record["shift_second"][place, horizon, layer, U], expected)


def test_corners_are_those_of_two_networks_on_two_batches(watched):
    record, path = watched
    for point, step in enumerate(record["points"].tolist()):
        for state in (0, 1):
            for batch in (0, 1):
                inputs, _ = path.batch(step + batch)
                for layer, site in enumerate(forward(path.cell, path.states[step + state], inputs)[1]):
                    expected = moments(site.u[:, record["kept"][layer]]).T
                    close(record["corners"][point, state, batch, layer], expected, atol=1e-6)


def test_noise_and_drift_add_up_to_the_change_of_every_unit_at_every_step(watched):
    record, _ = watched
    corners = np.moveaxis(record["corners"].astype(float), (1, 2), (-2, -1))
    change, sampling, drift = np.moveaxis(metrics.decomposition(corners), -1, 0)
    np.testing.assert_allclose(sampling + drift, change, rtol=0, atol=1e-15)
    assert np.abs(drift).max() > 1e-4 and np.abs(sampling).max() > 1e-2
    together = [place for place, step in enumerate(record["points"][:-1]) if record["points"][place + 1] == step + 1]
    assert together
    for point in together:  # and the change is the one that is seen: from one step's own batch to the next one's
        np.testing.assert_array_equal(change[point], corners[point + 1, ..., 0, 0] - corners[point, ..., 0, 0])


def test_length_of_gamma_and_beta_is_that_of_all_units(watched):
    record, path = watched
    if path.cell.norm.kind == "none":
        assert "affine_norm" not in record
        return
    for place, step in enumerate(range(0, path.cell.steps, STRIDE)):
        for layer in range(3):
            both = [path.states[step][f"hidden.{layer}.affine.{name}"] for name in ("gamma", "beta")]
            close(record["affine_norm"][place, layer], torch.linalg.vector_norm(torch.cat(both)))


def test_rate_is_that_of_the_weights(watched):
    record, path = watched
    close(record["rate"], [path.cell.lr] * len(record["full"]))


def test_running_averages_miss_the_probe_by_tid_at_every_quarter_of_an_epoch(normalised):
    record, path = normalised
    begin = int(record["points"][record["full"][-1]])
    quarters = [min(path.cell.steps - 1, begin + part * int(record["epoch"]) // 4) for part in range(4)]
    assert len(set(quarters)) == 4
    for place, step in enumerate(quarters):
        for layer in range(3):
            mean, sd = moments(on(path, "probe", step, layer).u)
            used_mean, used_variance = (value.numpy() for value in path.averages[step][layer])
            expected = np.abs(used_mean - mean) / sd, np.abs(np.sqrt(used_variance) / sd - 1)
            close(record["epoch_tid"][place, layer], np.median(expected, axis=1))


def exact(path: Path, step: int) -> list:
    """Mean and variance of u over the training set, normalised as one batch."""
    sites = forward(path.cell, path.states[step], path.held("train")[0])[1]
    return [(site.u.mean(0), site.u.var(0, correction=0)) for site in sites]


def test_identity_a_fails_in_evaluation_by_tid(normalised):
    """|mean(y) - beta| / sd(y) = |used mean - mean(u)| / sd(u), whatever gamma; and the spread likewise, up to eps."""
    record, path = normalised
    for place, step in full_points(record):
        for mode, used in enumerate((path.averages[step], exact(path, step))):
            for layer in range(3):
                theta = path.states[step]
                gamma, beta = (theta[f"hidden.{layer}.affine.{name}"].numpy() for name in ("gamma", "beta"))
                mean, sd = moments(on(path, "probe", step, layer, used).y)
                missed = np.abs(mean - beta) / sd, np.abs(np.abs(gamma) / sd - 1)
                close(record["tid"][place, mode, layer], np.median(missed, axis=1), rtol=1e-3)
                if mode == 0:
                    assert np.max(np.abs(mean - beta)) > 1e-2


@pytest.mark.parametrize("norm", ["batch", "frozen", "gamma"])
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_identity_a_holds_at_every_point_and_the_formula_in_every_mode(norm, activation):
    cells = [cell(norm, activation, lr=lr, seed=1, regime="fresh", steps=60) for lr in (0.1, 1.0, 3.0)]
    for record in train(cells, DATA)[0]:
        assert record["diverged_step"] == -1
        assert record["identity"].max() < 1e-5 and record["mode_identity"].max() < 1e-5
