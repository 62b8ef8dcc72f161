"""What was recorded of a run: snapshots of a model's layers, and what is made of them."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.recorder import layer, storing
from normshift.recorder.layer import Layer
from normshift.recorder.storing import Snapshot
from normshift.recorder.tables import tables


@dataclass(frozen=True)
class Recording:
    """Snapshots by updates made before them (arrays as in `observer`, and the ``losses`` since the one before)."""

    layers: tuple[Layer, ...]
    about: dict[str, Any]
    snapshots: dict[int, Snapshot]

    @property
    def name(self) -> str:
        """How the run is called."""
        return self.about["name"]

    @property
    def steps(self) -> list[int]:
        """How many updates were made before each snapshot, ascending."""
        return sorted(self.snapshots)

    @property
    def bytes(self) -> int:
        """How much memory the snapshots take."""
        return sum(array.nbytes for one in self.snapshots.values() for array in one.values())

    @property
    def losses(self) -> NDArray[np.float64]:
        """The loss of every update's batch as it was given, NaN where none was: (update)."""
        found = np.full(max(self.snapshots, default=0), np.nan)
        for step, one in self.snapshots.items():
            found[step - len(one["losses"]) : step] = one["losses"]
        return found

    def thinned(self, stays: Callable[[int], bool]) -> list[int]:
        """Drop snapshots, but for the last, each leaving its losses to the next one; return which."""
        dropped = [step for step in self.steps[:-1] if not stays(step)]
        for step, after in pairwise(self.steps):
            if step in dropped:
                both = [self.snapshots[one]["losses"] for one in (step, after)]
                self.snapshots[after]["losses"] = np.concatenate(both)
        for step in dropped:
            del self.snapshots[step]
        return dropped

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables of the recording, checked; see `recorder.tables`."""
        return tables(self)

    def save(self, path: str | Path) -> Path:
        """Write it to ``path`` (.npz) and a JSON file beside it; return the path."""
        return storing.save(storing.named(path), described(self), self.snapshots)

    def report(self, path: str | Path) -> Path:
        """Write a page about it, one file that needs no network; return its path."""
        from normshift.recorder.page import report  # here: training needs no drawing, which takes seconds to import

        return report([self], Path(path))

    def compare(self, other: "Recording | str | Path | Any") -> Any:
        """Return it beside another recording, a recorder's or a saved one; see `Comparison`."""
        from normshift.recorder.comparing import Comparison

        return Comparison(self, taken(other))


def described(recording: Recording) -> dict[str, Any]:
    """Return what a reader must know besides the arrays, as JSON can hold it."""
    return {**recording.about, "layers": [one.written() for one in recording.layers]}


def load(path: str | Path) -> Recording:
    """Return a recording that was saved, or what a run that was cut off left behind."""
    about, snapshots = storing.load(storing.named(path))
    layers = tuple(layer.read(one) for one in about.pop("layers"))
    return Recording(layers, about, snapshots)


def taken(source: Any) -> Recording:
    """Return the recording that a recorder, a path or a recording stands for."""
    if isinstance(source, str | Path):
        return load(source)
    found = getattr(source, "recording", source)
    if not isinstance(found, Recording):
        raise TypeError(f"a {type(source).__name__} is no recording: give a recorder, a recording or the path of one")
    return found
