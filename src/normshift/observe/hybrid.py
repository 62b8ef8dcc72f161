"""Networks between two states: some parameters of the later one, the rest of the earlier one."""

from collections.abc import Collection, Iterable

from normshift.observe.forward import State


def layer_of(name: str) -> int | None:
    """Return the number of the hidden layer that a parameter belongs to, from 0; None: the output."""
    return int(name.split(".")[1]) if name.startswith("hidden.") else None


def depth(names: Iterable[str]) -> int:
    """Return how many hidden layers there are."""
    return len({layer_of(name) for name in names} - {None})


def below(names: Iterable[str], layer: int) -> set[str]:
    """Return the parameters of the hidden layers before one."""
    return {name for name in names if (own := layer_of(name)) is not None and own < layer}


def own(names: Iterable[str], layer: int) -> set[str]:
    """Return the parameters of a hidden layer."""
    return {name for name in names if layer_of(name) == layer}


def affine(names: Iterable[str], layer: int) -> set[str]:
    """Return gamma and beta of a hidden layer; empty if it has none."""
    return {name for name in own(names, layer) if ".affine." in name}


def hybrid(before: State, after: State, moved: Collection[str]) -> State:
    """Return the earlier state with the parameters ``moved`` of the later one."""
    return {name: after[name] if name in moved else value for name, value in before.items()}


def groups(names: Collection[str], layer: int) -> tuple[set[str], set[str], set[str]]:
    """Return what comes before a layer's gamma and beta, these, and what comes after them."""
    middle = affine(names, layer)
    lower = below(names, layer) | own(names, layer) - middle
    return lower, middle, set(names) - lower - middle
