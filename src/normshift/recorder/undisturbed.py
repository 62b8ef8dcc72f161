"""Running a model so that its training cannot tell: what a forward pass changes is put back afterwards."""

import random
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

SEED = 0  # every look draws the same numbers, so that what a model draws in its forward pass is no drift
INSIDE = ("_buffers", "_parameters", "_modules")  # dicts of a module that hold what it consists of
CONTAINERS = (list, dict, OrderedDict, defaultdict, Counter, set, deque)

# Generators that a module may hold, besides torch's own, and how one that starts anew is made.
FRESH = {
    random.Random: lambda _: random.Random(SEED),
    np.random.RandomState: lambda _: np.random.RandomState(SEED),
    np.random.Generator: lambda own: np.random.Generator(type(own.bit_generator)(SEED)),
}


def original(model: nn.Module) -> nn.Module:
    """Return the module that was compiled or distributed: hooks on what `torch.compile` returns do not fire."""
    while True:
        if isinstance(inner := vars(model).get("_modules", {}).get("_orig_mod"), nn.Module):
            model = inner
        elif isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
            model = model.module
        else:
            return model


@contextmanager
def undisturbed(model: nn.Module) -> Iterator[None]:
    """Run a model without gradients; its modules, all generators and torch's settings are then what they were."""
    with ExitStack() as stack:
        for one in (torch.no_grad(), _state(model), _draws(model), _eager(), _slow_path(), _uncached(model)):
            stack.enter_context(one)
        yield


@contextmanager
def _state(model: nn.Module) -> Iterator[None]:
    """Put copies in place of all tensors, arrays and generators that modules hold; afterwards put everything back.

    Training never sees a changed tensor, nor a raised version counter; flags and counters, lists and dicts of a module
    are restored too. Parameters are copied as some are written in a forward pass: ``nn.Embedding(max_norm=...)``.
    """
    copies: dict[int, Any] = {}
    kept = [(module, dict(vars(module)), _held(module)) for module in model.modules()]
    try:
        for module, _, _ in kept:
            for own in (vars(module), module._buffers, module._parameters):
                own.update({name: _copy(value, copies) for name, value in own.items() if _changes(value)})
        yield
    finally:
        for module, attributes, held in kept:
            vars(module).clear()
            vars(module).update(attributes)
            for value, content in held:
                _refill(value, content)


def _changes(value: Any) -> bool:
    """Say whether a value can be changed where it lies, and can be copied."""
    return type(value) in (Tensor, nn.Parameter, np.ndarray, *FRESH)


def _copy(value: Any, copies: dict[int, Any]) -> Any:
    """Return a value's copy, the same for one that is held twice; of a generator one that starts anew."""
    if id(value) not in copies:
        copies[id(value)] = _copied(value)
    return copies[id(value)]


def _copied(value: Any) -> Any:
    if isinstance(value, nn.Parameter):
        return nn.Parameter(value.detach().clone(), value.requires_grad)
    if isinstance(value, Tensor):
        return value.detach().clone()
    return value.copy() if isinstance(value, np.ndarray) else FRESH[type(value)](value)


def _held(module: nn.Module) -> list[tuple[Any, Any]]:
    """Return the lists, dicts and sets of a module and what is in them."""
    own = [value for value in vars(module).values() if type(value) in CONTAINERS]
    inside = [vars(module)[name] for name in INSIDE if type(vars(module)[name]) is not dict]
    return [(value, value.copy()) for value in (*own, *inside)]


def _refill(value: Any, content: Any) -> None:
    value.clear()
    value.extend(content) if isinstance(value, list | deque) else value.update(content)


@contextmanager
def _draws(model: nn.Module) -> Iterator[None]:
    """Let every generator that a forward pass may draw from start anew, and go on afterwards where it was."""
    generators = [torch.default_generator, *_own(model)]
    if torch.cuda.is_initialized():  # never begin CUDA for this: its generators would be seeded later on
        generators += torch.cuda.default_generators
    states = [(generator, generator.get_state()) for generator in generators]
    python, array = random.getstate(), np.random.get_state()
    try:
        for generator in generators:
            generator.manual_seed(SEED)
        random.seed(SEED)
        np.random.seed(SEED)
        yield
    finally:
        for generator, state in states:
            generator.set_state(state)
        random.setstate(python)
        np.random.set_state(array)


def _own(model: nn.Module) -> list[torch.Generator]:
    """Return the generators that modules hold, each once."""
    found = [value for module in model.modules() for value in vars(module).values()]
    return list({id(value): value for value in found if isinstance(value, torch.Generator)}.values())


@contextmanager
def _eager() -> Iterator[None]:
    """Let compiled modules inside the model run as they are written, or no hook in them would fire."""
    if "torch._dynamo" not in sys.modules:
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield


@contextmanager
def _slow_path() -> Iterator[None]:
    """Keep torch's transformer layers from skipping their own modules in evaluation."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


@contextmanager
def _uncached(model: nn.Module) -> Iterator[None]:
    """Let autocast, where it is on, neither use weights cast before nor keep those cast now: they have no gradient."""
    devices = {"cpu", *(value.device.type for value in model.parameters())}
    with ExitStack() as stack:
        for device in sorted(devices):
            if torch.is_autocast_enabled(device):
                how = torch.autocast(device, dtype=torch.get_autocast_dtype(device), cache_enabled=False)
                stack.enter_context(how)
        yield
