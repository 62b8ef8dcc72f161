"""Where the parameters and running averages of a stack lie in the arrays of the compiled loops."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from normshift.observe.forward import State
from normshift.params import Cell
from normshift.train.compiled import activations, descending, normalisers
from normshift.train.compiled.network import ABSENT, Network

# A parameter begins where a cache line of 64 bytes does.
LINE = 16
PARAMETERS = ("linear.weight", "linear.bias", "affine.gamma", "affine.beta")
OUTPUT = ("output.weight", "output.bias", "", "")
AVERAGES = ("normaliser.running_mean", "normaliser.running_var")


def covers(cell: Cell) -> bool:
    """Say whether there are compiled loops for a cell's network, loss and optimiser."""
    model = cell.model
    known = cell.norm.kind in normalisers.CODES and model.activation in activations.CODES
    trained = model.loss == "cross_entropy" and cell.optimizer.kind in descending.CODES
    return model.kind == "mlp" and known and trained


class Layout:
    """The flat vector of a cell's parameters (cell, place), and its running averages (cell, layer, 2, unit)."""

    def __init__(self, cell: Cell, parameters: State):
        depth = cell.model.depth
        self._shapes = {name: value.shape[1:] for name, value in parameters.items()}
        self._begins, self.length = {}, 0
        for name, shape in self._shapes.items():
            self._begins[name] = self.length
            self.length += -(-shape.numel() // LINE) * LINE
        layers = [[f"hidden.{layer}.{name}" for name in PARAMETERS] for layer in range(depth)]
        places = np.array([[self._begins.get(name, ABSENT) for name in names] for names in (*layers, OUTPUT)])
        self._averages = [[f"hidden.{layer}.{name}" for name in AVERAGES] for layer in range(depth)]
        self.network = Network(
            inputs=self._shapes["hidden.0.linear.weight"][1],
            width=cell.model.width,
            depth=depth,
            classes=self._shapes["output.bias"][0],
            normaliser=normalisers.CODES[cell.norm.kind],
            activation=activations.CODES[cell.model.activation],
            affine=bool((places[0, 2:] != ABSENT).all()),
            noisy=False,
            replayed=False,
            to_u=False,
            places=places,
        )

    def flat(self, parameters: State) -> Tensor:
        """Return parameters as one vector per cell."""
        like = next(iter(parameters.values()))
        theta = torch.zeros(len(like), self.length, dtype=like.dtype)
        for name, view in self.views(theta).items():
            view.copy_(parameters[name])
        return theta

    def views(self, theta: Tensor) -> State:
        """Return the parameters that flat vectors hold, by their names: (..., place) -> (..., *shape)."""
        places = {name: (begin, begin + self._shapes[name].numel()) for name, begin in self._begins.items()}
        return {name: theta[..., begin:end].unflatten(-1, self._shapes[name]) for name, (begin, end) in places.items()}

    def flat_places(self, places: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return entries of parameters, by their places in these, as places in the flat vector."""
        nothing = np.zeros(0, np.int64)
        return np.concatenate([nothing, *(self._begins[name] + own for name, own in places.items())])

    def running(self, buffers: State, like: Tensor) -> Tensor:
        """Return running averages as one array; zeros where there are none."""
        running = torch.zeros(len(like), self.network.depth, 2, self.network.width, dtype=like.dtype)
        for name, view in self.running_views(running).items():
            if name in buffers:
                view.copy_(buffers[name])
        return running

    def running_views(self, running: Tensor) -> State:
        """Return the running averages that an array holds, by their names."""
        return {
            name: running[:, layer, number]
            for layer, names in enumerate(self._averages)
            for number, name in enumerate(names)
        }

    def gradient_views(self, gradients: Tensor) -> State:
        """Return the gradients (cell, layer, gamma or beta, unit) by the names of their parameters."""
        if not self.network.affine:
            return {}
        names = enumerate(PARAMETERS[2:])
        pairs = [(layer, number, name) for number, name in names for layer in range(self.network.depth)]
        return {f"hidden.{layer}.{name}": gradients[:, layer, number] for layer, number, name in pairs}
