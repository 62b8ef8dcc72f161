"""Deep linear networks side by side, trained by gradient descent on all samples, and Definition 2.1 on the way.

``L = mean_x |W_k ... W_1 x - A x|^2``: a sum over outputs, a mean over samples (Santurkar et al. 2018, appendix A.2).
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.func import functional_call, vmap

from normshift import seeds
from normshift.metrics.gradient_shift import gradient_shift
from normshift.observe.forward import State
from normshift.params import Cell
from normshift.reproductions.cells import begun, looks, split
from normshift.train import interventions
from normshift.train.programs.curves import BOUND
from normshift.train.programs.stepwise import column
from normshift.train.samples import Shuffled

LOOKS = 100  # updates at which Definition 2.1 is taken, evenly spaced


def condensed(inputs: Tensor) -> Tensor:
    """Return few samples of the same mean and covariance: (sample, input) -> (2 input, input).

    ``mean +- sqrt(k) c_i``, the c_i being the columns of a root of the covariance of k inputs (Julier & Uhlmann 1997).
    Loss and gradients of a linear network, batch norm in it, depend on nothing else of the samples.
    """
    mean, size = inputs.mean(0), inputs.shape[1]
    root = torch.linalg.cholesky((inputs - mean).mT @ (inputs - mean) / len(inputs))
    return torch.cat([mean + size**0.5 * root.mT, mean - size**0.5 * root.mT])


def teacher(cell: Cell, outputs: int, inputs: int) -> Tensor:
    """Return the matrix A of a seed, its entries N(0, 1): (output, input)."""
    return torch.from_numpy(seeds.generator(cell.root, "teacher", cell.seed).standard_normal((outputs, inputs)))


class Stack:
    """Networks that differ in seed alone, in double precision; biases, which the paper's do not have, stay 0."""

    def __init__(self, cells: Sequence[Cell], shuffled: Shuffled):
        each = [begun(cell, shuffled, torch.float64) for cell in cells]
        states = [{**dict(one.named_parameters()), **dict(one.named_buffers())} for one in each]
        stacked = {name: torch.stack([state[name].detach() for state in states]) for name in states[0]}
        learnt = {name for name, _ in each[0].named_parameters() if not name.endswith("bias")}
        self.parts = [slice(0, len(cells))]
        self.parameters = {name: value for name, value in stacked.items() if name in learnt}
        self._rest = {name: value for name, value in stacked.items() if name not in learnt}
        self._inputs = torch.stack([condensed(split("train", cell, shuffled, torch.float64)[0]) for cell in cells])
        size = shuffled.classes, self._inputs.shape[-1]
        self._wanted = self._inputs @ torch.stack([teacher(cell, *size) for cell in cells]).mT
        self._outputs = vmap(lambda own, rest, inputs: functional_call(each[0], (own, rest), (inputs,))[0])

    def slope(self, steps: Sequence[int], parameters: State) -> tuple[Tensor, State]:
        """Return loss and gradient on all samples, which every step reads: (network, 1, ...)."""
        own = {name: value.detach().requires_grad_() for name, value in parameters.items()}
        losses = (self._outputs(own, self._rest, self._inputs) - self._wanted).square().sum(2).mean(1)
        gradients = torch.autograd.grad(losses.sum(), list(own.values()))
        return losses.detach()[:, None], {name: one[:, None] for name, one in zip(own, gradients, strict=True)}


def trained(cells: Sequence[Cell], shuffled: Shuffled) -> tuple[NDArray, NDArray]:
    """Return losses (look, cell), the last one after training, and Definition 2.1 (look, cell, reading, layer, 4).

    The cells differ in seed and learning rate alone; NaN once one has diverged. Readings and measures are those of
    `interventions.gradient_shift` and `metrics.gradient_shift`: a layer's own gamma and beta stay, or move with the
    layers before it.
    """
    stack, steps = Stack(cells, shuffled), cells[0].steps
    rates = torch.tensor([cell.lr for cell in cells], dtype=torch.float64)
    looked_at, losses, parts, before = set(looks(steps, LOOKS)), [], [], stack.parameters
    for step in range(steps):
        loss, gradient = _finite(*stack.slope([step], before))
        after = {name: value - column(rates, value) * gradient[name] for name, value in before.items()}
        if step in looked_at:
            losses.append(loss)
            parts.append(interventions.gradient_shift(stack, before, after, step, gradient))
        before = after
    losses.append(_finite(*stack.slope([steps], before))[0])
    return torch.stack(losses).numpy(), gradient_shift(*np.moveaxis(torch.stack(parts).numpy(), -1, 0))


def _finite(losses: Tensor, gradients: State) -> tuple[Tensor, State]:
    """Return loss and gradient of the one step, (network, ...), NaN of those that have diverged."""
    lost = torch.where(losses[:, 0] <= BOUND, 0.0, torch.nan)
    return losses[:, 0] + lost, {name: value[:, 0] + column(lost, value[:, 0]) for name, value in gradients.items()}
