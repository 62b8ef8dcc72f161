import numpy as np
import pandas as pd
import pytest

from normshift import metrics
from normshift.configure.choices import FIRST_TUNING_SEED
from normshift.reproductions import santurkar_moments as moments
from normshift.reproductions import santurkar_noise as noise
from normshift.reproductions.loop import Loop
from normshift.reproductions.run import Run
from tests.train import made_up

SHUFFLED = made_up.shuffled((0, 1, FIRST_TUNING_SEED))


@pytest.fixture(autouse=True)
def layers(monkeypatch):
    monkeypatch.setattr(moments, "LAYERS", (1, 3))
    monkeypatch.setattr(moments, "EVERY", 2)


def test_moments_are_those_of_y_over_each_training_batch():
    cell = made_up.cell("batch", steps=5)
    path, corners = moments.trace(cell, SHUFFLED)
    loop = Loop(cell, SHUFFLED)
    for step in range(cell.steps):
        before = loop.look(step)[2].y.numpy()
        gamma, beta = (value.detach().clone().numpy() for value in loop.network.hidden[2].affine.parameters())
        loop.update(step)
        np.testing.assert_allclose(path[3][step, 0], before.mean(0), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(path[3][step, 1], before.var(0), rtol=1e-5)
        # Identity A: after batch norm a batch's mean is beta, whatever the batch.
        np.testing.assert_allclose(path[3][step, 0], beta, atol=1e-6)
        np.testing.assert_allclose(path[3][step, 1], gamma**2, rtol=1e-2)
    assert corners[3].shape == (2, 2, 2, 2, 20)


def test_behind_batch_norm_no_change_of_the_mean_is_due_to_another_batch_and_without_it_most_is():
    for norm, most in (("batch", 0.02), ("none", None)):
        cell = made_up.cell(norm, steps=5, lr=0.05)
        _, corners = moments.trace(cell, SHUFFLED)
        change, sampling, drift = np.moveaxis(metrics.decomposition(np.moveaxis(corners[1][..., 0, :], -1, 1)), -1, 0)
        np.testing.assert_allclose(sampling + drift, change, atol=1e-12)
        if most:
            assert np.abs(sampling).max() < 1e-6
        else:
            assert np.median(np.abs(sampling)) > np.median(np.abs(drift))


def test_every_arm_layer_and_moment_has_its_lines_one_number_a_seed():
    cells = [made_up.cell(norm, steps=5, seed=seed) for norm in ("none", "batch") for seed in (0, 1)]
    lines, _ = moments.found(Run(cells, SHUFFLED, {}, []))
    assert len(lines) == 2 * 2 * 2 * 5 and len({line.says for line in lines}) == len(lines)
    assert all(len(line.found) == 2 and line.passed is None for line in lines)


def test_each_arm_is_judged_at_the_rate_at_which_the_tuning_seeds_test_best():
    rows = [(lr, seed, 10 * lr + seed) for lr in (1.0, 2.0) for seed in (0, 1)]
    rows += [(1.0, FIRST_TUNING_SEED, 9.0), (2.0, FIRST_TUNING_SEED, 8.0)]
    table = pd.DataFrame(rows, columns=["lr", "seed", "accuracy"])
    assert noise.best(table).to_dict() == {0: 10.0, 1: 11.0}


def test_lines_compare_arms_seed_by_seed():
    seeds = (0, 1, FIRST_TUNING_SEED)
    cells = [made_up.cell(norm, steps=4, lr=0.1, seed=seed) for norm in noise.ARMS for seed in seeds]
    run = Run(cells, SHUFFLED, {}, [])
    lines, tables = noise.found(run)
    told = {line.says: line for line in lines}
    wide = pd.DataFrame(tables["accuracy"]).pivot(index="seed", columns="norm", values="accuracy").loc[[0, 1]]
    for says, one, other in (
        ("noise costs batch norm, points", "batch", "noisy"),
        ("noisy batch norm ahead of none, points", "noisy", "none"),
        ("noise costs none, points", "none", "none_noisy"),
    ):
        np.testing.assert_allclose(told[f"small: {says}"].found, wide[one] - wide[other], atol=0.02)
    assert told["small: test accuracy in %, batch"].found[1] == pytest.approx(100 * noise.reached(cells[4], SHUFFLED))
