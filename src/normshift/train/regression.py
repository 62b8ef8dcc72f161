"""How far from its optimum a linear network ends."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from normshift.observe import distortion
from normshift.params import Cell
from normshift.train.samples import Samples


def excesses(running, cells: Sequence[Cell], samples: Samples, eps: float) -> Tensor:
    """Return the excess full-batch loss of every cell, and that of the optimum of its own first batches: (cell, 2).

    These are as many as one permutation, reused, takes until its batches repeat (Wu, Yun & Sra 2023).
    """
    found, classes = [], samples.shuffled.classes
    for number in range(len(cells)):
        inputs, labels = (each[samples.seed_of[number]].cpu().numpy() for each in (samples.inputs, samples.labels))
        batches = samples.streams[samples.stream_of[number]].reshape(-1, samples.batch_size).cpu().numpy()
        batches = batches[: distortion.period(len(labels), samples.batch_size)]
        best, own = distortion.optima(inputs, labels, classes, batches, eps)
        ended = _matrix({name: value[number] for name, value in running.parameters.items()})
        found.append(distortion.excess(np.stack([ended, own]), best, inputs, eps))
    return torch.from_numpy(np.stack(found)).to(samples.inputs)


def _matrix(parameters: dict[str, Tensor]) -> np.ndarray:
    """Return ``W diag(gamma)``, (class, input)."""
    weight, gamma = (
        parameters[f"hidden.0.{name}"].double().cpu().numpy() for name in ("linear.weight", "affine.gamma")
    )
    return weight * gamma
