"""Two recordings beside one another."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from normshift.recorder.recording import Recording

KEYS = ["name", "site", "horizon", "mode", "step", "later"]
SIDES = ("one", "other")


@dataclass(frozen=True)
class Comparison:
    """Two recordings; layers are the same that have the same name."""

    one: Recording
    other: Recording

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every drift of the mean that both have, in sigma (``one``, ``other``), their difference, and the noise floor.

        Floor: what one random batch does to a layer's mean at fixed weights before the normaliser, sigma, the larger of
        both as last measured before ``later``; without batches the standard error of the probe's mean,
        ``1 / sqrt(samples)``. ``exceeds``: the difference is larger.
        """
        parts = [_drifts(recording).rename(columns={"mean_shift": side}) for side, recording in self._sides()]
        joined = parts[0].merge(parts[1], on=KEYS, suffixes=("", "_other"))
        floor = np.fmax(joined["floor"], joined["floor_other"])
        difference = joined["other"] - joined["one"]
        found = joined[[*KEYS, *SIDES]].assign(difference=difference, floor=floor)
        return found.assign(exceeds=difference.abs() > floor)

    @property
    def differences(self) -> pd.DataFrame:
        """The rows of `table` whose difference exceeds the noise floor, the largest first."""
        found = self.table[self.table["exceeds"]].drop(columns="exceeds")
        order = (found["difference"].abs() / found["floor"]).sort_values(ascending=False, kind="stable").index
        return found.loc[order].reset_index(drop=True)

    def _sides(self) -> zip:
        return zip(SIDES, (self.one, self.other), strict=True)

    def report(self, path: str | Path) -> Path:
        """Write a page that lays one over the other; return its path."""
        from normshift.recorder.page import report  # here: as in `recording`

        return report([self.one, self.other], Path(path), self)


def _drifts(recording: Recording) -> pd.DataFrame:
    """Return table shifts with the names of layers and the noise floor of each row."""
    tables = recording.tables()
    shifts = tables["shifts"].merge(tables["layers"][["layer", "name"]], on="layer")
    noise = tables["noise"][tables["noise"]["site"].isin(["u", "a"])].sort_values("site")
    # u where there is one: it comes last
    noise = noise.drop_duplicates(["layer", "step"], keep="last").sort_values("step", kind="stable")
    known = noise[["step", "layer", "mean_noise"]].rename(columns={"step": "later", "mean_noise": "floor"})
    shifts = shifts.sort_values("later", kind="stable").drop(columns="cell")
    merged = pd.merge_asof(shifts, known.astype({"later": shifts["later"].dtype}), on="later", by="layer")
    merged["floor"] = merged["floor"].fillna(recording.about["probe"] ** -0.5)
    return merged[[*KEYS, "mean_shift", "floor"]]
