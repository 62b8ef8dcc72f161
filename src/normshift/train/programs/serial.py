"""The naive loop: one `nn.Module` and one `torch.optim` optimiser per cell. The oracle of the other programs."""

import copy
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.func import functional_call

from normshift.networks.layer import Sites
from normshift.observe.forward import State
from normshift.params import Cell
from normshift.train import arms, stacks
from normshift.train.losses import LOSSES
from normshift.train.motion import Motion
from normshift.train.optimizers.adam import BETAS, EPS
from normshift.train.optimizers.momentum import DECAY
from normshift.train.programs.stepwise import Stepwise
from normshift.train.samples import Samples

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "momentum": partial(torch.optim.SGD, momentum=DECAY),
    "adam": partial(torch.optim.Adam, betas=BETAS, eps=EPS),
}


class Serial(Stepwise):
    """One cell after the other."""

    def __init__(
        self,
        network: nn.Module,
        cells: list[Cell],
        parameters: State,
        buffers: State,
        samples: Samples,
        motion: Motion | None,
    ):
        self._networks, self._loss = [], LOSSES[cells[0].model.loss]
        for number, cell in enumerate(cells):
            single = stacks.averaging(copy.deepcopy(network), cell.norm.momentum)
            states = {**parameters, **buffers}
            single.load_state_dict({name: value[number] for name, value in states.items()})
            self._networks.append(single)
        optimizer = OPTIMIZERS[cells[0].optimizer.kind]
        self._optimizers = [
            optimizer([{"params": [value], "name": name, "lr": 0.0} for name, value in single.named_parameters()])
            for single in self._networks
        ]
        self._stays = [(arms.held(cell, network), arms.freezing(cell)) for cell in cells]
        super().__init__(network, cells, parameters, buffers, samples, motion)

    @property
    def parts(self) -> list[slice]:
        """Each cell alone."""
        return [slice(number, number + 1) for number in range(len(self._networks))]

    @property
    def parameters(self) -> State:
        """The stack's parameters."""
        return self._collect(lambda single: dict(single.named_parameters()))

    @parameters.setter
    def parameters(self, states: State) -> None:
        """Ignore the start: the networks have it."""

    @property
    def buffers(self) -> State:
        """The stack's buffers."""
        return self._collect(lambda single: dict(single.named_buffers()))

    @buffers.setter
    def buffers(self, states: State) -> None:
        """Ignore the start: the networks have it."""

    def _collect(self, states: Callable[[nn.Module], State]) -> State:
        each = [states(single) for single in self._networks]
        return {name: torch.stack([state[name].detach() for state in each]) for name in each[0]}

    def _update(self, step: int, inputs: Tensor, labels: Tensor, rates: State, disturbing: State) -> State:
        rows = []
        for number, (single, optimizer) in enumerate(zip(self._networks, self._optimizers, strict=True)):
            own = {name: value[number] for name, value in disturbing.items()}
            logits, _ = functional_call(single, own, (inputs[number],))
            loss = self._loss(logits, labels[number])
            optimizer.zero_grad()
            loss.backward()
            for group in optimizer.param_groups:
                group["lr"] = float(rates[group["name"]][number])
            rows.append((loss.detach(), (logits.argmax(-1) == labels[number]).to(loss.dtype).mean()))
        alive = self.curves.add(step, *(torch.stack(values) for values in zip(*rows, strict=True)))
        for number, optimizer in enumerate(self._optimizers):
            if alive[number]:
                self._step(number, step, optimizer)
        return self._collect(lambda single: {name: value.grad for name, value in single.named_parameters()})

    def _step(self, number: int, step: int, optimizer: torch.optim.Optimizer) -> None:
        """Update a cell; put back what stays."""
        places, freezing = self._stays[number]
        weights = {name: self._networks[number].get_parameter(name).detach() for name in places}
        before = {name: value.clone() for name, value in weights.items() if step >= freezing}
        optimizer.step()
        for name, value in before.items():
            weights[name].view(-1)[places[name]] = value.view(-1)[places[name]]

    def _look(
        self, inputs: Tensor, averages: State | None, parameters: State, disturbing: State
    ) -> tuple[Tensor, list[Sites]]:
        logits, sites = [], []
        used = {**parameters, **(self.buffers if averages is None else averages), **disturbing}
        for number, single in enumerate(self._networks):
            single.train(averages is None)
            with torch.no_grad():
                own = {name: value[number].clone() for name, value in used.items()}
                one, each = functional_call(single, own, (inputs[number],))
            single.train()
            logits.append(one)
            sites.append(each)
        layers = zip(*sites, strict=True)
        return torch.stack(logits), [Sites(*map(torch.stack, zip(*layer, strict=True))) for layer in layers]

    def _slope(self, inputs: Tensor, labels: Tensor, parameters: State, disturbing: State) -> tuple[Tensor, State]:
        losses, gradients = [], []
        for number, single in enumerate(self._networks):
            own = {name: value[number].detach().clone().requires_grad_() for name, value in parameters.items()}
            untouched = {name: value.clone() for name, value in single.named_buffers()}
            untouched |= {name: value[number] for name, value in disturbing.items()}
            logits, _ = functional_call(single, {**own, **untouched}, (inputs[number],))
            loss = self._loss(logits, labels[number])
            gradients.append(dict(zip(own, torch.autograd.grad(loss, list(own.values())), strict=True)))
            losses.append(loss.detach())
        return torch.stack(losses), {name: torch.stack([one[name] for one in gradients]) for name in gradients[0]}
