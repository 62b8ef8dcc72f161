"""Which layers of a model are recorded: found in one forward pass, in the order in which they run."""

import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

import torch
from torch import Tensor, nn

from normshift.recorder import batch as batches
from normshift.recorder import kinds
from normshift.recorder.layer import Layer, Place
from normshift.recorder.looking import first, hooked, normalise_as
from normshift.recorder.undisturbed import undisturbed

Choice = str | type[nn.Module]
WEIGHTS = "parametrizations."  # in the names of modules that make weights, such as weight and spectral norm
SHOWN = 30  # names of modules in a message


class NoLayer(batches.Refused):
    """No layer is there to be recorded."""


def chosen(model: nn.Module, choices: Choice | Iterable[Choice] | None) -> list[str]:
    """Return the names of the modules to record: normalisers, nonlinearities and recurrent networks by default.

    A choice is a pattern of names (``"layer1.*"``) or a type of modules.
    """
    named = dict(model.named_modules())
    if choices is None:
        tests = (kinds.normalises, kinds.nonlinear, kinds.recurrent)
        running = {name: module for name, module in named.items() if WEIGHTS not in name}
        found = [name for name, module in running.items() if any(test(module) for test in tests)]
    else:
        wanted = [choices] if isinstance(choices, str | type) else list(choices)
        found = [name for name, module in named.items() if any(_matches(name, module, one) for one in wanted)]
    if not found:
        raise NoLayer(f"no layer matched; the modules of this model are: {_listed(named)}")
    return found


def _matches(name: str, module: nn.Module, choice: Choice) -> bool:
    return fnmatchcase(name, choice) if isinstance(choice, str) else isinstance(module, choice)


def _listed(named: dict[str, nn.Module]) -> str:
    return _some([f"{name} ({type(module).__name__})" for name, module in named.items() if name] or ["none"])


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


@dataclass
class _Walk:
    """What is known while a model runs for the first time: where tensors come from, and the layers so far."""

    model: nn.Module
    chosen: Sequence[str]
    made: dict[int, tuple[weakref.ref, int, int | None, int | None]] = field(default_factory=dict)
    axes: dict[torch.Size, int] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)
    entered: dict[str, tuple[int | None, int | None, Tensor]] = field(default_factory=dict)

    def origin(self, tensor: Tensor) -> tuple[int | None, int | None]:
        """Return the axis of a tensor's units and the layer whose y it is, as far as that is known.

        It must be the same tensor, and unchanged: ``out += identity`` makes another value of it. The axis is else that
        of the last output of this shape whose module tells: ``out + identity`` has units where both have them.
        """
        reference, version, axis, layer = self.made.get(id(tensor), (None, None, None, None))
        same = reference is not None and reference() is tensor
        axis = axis if same and axis is not None else self.axes.get(tensor.shape)
        return axis, (layer if same and version == tensor._version else None)

    def enter(self, place: Place, value: Any) -> None:
        """Note what goes into a module, or comes out of it."""
        tensor = first(value)
        if tensor is None:
            return
        if place.end == "input":
            self.entered[place.module] = (*self.origin(tensor), tensor)
        else:
            self._leave(place, tensor)

    def _leave(self, place: Place, tensor: Tensor) -> None:
        module = self.model.get_submodule(place.module)
        axis, layer, given = self.entered.pop(place.module, (None, None, None))
        own = kinds.axis(module)
        if own is not None:
            axis = self.axes[tensor.shape] = own
        # A module that hands on what it got (dropout in evaluation) changes nothing about whose y that is.
        after = layer if tensor is given and not kinds.nonlinear(module) else None
        if place.module in self.chosen:
            axis = kinds.usual_axis(tensor.dim()) if axis is None else axis
            after = self._add(module, place, tensor, axis, layer)
        self.made[id(tensor)] = (weakref.ref(tensor), tensor._version, axis, after)

    def _add(self, module: nn.Module, place: Place, tensor: Tensor, axis: int, layer: int | None) -> int | None:
        """Add a layer, or the site a to the one whose y the nonlinearity got; return whose y the output is."""
        inside, units = place._replace(end="input"), tensor.shape[axis] if tensor.dim() > 1 else 1
        name = place.module + (f"#{place.call + 1}" if place.call else "")
        new = Layer(name, type(module).__name__, {"a": place}, axis, units)
        if kinds.normalises(module) or kinds.by_batch(module):
            eps = getattr(module, "eps", None) or getattr(module, "variance_epsilon", None)
            how = {"normaliser": place.module, "by_batch": kinds.by_batch(module), "eps": float(eps or 0.0)}
            self.layers.append(replace(new, places={"u": inside, "y": place}, **how))
            return len(self.layers) - 1
        if kinds.nonlinear(module):
            if layer is not None and "a" not in self.layers[layer].places:
                whole = {**self.layers[layer].places, "a": place}
                self.layers[layer] = replace(self.layers[layer], places=whole, activation=new.kind)
                return None
            new = replace(new, places={"u": inside, "y": inside, "a": place}, activation=new.kind)
        self.layers.append(new)
        return None


def layers(model: nn.Module, probe: Any, names: Sequence[str]) -> tuple[Layer, ...]:
    """Return the layers that modules of these names make, in the order in which they run; `NoLayer` if none runs."""
    walk = _Walk(model, names)
    watched = {name for name, module in model.named_modules() if not any(True for _ in module.children())}
    with undisturbed(model), hooked(model, watched | set(names), walk.enter):
        normalise_as(model, "batch", {})
        batches.run(model, batches.copied(probe))
    if not walk.layers:
        raise NoLayer(f"none of the modules chosen runs on the probe: {', '.join(names[:SHOWN])}")
    return tuple(walk.layers)


def check(model: nn.Module, layers: Iterable[Layer]) -> None:
    """Refuse a model that has no longer the modules that its layers were."""
    named = dict(model.named_modules())
    for layer in layers:
        own = layer.name.split("#")[0]
        if (now := named.get(own)) is None or type(now).__name__ != layer.kind:
            what = "is gone" if now is None else f"was a {layer.kind}, now a {type(now).__name__}"
            raise ValueError(f"the model has changed: {own} {what}")


def check_whole(model: nn.Module) -> None:
    """Refuse what is no module, and lazy modules that have not run: a look would make their parameters by itself."""
    if not isinstance(model, nn.Module):
        raise ValueError(f"the model is a {type(model).__name__}: it must be a torch.nn.Module")
    if lazy := [name for name, value in model.named_parameters() if nn.parameter.is_lazy(value)]:
        raise ValueError(f"parameters have no shape yet: run the model on a batch first ({_some(lazy)})")
