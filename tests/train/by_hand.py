"""Networks written out from their formulas and trained by plain autograd: what observers are held against."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from normshift.networks.layer import Sites
from normshift.params import Cell
from normshift.records import Record
from normshift.train.loop import train
from normshift.train.samples import Samples, Shuffled
from normshift.train.stacks import start
from tests.train.made_up import shuffled

EPS, MOMENTUM = 1e-5, 0.1
NONLINEARITIES: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": lambda y: y * (y > 0),
    "sigmoid": lambda y: 1 / (1 + torch.exp(-y)),
    "tanh": lambda y: (torch.exp(2 * y) - 1) / (torch.exp(2 * y) + 1),
}
DATA = shuffled(range(4))
State = dict[str, Tensor]


def forward(cell: Cell, theta: State, inputs: Tensor, averages=None) -> tuple[Tensor, list[Sites]]:
    """Logits and sites; batch norm by the batch, or by ``averages``, a mean and a variance per layer."""
    a, sites = inputs, []
    for layer in range(cell.model.depth):
        of = {name.split(".", 2)[2]: value for name, value in theta.items() if name.startswith(f"hidden.{layer}.")}
        u = a @ of["linear.weight"].T + of["linear.bias"]
        if cell.norm.kind == "batch":
            mean, variance = averages[layer] if averages else (u.mean(0), ((u - u.mean(0)) ** 2).mean(0))
            x = (u - mean) / (variance + EPS) ** 0.5
        elif cell.norm.kind == "layer":
            away = u - u.mean(1, keepdim=True)
            x = away / ((away**2).mean(1, keepdim=True) + EPS) ** 0.5
        else:
            x = u
        y = x if cell.norm.kind == "none" else of["affine.gamma"] * x + of["affine.beta"]
        a = NONLINEARITIES[cell.model.activation](y)
        sites.append(Sites(u, x, y, a))
    return a @ theta["output.weight"].T + theta["output.bias"], sites


def loss(cell: Cell, theta: State, inputs: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy in nats, batch mode."""
    logits, _ = forward(cell, theta, inputs)
    return (torch.logsumexp(logits, 1) - logits[torch.arange(len(labels)), labels]).mean()


def gradient(cell: Cell, theta: State, inputs: Tensor, labels: Tensor) -> State:
    """The gradient of the loss."""
    leaves = {name: value.clone().requires_grad_() for name, value in theta.items()}
    return dict(
        zip(leaves, torch.autograd.grad(loss(cell, leaves, inputs, labels), list(leaves.values())), strict=True)
    )


def learns(cell: Cell, name: str) -> bool:
    """Whether an arm learns a parameter."""
    return {"gamma": cell.norm.learn_gamma, "beta": cell.norm.learn_beta}.get(name.rsplit(".", 1)[-1], True)


@dataclass
class Path:
    """A cell's parameters before every update and after the last, and the running averages there."""

    cell: Cell
    samples: Samples
    states: list[State]
    averages: list[list[tuple[Tensor, Tensor]]]

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Inputs and labels of a step."""
        inputs, labels = self.samples.batch(step % self.cell.steps)
        return inputs[0], labels[0]

    def held(self, name: str) -> tuple[Tensor, Tensor]:
        """Inputs and labels of a fixed set."""
        fixed = self.samples.fixed(name)
        return fixed.inputs[fixed.row_of[0]], fixed.labels[fixed.row_of[0]]


def trained(cell: Cell, data: Shuffled = DATA) -> Path:
    """Train a cell in double precision by the plain formulas."""
    samples = Samples(data, [cell], torch.float64, "cpu")
    _, parameters, _ = start([cell], data.shape, data.classes, torch.float64, "cpu")
    theta = {name: value[0] for name, value in parameters.items()}
    width = cell.model.width
    used = [(torch.zeros(width).double(), torch.ones(width).double())] * cell.model.depth
    path = Path(cell, samples, [theta], [used])
    for step in range(cell.steps):
        inputs, labels = path.batch(step)
        slopes = gradient(cell, theta, inputs, labels)
        batch = [site.u for site in forward(cell, theta, inputs)[1]]
        used = [
            tuple(old + MOMENTUM * (new - old) for old, new in zip(pair, (u.mean(0), u.var(0)), strict=True))
            for pair, u in zip(used, batch, strict=True)
        ]
        theta = {name: value - cell.lr * learns(cell, name) * slopes[name] for name, value in theta.items()}
        path.states.append(theta)
        path.averages.append(used)
    return path


def seen(cell: Cell, data: Shuffled = DATA) -> tuple[Record, Path]:
    """What is recorded of a cell trained in double precision, and its path by hand."""
    (record,), _ = train([cell], data, dtype=torch.float64)
    return record, trained(cell, data)


def full_points(record: Record) -> list[tuple[int, int]]:
    """Place and step of each full point."""
    return list(enumerate(record["points"][record["full"]].tolist()))


def length(tensors: Iterable[Tensor]) -> Tensor:
    """The norm of some tensors together."""
    return sum((tensor**2).sum() for tensor in tensors) ** 0.5


def close(found, expected, **how) -> None:
    """Hold single precision, as it is recorded, against double."""
    np.testing.assert_allclose(
        found, torch.as_tensor(expected, dtype=torch.float64).numpy(), **{"rtol": 1e-5, "atol": 1e-9, **how}
    )


def noise_of_examples(ys: list[np.ndarray], batches: np.ndarray) -> float:
    """Unit by unit: sd of each example's y over the batches it was in, mean variance over examples, in sigma."""
    noises = []
    for unit in range(ys[0].shape[1]):
        values: dict[int, list[float]] = {}
        for places, y in zip(batches, ys, strict=True):
            for sample, value in zip(places, y[:, unit], strict=True):
                values.setdefault(int(sample), []).append(value)
        within = [np.var(of, ddof=1) for of in values.values() if len(of) > 1]
        noises.append(np.sqrt(np.mean(within) / np.mean([y[:, unit].var() for y in ys])))
    return float(np.median(noises))
