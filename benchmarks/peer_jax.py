"""The peer: the same training in JAX, `jit(vmap(scan))` over cells, in single precision.

Each step gathers its batch from the data set, as normshift does; loss and accuracy of every step are kept.
"""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks import plain
from benchmarks.cells import positions
from normshift.params import Cell
from normshift.train.samples import Shuffled

State = dict[str, jax.Array]

# `torch.nn.BatchNorm1d`'s defaults.
EPSILON, MOMENTUM = 1e-5, 0.1


def start(cells: Sequence[Cell], inputs: int, classes: int) -> tuple[State, State]:
    """Return the stack's parameters and running averages at step 0, by their names in normshift."""
    draws = {cell.seed: plain.start(cell, inputs, classes) for cell in cells}
    parameters = {name: np.stack([draws[cell.seed][name].numpy() for cell in cells]) for name in draws[cells[0].seed]}
    running = {}
    if cells[0].norm.kind == "batch":
        model = cells[0].model
        for layer in range(model.depth):
            running[f"hidden.{layer}.mean"] = np.zeros((len(cells), model.width), np.float32)
            running[f"hidden.{layer}.variance"] = np.ones((len(cells), model.width), np.float32)
    return parameters, running


def _loss(depth: int, parameters: State, running: State, inputs: jax.Array, labels: jax.Array):
    """Return the loss of one network on one batch, and beside it new running averages and the accuracy."""
    after = {}
    for layer in range(depth):
        name = f"hidden.{layer}"
        inputs = inputs @ parameters[f"{name}.linear.weight"].T + parameters[f"{name}.linear.bias"]
        if running:
            mean = inputs.mean(0)
            centred = inputs - mean
            variance = (centred**2).mean(0)
            unbiased = variance * len(inputs) / (len(inputs) - 1)
            for moment, value in (("mean", mean), ("variance", unbiased)):
                after[f"{name}.{moment}"] = (1 - MOMENTUM) * running[f"{name}.{moment}"] + MOMENTUM * value
            scale = jax.lax.rsqrt(variance + EPSILON) * parameters[f"{name}.affine.gamma"]
            inputs = centred * scale + parameters[f"{name}.affine.beta"]
        inputs = jax.nn.relu(inputs)
    logits = inputs @ parameters["output.weight"].T + parameters["output.bias"]
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1)
    return -chosen.mean(), (after, (logits.argmax(1) == labels).mean())


def _train(depth: int, parameters: State, running: State, rate, seed, places, inputs, labels):
    """Train one cell; ``inputs`` and ``labels`` hold every seed's training split."""
    gradient = jax.value_and_grad(lambda *arguments: _loss(depth, *arguments), has_aux=True)

    def step(state: tuple[State, State], batch: jax.Array):
        parameters, running = state
        (loss, (running, accuracy)), gradients = gradient(parameters, running, inputs[seed, batch], labels[seed, batch])
        parameters = jax.tree.map(lambda value, slope: value - rate * slope, parameters, gradients)
        return (parameters, running), (loss, accuracy)

    (parameters, running), curves = jax.lax.scan(step, (parameters, running), places)
    return parameters, running, curves


def arguments(cells: Sequence[Cell], data: Shuffled) -> tuple:
    """Return what the training of a stack needs: its start, rates, and what each cell reads of which seed's split."""
    seeds = sorted({cell.seed for cell in cells})
    splits = [data.part("train", seed) for seed in seeds]
    inputs = np.stack([data.standardised(split, seed) for split, seed in zip(splits, seeds, strict=True)])
    labels = np.stack([data.labels[split] for split in splits]).astype(np.int32)
    rates = np.array([cell.lr for cell in cells], np.float32)
    seed_of = np.array([seeds.index(cell.seed) for cell in cells], np.int32)
    return *start(cells, inputs.shape[-1], data.classes), rates, seed_of, positions(cells, data), inputs, labels


def prepared(cells: Sequence[Cell], data: Shuffled) -> Callable[[], tuple]:
    """Compile the training of a stack; return what runs it and gives parameters, running averages and curves."""

    def train(*given):
        return _train(cells[0].model.depth, *given)

    mapped = jax.jit(jax.vmap(train, in_axes=(0, 0, 0, 0, 0, None, None)))
    compiled = mapped.lower(*arguments(cells, data)).compile()
    # Arguments are made anew in each run: a program of normshift makes its own, too.
    return lambda: jax.block_until_ready(compiled(*arguments(cells, data)))
