"""Losses against the printed formula, and every program's layout of classes."""

import pytest
import torch

from normshift.train.losses import LOSSES, squared


def drawn() -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(0)
    return torch.randn(2, 7, 3, generator=draw, dtype=torch.float64), torch.randint(3, (2, 7), generator=draw)


def test_squared_loss_is_the_distance_from_one_hot_labels():
    outputs, labels = drawn()
    for each, right in zip(outputs, labels, strict=True):
        distances = [
            sum((value - (number == label)) ** 2 for number, value in enumerate(row))
            for row, label in zip(each.tolist(), right.tolist(), strict=True)
        ]
        assert squared(each, right, "none").tolist() == pytest.approx(distances)
        assert squared(each, right).item() == pytest.approx(sum(distances) / 7)


@pytest.mark.parametrize("name", LOSSES)
def test_a_stack_with_its_classes_second_equals_a_loop(name):
    outputs, labels = drawn()
    together = LOSSES[name](outputs.transpose(1, 2), labels, reduction="none")
    for cell in range(2):
        torch.testing.assert_close(together[cell], LOSSES[name](outputs[cell], labels[cell], reduction="none"))
        torch.testing.assert_close(together[cell].mean(), LOSSES[name](outputs[cell], labels[cell]))
