"""One forward pass over a batch, and what is read at some places of the model meanwhile."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from normshift.recorder import batch as batches
from normshift.recorder.kinds import SLOW, averaging, by_batch
from normshift.recorder.layer import Place
from normshift.recorder.undisturbed import undisturbed

Read = TypeVar("Read")
Averages = Mapping[str, tuple[Tensor, Tensor]]  # mean and variance that normalise, (unit) each, by the module's name


def look(
    model: nn.Module,
    batch: Any,
    places: Iterable[Place | str],
    read: Callable[[Place, Tensor], Read],
    mode: str = "batch",
    averages: Averages | None = None,
) -> dict[Place, Read]:
    """Return what ``read`` makes of the activations at some places while the model runs; nothing of it changes.

    Modes: `batch` normalises by the batch, `ema` by running averages, `population` by ``averages`` in their place. In
    all of them whatever else tells training from evaluation, such as dropout, is in evaluation. What is read is read
    before anything can overwrite it. A name stands for the inputs of all the module's calls.
    """
    found: dict[Place, Read] = {}

    def enter(place: Place, value: Any) -> None:
        asked = place in wanted or (place.end == "input" and place.module in wanted)
        if asked and (tensor := first(value)) is not None:
            found[place] = read(place, tensor.detach())  # a model may turn gradients on in its forward pass

    wanted = set(places)
    names = {place if isinstance(place, str) else place.module for place in wanted}
    with undisturbed(model), hooked(model, names, enter):
        normalise_as(model, mode, averages or {})
        batches.run(model, batches.copied(batch))
    return found


def first(value: Any) -> Tensor | None:
    """Return the activations in what a module takes or gives: the first tensor, of a packed sequence its data."""
    if isinstance(value, nn.utils.rnn.PackedSequence):
        return value.data
    return next(batches.tensors(value), None)


@contextmanager
def hooked(model: nn.Module, names: Iterable[str], enter: Callable[[Place, Any], None]) -> Iterator[None]:
    """Call ``enter`` with the input and the output of some modules at each of their calls."""
    calls, own = Counter(), dict(model.named_modules())

    def before(name: str) -> Callable:
        return lambda module, args, kwargs: enter(Place(name, calls[name], "input"), (*args, *kwargs.values()))

    def after(name: str) -> Callable:
        def hook(module: nn.Module, args: tuple, output: Any) -> None:
            enter(Place(name, calls[name], "output"), output)
            calls[name] += 1

        return hook

    with ExitStack() as stack:
        for name in names:
            module = own.get(name)
            if module is None:
                raise batches.Refused(f"the model has changed: {name} is gone")
            stack.callback(module.register_forward_pre_hook(before(name), with_kwargs=True).remove)
            stack.callback(module.register_forward_hook(after(name)).remove)
        yield


def normalise_as(model: nn.Module, mode: str, averages: Averages) -> None:
    """Make modules normalise as the mode says, everything else as in evaluation; on copies, see `undisturbed`."""
    for name, module in model.named_modules():
        module.training = mode == "batch" and by_batch(module)
        if mode == "population" and name in averages:
            for own, value in zip(SLOW, averages[name], strict=True):
                module._buffers[own] = value.to(module._buffers[own])


def running(model: nn.Module, name: str) -> tuple[Tensor, Tensor]:
    """Return the running mean and variance of a module, (unit) each."""
    module = model.get_submodule(name)
    return tuple(getattr(module, own).detach().float() for own in SLOW)


def of_batch(model: nn.Module) -> list[str]:
    """Return the modules that normalise by the batch and keep running averages."""
    return [name for name, module in model.named_modules() if averaging(module)]


def device(model: nn.Module) -> torch.device:
    """Return where a model is: where its first parameter is."""
    return next((value.device for value in model.parameters()), torch.device("cpu"))
