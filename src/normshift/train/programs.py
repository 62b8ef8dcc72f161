"""How one update of every cell of a stack is computed: all at once, or one by one with plain PyTorch.

Both hold the stack's parameters and buffers as dictionaries of tensors with a leading cell axis. The naive one is the
oracle of the fast one, so they share nothing but the meaning of their arguments.
"""

import copy
import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, vmap

from normshift.observe.forward import State
from normshift.params import Cell
from normshift.train.optimizers import REGISTRY as OPTIMIZERS

# A loss beyond this is a divergence (rule fixed beforehand: measurement, claim C27).
BOUND = 1e3


class Advance(NamedTuple):
    """One update: loss and accuracy before it (cell), gradients, what was subtracted, and who may go on (cell)."""

    loss: Tensor
    accuracy: Tensor
    gradients: State
    updates: State
    alive: Tensor


def column(values: Tensor, like: Tensor) -> Tensor:
    """Return per-cell values shaped to multiply a stacked tensor."""
    return values.reshape(-1, *[1] * (like.dim() - 1))


class Stacked:
    """One tensor program for the whole stack."""

    def __init__(self, network: nn.Module, cells: list[Cell], parameters: State, buffers: State):
        self.parameters, self.buffers = parameters, buffers
        self._subtract = OPTIMIZERS[cells[0].optimizer.kind]

        def loss(parameters: State, buffers: State, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
            logits, _ = functional_call(network, (parameters, buffers), (inputs,))
            return nn.functional.cross_entropy(logits, labels), logits

        self._gradients = vmap(grad_and_value(loss, has_aux=True))

    def advance(self, inputs: Tensor, labels: Tensor, rates: State, alive: Tensor) -> Advance:
        """Update every cell that is alive by its own rates (per parameter: learning rate x schedule x mask)."""
        gradients, (loss, logits) = self._gradients(self.parameters, self.buffers, inputs, labels)
        accuracy = (logits.argmax(-1) == labels).to(loss.dtype).mean(-1)
        alive = alive & loss.isfinite() & (loss <= BOUND)
        everyone = bool(alive.all())
        updates = {}
        for name, gradient in gradients.items():
            update = self._subtract(gradient, column(rates[name], gradient))
            updates[name] = update if everyone else torch.where(column(alive, update), update, 0.0)
        # A new dictionary: whoever looked before the update keeps the state before the update.
        self.parameters = {name: value - updates[name] for name, value in self.parameters.items()}
        return Advance(loss, accuracy, gradients, updates, alive)


class Serial:
    """The naive loop: one `nn.Module` and one `torch.optim` optimiser per cell."""

    def __init__(self, network: nn.Module, cells: list[Cell], parameters: State, buffers: State):
        self._networks = []
        for number in range(len(cells)):
            single = copy.deepcopy(network)
            states = {**parameters, **buffers}
            single.load_state_dict({name: value[number] for name, value in states.items()})
            self._networks.append(single.to(next(iter(parameters.values())).device))
        self._optimizers = [
            torch.optim.SGD([{"params": [value], "name": name, "lr": 0.0} for name, value in single.named_parameters()])
            for single in self._networks
        ]

    @property
    def parameters(self) -> State:
        """The stack's parameters."""
        return self._collect(lambda single: dict(single.named_parameters()))

    @property
    def buffers(self) -> State:
        """The stack's buffers."""
        return self._collect(lambda single: dict(single.named_buffers()))

    def _collect(self, states: Callable[[nn.Module], State]) -> State:
        each = [states(single) for single in self._networks]
        return {name: torch.stack([state[name].detach() for state in each]) for name in each[0]}

    def advance(self, inputs: Tensor, labels: Tensor, rates: State, alive: Tensor) -> Advance:
        """Update every cell that is alive, one after the other."""
        before = self.parameters
        rows = []
        for number, (single, optimizer) in enumerate(zip(self._networks, self._optimizers, strict=True)):
            logits, _ = single(inputs[number])
            loss = nn.functional.cross_entropy(logits, labels[number])
            optimizer.zero_grad()
            loss.backward()
            value = float(loss.detach())
            goes_on = bool(alive[number]) and math.isfinite(value) and value <= BOUND
            for group in optimizer.param_groups:
                group["lr"] = float(rates[group["name"]][number])
            if goes_on:
                optimizer.step()
            right = (logits.argmax(-1) == labels[number]).to(loss.dtype).mean()
            rows.append((loss.detach(), right, torch.tensor(goes_on)))
        loss, accuracy, alive = (torch.stack(parts).to(inputs.device) for parts in zip(*rows, strict=True))
        gradients = self._collect(lambda single: {name: value.grad for name, value in single.named_parameters()})
        after = self.parameters
        updates = {name: before[name] - after[name] for name in after}
        return Advance(loss, accuracy, gradients, updates, alive)


PROGRAMS = {"stacked": Stacked, "serial": Serial}
