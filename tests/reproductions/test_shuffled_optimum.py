import numpy as np
import pandas as pd
import pytest

from normshift import seeds
from normshift.reproductions import shuffled_optimum
from normshift.reproductions.run import Run
from tests.train import made_up

SHUFFLED = made_up.shuffled((0, 1))


def by_hand(cell, permutations, skipped):
    """Return the excess loss of the optimum of some permutations, from the normal equations and in loops."""
    places = SHUFFLED.part("train", cell.seed)
    inputs = SHUFFLED.standardised(places, cell.seed).astype(float)
    wanted = np.eye(SHUFFLED.classes)[SHUFFLED.labels[places]]
    draw = seeds.generator(cell.root, "permutations", cell.seed)
    for _ in range(skipped):
        draw.permutation(len(places))

    def normalised(rows):
        return (rows - rows.mean(0)) / np.sqrt(rows.var(0) + cell.norm.eps)

    def solved(batches):
        xs = np.concatenate([normalised(inputs[batch]) for batch in batches])
        ys = np.concatenate([wanted[batch] for batch in batches])
        return np.linalg.solve(xs.T @ xs, xs.T @ ys)

    batches = []
    for _ in range(permutations):
        order = draw.permutation(len(places))
        batches += [order[begin : begin + cell.batch_size] for begin in range(0, len(order), cell.batch_size)]
    whole = normalised(inputs)
    # The constant that training learns beside it is the mean of what is wanted: x has mean 0.
    losses = [
        np.square(whole @ matrix + wanted.mean(0) - wanted).sum(1).mean()
        for matrix in (solved(batches), solved([np.arange(len(places))]))
    ]
    return losses[0] - losses[1]


def test_the_excesses_are_those_of_the_normal_equations(monkeypatch):
    monkeypatch.setattr(shuffled_optimum, "PERMUTATIONS", 3)
    cell = made_up.cell("batch")
    one, many = shuffled_optimum.excesses(SHUFFLED, cell)
    assert one == pytest.approx(by_hand(cell, 1, 0), rel=1e-6)
    assert many == pytest.approx(by_hand(cell, 3, 1), rel=1e-6)


def test_the_line_divides_one_permutation_by_many_seed_by_seed(monkeypatch):
    monkeypatch.setattr(shuffled_optimum, "PERMUTATIONS", 5)
    cells = [made_up.cell("batch", seed=seed) for seed in (0, 1)]
    lines, _ = shuffled_optimum.linear(Run(cells, SHUFFLED, {}, []))
    expected = [one / many for one, many in (shuffled_optimum.excesses(SHUFFLED, cell) for cell in cells)]
    assert lines[2].found == pytest.approx(expected) and lines[2].low == 1.0


def test_of_deep_networks_the_losses_at_the_last_observation_are_compared():
    cells = pd.DataFrame({"cell": range(4), "order": ["single", "reshuffle"] * 2, "seed": [0, 0, 1, 1]})
    rows = [(cell, step, loss / (1 + step)) for cell, loss in enumerate((4.0, 2.0, 3.0, 6.0)) for step in (0, 9)]
    losses = pd.DataFrame(rows, columns=["cell", "step", "loss"]).sample(frac=1, random_state=3)
    lines, _ = shuffled_optimum.deep(Run([], None, {"cells": cells, "losses": losses}, []))
    assert lines[0].found == pytest.approx([0.4, 0.3]) and lines[2].found == pytest.approx([2.0, 0.5])


def test_a_deep_network_that_has_diverged_is_missing():
    cells = pd.DataFrame({"cell": [0, 1], "order": ["single", "reshuffle"], "seed": 0})
    rows = [(0, 0, 2.0), (0, 9, np.nan), (1, 0, 2.0), (1, 9, 1.0)]
    losses = pd.DataFrame(rows, columns=["cell", "step", "loss"])
    lines, _ = shuffled_optimum.deep(Run([], None, {"cells": cells, "losses": losses}, []))
    assert [line.found for line in lines] == [[None], [1.0], [None]] and lines[2].passed is False
