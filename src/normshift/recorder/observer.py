"""What a model shows at one time, as arrays by name.

Names end with the number of the layer, from 1. ``moments.MODE`` (site, 2, unit) and ``quantiles.MODE`` (site, kept
unit, level) are of the probe, ``averages`` and ``population`` (2, unit) mean and variance that normalise in modes ema
and population, ``noise`` (site, 3) is that between batches, ``gamma`` and ``beta`` are (unit).
"""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from normshift.recorder import batch as given
from normshift.recorder import choosing, kinds, seeing
from normshift.recorder.looking import of_batch, running
from normshift.recorder.undisturbed import original
from normshift.tables import MODES

BATCHES = 30  # behind the noise between batches, at least (measurement, 1.8)
NEED = f"it takes batches=: {BATCHES} training batches or more"
Snapshot = dict[str, np.ndarray]


class Observer:
    """Looks at a model, through its probe and its batches."""

    def __init__(
        self,
        model: nn.Module,
        probe: Any,
        batches: Iterable[Any] | None,
        layers: choosing.Choice | Sequence[choosing.Choice] | None,
        modes: tuple[str, ...],
        memory: int,
        seed: int,
    ):
        choosing.check_whole(model)
        self.model = original(model)
        self._probe = given.copied(probe)
        self._batches = [] if batches is None else [given.copied(one) for one in batches]
        self._memory, self._by_batch = memory, any(kinds.by_batch(module) for module in self.model.modules())
        self._check(modes, batches is not None)
        self.layers = _first(self.model, self._probe, layers)
        self._kept = seeing.kept_units(self.layers, seed)
        self._modes = modes if self._by_batch else ("batch",)  # without batch norm all modes are one
        self.missing = self._absent()

    @property
    def about(self) -> dict[str, Any]:
        """What a reader of the recording must know, as JSON can hold it."""
        return {
            "probe": given.samples(self._probe),
            "batches": len(self._batches),
            "batch_size": given.samples(self._batches[0]) if self._batches else None,
            "kept": [units.tolist() for units in self._kept],
            "missing": self.missing,
            "versions": {name: version(name) for name in ("normshift", "torch", "numpy")},
        }

    def _check(self, modes: tuple[str, ...], several: bool) -> None:
        if unknown := sorted(set(modes) - set(MODES)):
            raise ValueError(f"modes: {', '.join(unknown)} is none of {', '.join(MODES)}")
        if "population" in modes and not several:
            raise ValueError(f"mode population: {NEED}")
        for what, one in (("probe", self._probe), *(("batch", one) for one in self._batches)):
            given.check_device(one, self.model, what)
            if given.samples(one) < 2 and self._by_batch:
                raise ValueError(f"the {what} has fewer than two samples: batch norm has nothing to normalise by")
        if several and len(self._batches) < BATCHES:
            raise ValueError(f"batches: {len(self._batches)} are too few; {NEED}")
        if len(sizes := {given.samples(one) for one in self._batches}) > 1:
            raise ValueError(
                f"batches have {sorted(sizes)} samples: noise is that of one batch size; leave out the odd one"
            )

    def _absent(self) -> dict[str, str]:
        """Return what this recording does not have, and why."""
        found = {} if self._batches else dict.fromkeys(("noise", "horizon", "population"), NEED)
        if not self._by_batch:
            reason = "the model has no batch norm"
            found |= dict.fromkeys(("population", "discrepancies"), reason)
        elif self._batches and (reason := _together(self._batches)):
            found["population"] = reason
        return found

    def snapshot(self, full: bool) -> Snapshot:
        """Return what the model shows now; at a full point also the other modes and the noise."""
        choosing.check(self.model, self.layers)
        given.check_device(self._probe, self.model, "probe")
        found: dict[str, list[Tensor]] = {}
        modes = {"batch", "ema"} & ({*self._modes, "ema"} if full and of_batch(self.model) else {*self._modes})
        for mode in sorted(modes):
            self._enter(found, mode)
        if full and self._batches:
            with given.taking("batch", self._batches[0]):
                found["noise"] = seeing.noise(self.model, self._batches, self.layers, self._memory)
                seen = "population" not in self.missing
                used = seeing.exact(self.model, self._batches, self._memory) if seen else {}
            if seen:
                self._enter(found, "population", used)
                found["population"] = [self._pair(used.get(layer.normaliser)) for layer in self.layers]
        averaged = set(of_batch(self.model))
        names = [layer.normaliser if layer.normaliser in averaged else None for layer in self.layers]
        found["averages"] = [self._pair(running(self.model, name) if name else None) for name in names]
        return _arrays(found) | self._affine()

    def _enter(self, found: dict[str, list[Tensor]], mode: str, used: Any = None) -> None:
        with given.taking("probe", self._probe):
            seen = seeing.see(self.model, self._probe, self.layers, self._kept, self._memory, mode, used)
        found[f"moments.{mode}"] = [one.moments for one in seen]
        found[f"quantiles.{mode}"] = [one.quantiles for one in seen]

    def _pair(self, used: tuple[Tensor, Tensor] | None) -> Tensor:
        return torch.empty(0) if used is None else torch.stack([value.cpu() for value in used])

    def _affine(self) -> Snapshot:
        """Return gamma and beta of the layers that have them."""
        found = {}
        for number, layer in enumerate(self.layers, 1):
            if layer.normaliser is not None:
                own = kinds.affine(self.model.get_submodule(layer.normaliser), layer.units)
                found |= {f"{name}.{number}": value.float().cpu().numpy().copy() for name, value in own.items()}
        return found


def _arrays(found: dict[str, list[Tensor]]) -> Snapshot:
    """Return tensors of each layer as arrays by name, without those that are empty."""
    return {
        f"{name}.{number}": value.numpy()
        for name, values in found.items()
        for number, value in enumerate(values, 1)
        if value.numel()
    }


def _together(batches: list[Any]) -> str:
    """Return why batches cannot be seen as one; empty if they can."""
    try:
        given.concatenated(batches, len(batches))
    except ValueError as reason:
        return str(reason)
    return ""


def _first(model: nn.Module, probe: Any, choices: Any) -> tuple:
    """Return the layers, or say that the model does not take the probe."""
    names = choosing.chosen(model, choices)
    with given.taking("probe", probe):
        return choosing.layers(model, probe, names)
