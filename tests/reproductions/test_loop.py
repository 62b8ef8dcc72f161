"""The plain loop trains as the stage does, and looking at it changes nothing."""

import numpy as np
import pytest
import torch

from normshift.reproductions.cells import split
from normshift.reproductions.loop import Loop, accuracy
from normshift.train.loop import train
from tests.train import made_up

SHUFFLED = made_up.shuffled(range(2))


@pytest.mark.parametrize("norm", ["none", "batch", "noisy", "none_noisy"])
def test_the_loop_ends_where_the_stage_ends(norm):
    cell = made_up.cell(norm, steps=12)
    loop = Loop(cell, SHUFFLED)
    for step in range(cell.steps):
        loop.update(step)
    _, ended = train([cell], SHUFFLED, program="serial", observing=False)
    for name, value in loop.network.named_parameters():
        torch.testing.assert_close(value.detach(), ended[name][0], rtol=0, atol=0)


@pytest.mark.parametrize("norm", ["batch", "noisy"])
def test_looking_changes_no_bit_and_shows_what_the_update_sees(norm):
    cell = made_up.cell(norm, steps=6)
    one, other = Loop(cell, SHUFFLED), Loop(cell, SHUFFLED)
    for step in range(cell.steps - 1):
        before = one.look(step)
        one.look(step + 1)
        seen = one.update(step)
        for looked, updated in zip(before, seen, strict=True):
            assert torch.equal(looked.y, updated.y.detach())
        other.update(step)
    for name, value in one.network.state_dict().items():
        assert torch.equal(value, other.network.state_dict()[name])


def test_accuracy_is_that_of_the_network_in_evaluation_and_leaves_it_training():
    loop = Loop(made_up.cell("batch", steps=3), SHUFFLED)
    for step in range(3):
        loop.update(step)
    inputs, labels = split("test", made_up.cell("batch"), SHUFFLED)
    network = loop.network
    network.eval()
    with torch.no_grad():
        expected = float(np.mean(network(inputs)[0].argmax(-1).numpy() == labels.numpy()))
    network.train()
    assert accuracy(network, inputs, labels) == pytest.approx(expected)
    assert network.training
