"""What an arm makes of a network: where its gamma and beta begin, and what of it no longer moves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from normshift import seeds
from normshift.observe.forward import State
from normshift.params import Cell

WEIGHT, AFFINE = "linear.weight", ("gamma", "beta")


def freezing(cell: Cell) -> int:
    """Return the update from which on what freezes stays, counted from 0."""
    return round(cell.norm.frozen_from * cell.steps)


def source(cell: Cell) -> Cell:
    """Return the cell with whose last gamma and beta a cell starts: itself, they given and nothing frozen.

    It has one name, so that arms that start from the same end share it.
    """
    learning = {"learn_gamma": True, "learn_beta": True, "frozen_from": 1.0, "freezes": "affine"}
    return replace(cell, norm=replace(cell.norm, name="source", start="given", **learning))


def sources(cells: Iterable[Cell]) -> list[Cell]:
    """Return what has to be trained before cells can start, each once."""
    return list(dict.fromkeys(source(cell) for cell in cells if cell.norm.start != "given"))


def begun(drawn: State, cell: Cell, ends: Mapping[Cell, State]) -> State:
    """Return a cell's parameters at step 0: gamma and beta as its arm says, the others as drawn.

    ``ends`` has what the cells of `sources` end with.
    """
    return {name: _begun(name, value, cell, ends) for name, value in drawn.items()}


def _begun(name: str, drawn: Tensor, cell: Cell, ends: Mapping[Cell, State]) -> Tensor:
    layer, _, parameter = name.rpartition(".")
    if parameter not in AFFINE:
        return drawn * cell.norm.scale if name.startswith("hidden.") and name.endswith(WEIGHT) else drawn
    if cell.norm.start == "given":
        return torch.full_like(drawn, cell.norm.gamma0 if parameter == "gamma" else cell.norm.beta0)
    final = ends[source(cell)][name]
    if cell.norm.start == "final":
        return final
    # Of the layer, not of the parameter: a unit's gamma and beta stay together.
    return final[seeds.generator(cell.root, "permuted", cell.seed, layer).permutation(len(final))]


def held(cell: Cell, network: nn.Module) -> dict[str, np.ndarray]:
    """Return the entries, as places in the flattened weight, that stay from `freezing` on; none where weights learn on.

    In each hidden layer as many as it has gammas and betas, the same for all arms of a seed.
    """
    if cell.norm.freezes != "weights":
        return {}
    sizes = {name: value.numel() for name, value in network.named_parameters()}
    found = {}
    for name in (name for name in sizes if name.startswith("hidden.") and name.endswith(WEIGHT)):
        layer = name.removesuffix(WEIGHT)
        count = sum(sizes.get(f"{layer}affine.{parameter}", 0) for parameter in AFFINE)
        found[name] = seeds.generator(cell.root, "held", cell.seed, name).permutation(sizes[name])[:count]
    return found


def staying(cells: Sequence[Cell], network: nn.Module, step: int) -> State:
    """Return which entries of weights stay at an update, (cell, ...) by name, of those of which any does."""
    found: State = {}
    for number, cell in enumerate(cells):
        for name, places in held(cell, network).items() if step >= freezing(cell) else ():
            shape = network.get_parameter(name).shape
            mask = found.setdefault(name, torch.zeros(len(cells), *shape, dtype=torch.bool))
            mask[number].view(-1)[places] = True
    return found
