"""A small recorded run."""

import torch
from torch import nn

from normshift import ShiftRecorder
from tests.recorder.models import CASES, Case, loss_of


def run(model: str = "cnn", steps: int = 20, lr: float = 0.05, **how) -> ShiftRecorder:
    """Train one of the models for some steps and return its recorder; with ``several`` it has batches."""
    case = CASES[model]
    several = [case.batch(100 + number)[0] for number in range(30)] if how.pop("several", False) else None
    made = case.model()
    recorder = ShiftRecorder(made, case.probe, several, **{"every": 8, "full": 8, **how})
    proceed(recorder, made, case, steps, lr)
    return recorder


def proceed(recorder: ShiftRecorder, model: nn.Module, case: Case, steps: int, lr: float = 0.05) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for step in range(steps):
        optimizer.zero_grad()
        loss = loss_of(case, model, step)
        loss.backward()
        optimizer.step()
        recorder.step(loss)
