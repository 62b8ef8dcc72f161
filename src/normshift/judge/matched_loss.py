"""Drift at matched loss: how far the distribution moves for each nat of training loss gained."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from normshift.judge.frames import log

CELL = ["norm", "lr", "seed"]


def per_nat(steps: np.ndarray, losses: np.ndarray, log_drifts: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Return the drift per nat on each segment between successive levels (descending); NaN where not reached.

    At observation points t_i with losses, of which the running minimum L_i is taken, and D_i, the drift per step:
    between two points both ln D and ln L are linear in t, so that ln D is linear in ln L. T(level) is where L first
    meets the level, and a segment's drift per nat is the path int_{T(upper)}^{T(lower)} D dt / (upper - lower).
    A level at or above the first loss is not reached: training did not pass it.
    """
    lowest = np.minimum.accumulate(losses)
    paths = np.array([_path_to(level, steps, lowest, log_drifts) for level in levels])
    return np.diff(paths) / -np.diff(np.asarray(levels))


def _path_to(level: float, steps: np.ndarray, lowest: np.ndarray, log_drifts: np.ndarray) -> float:
    crossed = np.flatnonzero(lowest <= level)
    if not len(crossed) or crossed[0] == 0:
        return np.nan
    last = crossed[0]
    # A loss that underflows to zero lies infinitely deep: the smallest number keeps its logarithm finite.
    upper, lower = np.log(np.maximum(lowest[[last - 1, last]], np.finfo(float).tiny))
    share = (upper - np.log(level)) / (upper - lower)
    shares = np.append(np.ones(last - 1), share)
    ends = log_drifts[:last] + shares * np.diff(log_drifts)[:last]
    return float(np.sum(np.diff(steps)[:last] * shares * mean_exponential(log_drifts[:last], ends)))


def whole_path(cell: pd.DataFrame) -> float:
    """Return the drift of one run summed over its steps, ln D being linear in t between its points (see `paths`).

    NaN where fewer than two points say anything: a run shorter than an epoch has few.
    """
    if len(cell) < 2:
        return float("nan")
    steps, logs = (cell[name].to_numpy(dtype=float) for name in ("step", "log_drift"))
    return float(np.sum(np.diff(steps) * mean_exponential(logs[:-1], logs[1:])))


def mean_exponential(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the mean of exp over [start, end], the logarithmic mean of the end values."""
    half = (end - start) / 2
    ratio = np.where(np.abs(half) < 1e-6, 1.0, np.sinh(half) / np.where(half == 0, 1.0, half))
    return np.exp((start + end) / 2) * ratio


def paths(losses: pd.DataFrame, shifts: pd.DataFrame) -> dict[tuple[str, float, int], pd.DataFrame]:
    """Return for each (norm, lr, seed) its points: step, loss, and log drift per step, mean over layers."""
    groups = log(shifts["mean_shift"]).groupby([shifts["cell"], shifts["step"]])
    drifts = groups.mean().where(groups.count() == groups.size()).rename("log_drift")
    points = losses[["cell", *CELL, "step", "loss"]].merge(
        drifts, left_on=["cell", "step"], right_index=True, validate="one_to_one"
    )
    return dict(iter(points.reset_index(drop=True).sort_values("step").groupby(CELL)))


def interpolated(losses: pd.DataFrame, seen: pd.DataFrame, column: str) -> dict[tuple[str, float, int], pd.DataFrame]:
    """Return points as `paths` does, of a size that only some points have: its log is linear in the step between them.

    So levels are found on all points' losses. Missing beyond the first and the last point that have it.
    """
    groups = log(seen[column]).groupby([seen["cell"], seen["step"]])
    logs = groups.mean().where(groups.count() == groups.size())
    cells = {}
    for key, index in losses.groupby(CELL).groups.items():
        points = losses.loc[index].sort_values("step")
        own = logs[logs.index.get_level_values("cell") == points["cell"].iloc[0]].droplevel("cell").sort_index()
        known = np.interp(points["step"], own.index, own, np.nan, np.nan) if len(own) else np.nan
        cells[key] = points.assign(log_drift=known)
    return cells


def common_levels(cells: Sequence[pd.DataFrame], levels: Sequence[float]) -> list[float]:
    """Return the levels, descending, that every one of these runs passes; without a run there is none."""
    spans = [(cell["loss"].iloc[0], cell["loss"].min()) for cell in cells]
    return [
        level
        for level in sorted(levels, reverse=True)
        if spans and all(first > level >= lowest for first, lowest in spans)
    ]


def segments(cell: pd.DataFrame, levels: Sequence[float]) -> np.ndarray:
    """Return the log drift per nat of one run on each segment between successive levels."""
    columns = (cell[name].to_numpy(dtype=float) for name in ("step", "loss", "log_drift"))
    return np.log(per_nat(*columns, levels))
