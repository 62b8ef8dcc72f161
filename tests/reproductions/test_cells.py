"""A cell's network begins, and its batches come, as the stage `train` has them."""

import numpy as np
import pytest
import torch

from normshift.reproductions.cells import batches, begun, looks, split
from normshift.train.loop import train
from normshift.train.samples import Samples
from tests.train.made_up import HELD, TRAIN, cell, shuffled

DATA = shuffled(range(2))


@pytest.mark.parametrize("norm", ["batch", "gamma0_3", "none"])
def test_a_network_begins_where_train_does(norm):
    own = cell(norm, lr=1e-30, steps=1, seed=1)
    _, trained = train([own], DATA, "serial", observing=False)
    begins = dict(begun(own, DATA).named_parameters())
    assert begins.keys() == trained.keys()
    assert all((value - trained[name][0]).abs().max() < 1e-20 for name, value in begins.items())


def test_running_averages_move_as_the_arm_says():
    inputs = torch.randn(50, 12, generator=torch.Generator().manual_seed(0))
    moved = []
    for norm in ("batch", "ema_001"):
        network = begun(cell(norm), DATA)
        network(inputs)
        moved.append(network.hidden[0].normaliser.running_mean)
    torch.testing.assert_close(moved[1], moved[0] / 10)


def test_batches_are_those_that_train_reads():
    own = cell(seed=1, steps=7)
    samples = Samples(DATA, [own], torch.float32, "cpu")
    read = list(batches(own, DATA))
    assert len(read) == 7
    for step, (inputs, labels) in enumerate(read):
        expected = samples.batch(step)
        torch.testing.assert_close(inputs, expected[0][0])
        assert (labels == expected[1][0]).all()


@pytest.mark.parametrize(("name", "size"), [("train", TRAIN), ("test", HELD)])
def test_a_split_is_standardised_by_its_own_seed(name, size):
    own = cell(seed=1)
    inputs, labels = split(name, own, DATA, torch.float64)
    assert inputs.shape == (size, 12) and inputs.dtype == torch.float64
    assert (labels.numpy() == DATA.labels[DATA.part(name, 1)]).all()
    raw = DATA.inputs[DATA.part(name, 1)]
    assert np.allclose(inputs.numpy(), (raw - DATA.splits["center_1"]) / DATA.splits["scale_1"])


def test_looks_are_evenly_spaced_and_none_is_taken_twice():
    assert looks(10_000, 100) == list(range(0, 10_000, 100))
    assert looks(7, 3) == [0, 2, 4]
    assert looks(30, 100) == list(range(30))
