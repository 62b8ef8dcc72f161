"""The recorder: attached to a model in training, it looks at it now and then and changes nothing."""

import warnings
from collections.abc import Iterable, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

import pandas as pd
from torch import Tensor, nn

from normshift.recorder import storing
from normshift.recorder.choosing import Choice
from normshift.recorder.observer import Observer
from normshift.recorder.recording import Recording, described
from normshift.recorder.schedule import Schedule
from normshift.recorder.training import begun, losses, marks

MEBIBYTE = 2**20


class ShiftRecorder:
    """Records how the inputs of a model's layers drift while it trains; training is bit for bit what it was without.

    ``probe`` is what the model takes: a tensor, or a tuple or dict of its arguments, samples first. ``batches`` are 30
    or more training batches of that form; with them there are also noise, drift in units of it, and population mode.
    ``layers`` are patterns of module names or types of modules; by default normalisers, nonlinearities and recurrent
    networks. ``every`` updates it looks, and more often at first; after ``full`` updates, four times as many and so on
    it looks in full, at the other modes and the noise, too (`Schedule`). ``epoch`` is the number of updates of one,
    ``modes`` those in which drift is read, ``memory`` (MiB) the most that the recording may take: beyond it every
    other late point is dropped. ``path`` is where a run that is killed leaves what was recorded.
    """

    def __init__(
        self,
        model: nn.Module,
        probe: Any,
        batches: Iterable[Any] | None = None,
        *,
        layers: Choice | Sequence[Choice] | None = None,
        every: int = 100,
        full: int | None = None,
        epoch: int | None = None,
        modes: str | Sequence[str] = ("batch",),
        name: str = "this run",
        path: str | Path | None = None,
        memory: float = 256,
        seed: int = 0,
    ):
        full = 4 * every if full is None else full
        _check({"every": every, "full": full, "epoch": 1 if epoch is None else epoch}, memory)
        modes = (modes,) if isinstance(modes, str) else tuple(modes)
        self._observer = Observer(model, probe, batches, layers, modes, int(memory * MEBIBYTE) // 4, seed)
        self._schedule, self._most = Schedule(every, full, epoch), memory * MEBIBYTE
        about = {"name": name, "every": every, "full": full, "epoch": epoch, **self._observer.about}
        self._recording = Recording(self._observer.layers, about, {})
        self._path, self._folder = None if path is None else Path(path), None
        self._updates, self._losses = 0, []
        self._start = marks(self._observer.model)
        self._observe()

    def step(self, loss: Tensor | float | None = None) -> None:
        """Say that an update was made: call it after ``optimizer.step()``; ``loss`` is that of the update's batch."""
        if self._updates == 0 and not begun(self._observer.model, self._start):
            raise ValueError("nothing has been trained: call step() after each optimizer.step()")
        self._losses.append(_told(loss))
        self._updates += 1
        if self._schedule.due(self._updates):
            self._observe()

    @property
    def recording(self) -> Recording:
        """What was recorded so far, the model as it is now included; a warning says so where it cannot be looked at."""
        if self._updates not in self._recording.snapshots:
            try:
                self._observe()
            except ValueError as error:
                warnings.warn(f"the last look is missing: {error}", stacklevel=3)
        return self._recording

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables of what was recorded; names and columns are those of `normshift.tables`, and `layers`."""
        return self.recording.tables()

    def report(self, path: str | Path) -> Path:
        """Write a page with all figures, one file that needs no network; return its path."""
        return self.recording.report(path)

    def save(self, path: str | Path) -> Path:
        """Write the recording to ``path`` (.npz) and a JSON file beside it; `load` opens it."""
        saved = self.recording.save(path)
        if self._folder:
            storing.closed(self._folder)
            self._folder = None  # a run that goes on makes it again
        return saved

    def compare(self, other: "ShiftRecorder | Recording | str | Path") -> Any:
        """Return this recording beside another one, a saved one included; see `comparing.Comparison`."""
        return self.recording.compare(other)

    def _observe(self) -> None:
        full = self._schedule.full(self._updates)
        snapshot = self._observer.snapshot(full) | {"losses": losses(self._losses)}
        self._losses = []
        self._recording.snapshots[self._updates] = snapshot
        if self._path:
            self._keep()
        while self._recording.bytes > self._most and self._schedule.every <= self._updates:
            self._thin()

    def _keep(self) -> None:
        """Write what was seen where a run that is killed leaves it: all of it at first, and once it was saved."""
        new = [self._updates]
        if self._folder is None:
            self._folder, new = storing.opened(self._path, described(self._recording)), self._recording.steps
        for step in new:
            storing.append(self._folder, step, self._recording.snapshots[step])

    def _thin(self) -> None:
        self._schedule = self._schedule.coarser()
        dropped = self._recording.thinned(lambda step: step == self._updates or self._schedule.due(step))
        if self._folder:
            storing.rewritten(self._folder, self._recording.snapshots, dropped)


def _told(loss: Tensor | float | None) -> Tensor | float | None:
    """Return a loss that nothing can overwrite; it is not waited for."""
    if not isinstance(loss, Tensor):
        return loss
    if loss.numel() != 1:
        raise ValueError("loss must be one number, that of the update's batch")
    return loss.detach().clone()


def _check(numbers: dict[str, int], memory: float) -> None:
    for name, value in numbers.items():
        if not isinstance(value, Integral) or value < 1:
            raise ValueError(f"{name}={value}: must be a whole number of updates, 1 or more")
    if not memory > 0:
        raise ValueError(f"memory={memory}: must be more than 0 MiB")
