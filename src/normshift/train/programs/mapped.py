"""One tensor program for the whole stack, made of any module by `torch.func.vmap`: the one for a GPU."""

from functools import partial

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, vmap

from normshift.networks.layer import Sites
from normshift.observe.forward import State, evaluating, forward
from normshift.params import Cell
from normshift.train.motion import Motion
from normshift.train.optimizers import REGISTRY as OPTIMIZERS
from normshift.train.programs.stepwise import Stepwise, column
from normshift.train.samples import Samples


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
        self._subtract = OPTIMIZERS[cells[0].optimizer.kind]

        def loss(parameters: State, buffers: State, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
            logits, _ = functional_call(network, (parameters, buffers), (inputs,))
            return nn.functional.cross_entropy(logits, labels), logits

        self._gradients = vmap(grad_and_value(loss, has_aux=True))
        self._training = vmap(partial(forward, network))
        self._evaluating = vmap(partial(forward, evaluating(network)))

    def _update(self, step: int, inputs: Tensor, labels: Tensor, rates: State, disturbing: State) -> State:
        gradients, (loss, logits) = self._gradients(self.parameters, self.buffers | disturbing, inputs, labels)
        alive = self.curves.add(step, loss, (logits.argmax(-1) == labels).to(loss.dtype).mean(-1))
        after = {}
        for name, gradient in gradients.items():
            update = self._subtract(gradient, column(rates[name], gradient))
            after[name] = self.parameters[name] - torch.where(column(alive, update), update, 0.0)
        self.parameters = after
        return gradients

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
