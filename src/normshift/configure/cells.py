"""What is wrong with the cells of a run that each would be right alone, or that only their meaning shows."""

from collections import Counter
from collections.abc import Iterator

from normshift.params import Cell

NEEDS = {"buffer": "size", "dirichlet": "concentration"}  # what an order of this kind cannot do without
# Kinds of normalisers that can do with one sample.
ALONE = ("group", "layer", "none", "none_noisy", "rms", "skipinit", "weight_standardised")


def cell_faults(cells: list[Cell]) -> list[str]:
    """Return a line for every fault of some cells."""
    return [*_order_faults(cells), *_name_faults(cells), *_norm_faults(cells)]


def _order_faults(cells: list[Cell]) -> Iterator[str]:
    for cell in cells:
        need = NEEDS.get(cell.order.kind)
        if need and getattr(cell.order, need) is None:
            yield f"order={cell.order.name}: order.{need} is missing: orders of kind {cell.order.kind} need it"


def _name_faults(cells: list[Cell]) -> Iterator[str]:
    """Tables know orders and arms by their names."""
    for group in ("norm", "order"):
        options = dict.fromkeys(getattr(cell, group) for cell in cells)
        for name, count in Counter(option.name for option in options).items():
            if count > 1:
                yield f"{group}={name}: two meanings in one run: give each a file of its own in conf/{group}/"


def _norm_faults(cells: list[Cell]) -> Iterator[str]:
    """The variance of one sample is zero, whatever the layer sends; and what replays must be told what, and alone."""
    alone = dict.fromkeys(cell.norm.name for cell in cells if cell.norm.kind not in ALONE and cell.batch_size < 2)
    if alone:
        yield f"batch_size=1: must be at least 2 with norm={', '.join(alone)}: one sample has no batch statistics"
    for norm in dict.fromkeys(cell.norm for cell in cells):
        if (norm.kind == "yoked") != (norm.replay != "nothing"):
            yield f"norm={norm.name}: norm.replay={norm.replay}: kind yoked replays something, and no other kind does"
