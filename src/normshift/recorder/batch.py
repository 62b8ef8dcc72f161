"""A probe or a batch: what a model takes, as it was when the recorder was made."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


class Refused(ValueError):
    """What a person is told of a model, a probe or a batch, in one line."""


def mapped(batch: Any, change: Callable[[Tensor], Any]) -> Any:
    """Return a batch with every tensor in it changed; tuples, lists and dicts stay what they are."""
    if isinstance(batch, Tensor):
        return change(batch)
    if isinstance(batch, Mapping):
        return {name: mapped(value, change) for name, value in batch.items()}
    if isinstance(batch, tuple | list):
        made = [mapped(value, change) for value in batch]
        return made if isinstance(batch, list) else type(batch)(*made) if hasattr(batch, "_fields") else tuple(made)
    return batch


def copied(batch: Any) -> Any:
    """Return a copy that shares no memory and no gradient with the batch."""
    return mapped(batch, lambda tensor: tensor.detach().clone())


def tensors(batch: Any) -> Iterator[Tensor]:
    """Yield the tensors of a batch."""
    if isinstance(batch, Tensor):
        yield batch
    elif isinstance(batch, Mapping | tuple | list):
        for value in batch.values() if isinstance(batch, Mapping) else batch:
            yield from tensors(value)


def samples(batch: Any) -> int:
    """Return how many samples a batch has: the length of its first tensor."""
    first = next(tensors(batch), None)
    if first is None or not first.dim():
        raise ValueError("a probe or batch is a tensor, or a tuple or dict of what the model takes, samples first")
    return len(first)


def run(model: nn.Module, batch: Any) -> Any:
    """Return what a model makes of a batch: a tuple holds its arguments, a dict its keywords."""
    if isinstance(batch, Mapping):
        return model(**batch)
    return model(*batch) if isinstance(batch, tuple | list) else model(batch)


@contextmanager
def taking(what: str, batch: Any) -> Iterator[None]:
    """Say in one line that a model does not take a batch, whatever it raises when it is given it."""
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        shapes = ", ".join(str(tuple(tensor.shape)) for tensor in tensors(batch))
        fault = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise Refused(f"the model does not take the {what}, of shape {shapes}: {fault}") from error


def concatenated(batches: list[Any], most: int) -> Any:
    """Return several batches as one of at most so many samples, as many of each as of the others.

    ``ValueError`` where they cannot be one: sequences of different lengths.
    """
    share = max(1, most // len(batches))
    first = batches[0]
    if isinstance(first, Tensor):
        size = {tuple(one.shape[1:]) for one in batches}
        if len(size) > 1:
            raise ValueError("the batches' samples have different sizes")
        return torch.cat([one[:share] for one in batches]) if first.dim() else first
    if isinstance(first, Mapping):
        return {name: concatenated([one[name] for one in batches], most) for name in first}
    if isinstance(first, tuple | list):
        return type(first)([concatenated([one[place] for one in batches], most) for place in range(len(first))])
    return first


def check_device(batch: Any, model: nn.Module, what: str) -> None:
    """Refuse a batch that is on another device than the model."""
    own = {value.device for value in model.parameters()}
    if len(own) != 1:  # a model spread over several moves its inputs itself
        return
    (device,) = own
    for tensor in tensors(batch):
        if tensor.device != device:
            raise ValueError(
                f"the {what} is on {tensor.device}, the model on {device}: move it with .to({str(device)!r})"
            )
