"""One tensor program for the whole stack, made of any module by `torch.func.vmap`: the one for a GPU."""

import copy
from functools import partial

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, vmap

from normshift.networks.layer import Sites
from normshift.observe.forward import State, evaluating, forward
from normshift.params import Cell
from normshift.train import arms, optimizers, stacks
from normshift.train.losses import LOSSES
from normshift.train.motion import Motion
from normshift.train.programs.stepwise import Stepwise, column
from normshift.train.samples import Samples


def stays(cells: list[Cell], network: nn.Module, device: str) -> State:
    """Return which entries of the stack's parameters stay once an arm freezes them; empty if none ever does."""
    held = [arms.held(cell, network) for cell in cells]
    found = {}
    for name in dict.fromkeys(name for each in held for name in each):
        entries = torch.zeros(len(cells), *network.get_parameter(name).shape, dtype=torch.bool)
        for one, each in zip(entries, held, strict=True):
            one.view(-1)[each.get(name, [])] = True
        found[name] = entries.to(device)
    return found


class Mapped(Stepwise):
    """Every operation is done for all cells at once.

    Nothing in a step waits for the device. Kernels treat the ends of a tensor in another way than its middle, so the
    last bits of a cell may depend on its company (LOG.md).
    """

    def __init__(
        self,
        network: nn.Module,
        cells: list[Cell],
        parameters: State,
        buffers: State,
        samples: Samples,
        motion: Motion | None,
    ):
        super().__init__(network, cells, parameters, buffers, samples, motion)
        kind, criterion = cells[0].optimizer.kind, LOSSES[cells[0].model.loss]
        self._rule = optimizers.REGISTRY[kind]
        self._slots = {name: (torch.zeros_like(value),) * optimizers.SLOTS[kind] for name, value in parameters.items()}
        self._stays = stays(cells, network, samples.device)
        self._freezing = torch.tensor([arms.freezing(cell) for cell in cells], device=samples.device)
        momenta = [cell.norm.momentum for cell in cells]
        self._momenta = torch.tensor(momenta, dtype=samples.dtype, device=samples.device)
        # Cells of a stack share a module: it gives the batch's own moments, averaged in `_averaged`.
        immediate = stacks.averaging(copy.deepcopy(network), 1.0)

        def loss(parameters: State, buffers: State, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
            logits, _ = functional_call(immediate, (parameters, buffers), (inputs,))
            return criterion(logits, labels), logits

        self._gradients = vmap(grad_and_value(loss, has_aux=True))
        self._training = vmap(partial(forward, network))
        self._evaluating = vmap(partial(forward, evaluating(network)))

    def _update(self, step: int, inputs: Tensor, labels: Tensor, rates: State, disturbing: State) -> State:
        before = {name: value.clone() for name, value in self.buffers.items()}
        gradients, (loss, logits) = self._gradients(self.parameters, self.buffers | disturbing, inputs, labels)
        self.buffers = self._averaged(before, self.buffers)
        alive = self.curves.add(step, loss, (logits.argmax(-1) == labels).to(loss.dtype).mean(-1))
        after = {}
        for name, gradient in gradients.items():
            rate = column(rates[name], gradient)
            update, self._slots[name] = self._rule(gradient, rate, self._slots[name], step)
            moves = column(alive, update)
            if name in self._stays:
                moves = moves & ~(self._stays[name] & column(step >= self._freezing, update))
            after[name] = self.parameters[name] - torch.where(moves, update, 0.0)
        self.parameters = after
        return gradients

    def _averaged(self, before: State, batch: State) -> State:
        """Return buffers with the running averages that each cell's own momentum makes of a batch's moments."""
        after = dict(batch)
        for name in (name for name in batch if "running_" in name):
            momentum = column(self._momenta, batch[name])
            after[name] = (1 - momentum) * before[name] + momentum * batch[name]
        return after

    def _look(
        self, inputs: Tensor, averages: State | None, parameters: State, disturbing: State
    ) -> tuple[Tensor, list[Sites]]:
        if averages is None:
            return self._training(parameters, self.buffers | disturbing, inputs)
        return self._evaluating(parameters, averages, inputs)

    def _slope(self, inputs: Tensor, labels: Tensor, parameters: State, disturbing: State) -> tuple[Tensor, State]:
        untouched = {name: value.clone() for name, value in self.buffers.items()}
        gradients, (loss, _) = self._gradients(parameters, untouched | disturbing, inputs, labels)
        return loss, gradients
