"""Gradient descent on all samples, against the stage `train`; the eigenvalue, against a whole Hessian."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch

from normshift.reproductions import edge_of_stability
from normshift.reproductions.cells import begun, split
from normshift.reproductions.edge_of_stability import curve, objective, sharpness
from normshift.reproductions.run import Run
from normshift.train.loop import train
from normshift.train.losses import LOSSES
from tests.train.made_up import TRAIN, cell, shuffled

DATA = shuffled(range(2), batch_size=TRAIN, steps=60)


def descending(norm: str = "none", steps: int = 60, **changes):
    made = cell(norm, "tanh", batch_size=TRAIN, steps=steps, **changes)
    return replace(made, model=replace(made.model, loss="squared"))


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_the_eigenvalue_is_that_of_the_whole_hessian(norm):
    loss, at = objective(descending(norm, width=3, depth=2), DATA, torch.float64)
    for seed in range(3):
        there = at + 0.3 * torch.randn(len(at), generator=torch.Generator().manual_seed(seed), dtype=at.dtype)
        whole = torch.autograd.functional.hessian(loss, there)
        assert sharpness(loss, there, 0) == pytest.approx(torch.linalg.eigvalsh(whole)[-1].item(), rel=1e-4)


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_losses_are_those_of_train_whose_batches_are_all_samples(norm):
    own = descending(norm, lr=0.05)
    (record,), _ = train([own], DATA, "serial")
    found = curve(own, DATA)
    assert len(found) == edge_of_stability.LOOKS
    assert found["loss"].to_numpy() == pytest.approx(record["training_loss"][found["step"]], rel=1e-3)


def test_the_eigenvalue_is_taken_where_the_descent_is():
    own = descending(steps=20)
    network, (inputs, labels) = begun(own, DATA), split("train", own, DATA)
    optimizer = torch.optim.SGD(network.parameters(), lr=own.lr)
    for _ in range(19):
        optimizer.zero_grad()
        LOSSES["squared"](network(inputs)[0], labels).backward()
        optimizer.step()
    at = torch.cat([value.detach().flatten() for value in network.parameters()])
    expected = own.lr * sharpness(objective(own, DATA)[0], at, 0)
    last = curve(own, DATA).iloc[-1]
    assert last["step"] == 19 and last["edge"] == pytest.approx(expected, rel=1e-4)


def test_lines_judge_the_last_third_and_only_without_batch_norm():
    points = product((("none", 0.1), ("none", 0.2), ("batch", 0.1)), (1, 0))
    cells = [descending(norm, lr=lr, seed=seed) for (norm, lr), seed in points]
    lines, tables = edge_of_stability.found(Run(cells, DATA, {}))
    assert [(line.low, line.high) for line in lines] == [(None, None), (1.9, 2.5)] * 2 + [(None, None)] * 2
    seen = [curve(one, DATA) for one in sorted(cells[:2], key=lambda one: one.seed)]
    assert lines[0].found == [one["edge"].iloc[0] for one in seen]
    assert lines[1].found == [np.median(one["edge"][one["step"] >= 40]) for one in seen]
    drawn = tables["curves"]
    assert len(drawn["step"]) == 3 * edge_of_stability.LOOKS
    own = [
        edge
        for edge, arm, lr in zip(drawn["edge"], drawn["arm"], drawn["lr"], strict=True)
        if (arm, lr) == ("none", 0.1)
    ]
    assert own == pytest.approx(seen[0]["edge"].tolist(), rel=1e-3)


def test_a_network_that_diverges_is_missing():
    lines, _ = edge_of_stability.found(Run([descending(lr=50.0)], DATA, {}))
    assert lines[0].middle is not None
    assert lines[1].middle is None and lines[1].passed is False
