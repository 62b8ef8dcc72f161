"""Train one stack of cells and return a record of each."""

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from normshift import records
from normshift.observe.forward import State
from normshift.observe.plan import Plan, plan
from normshift.params import Cell
from normshift.records import Record, increments, stops
from normshift.train import arms, stacks
from normshift.train.detail import eighths
from normshift.train.motion import Motion
from normshift.train.observer import Observer, plan_arrays
from normshift.train.programs import PROGRAMS, chosen
from normshift.train.replay import replayed
from normshift.train.samples import Samples, Shuffled

# What is seen as a path is kept as its steps.
PATHS = {"gamma_trajectory": "gamma_increments", "beta_trajectory": "beta_increments"}
# Steps that a program takes without a pause: the noise of that many is drawn beforehand.
LONGEST = 32


def epoch(shuffled: Shuffled, cell: Cell) -> int:
    """Return the updates per epoch, rounded: batches are cut from an endless stream."""
    return max(1, round(len(shuffled.part("train", cell.seed)) / cell.batch_size))


def train(
    cells: list[Cell],
    shuffled: Shuffled,
    program: str = "stacked",
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
    observing: bool = True,
) -> tuple[list[Record], State]:
    """Train cells of one shape side by side; return their records and, stacked, their parameters at the end.

    A cell's numbers depend on nothing but the cell, unless the program is `mapped`. Where an arm starts from what
    another run ends with, that run comes first, unobserved.
    """
    running, samples, network, motion = _begun(cells, shuffled, program, device, dtype, observing)
    if motion is None:
        _run(running, samples)
        return [], running.parameters
    seen = plan(samples.steps, epoch(shuffled, cells[0]))
    observer = Observer(running, network, cells, samples, seen)
    tested = stops(samples.steps) if cells[0].watch == "tested" else ()
    _run(running, samples, motion, observer, (*seen.points, *seen.quarters, *tested))
    tensors = {**motion.arrays(running.parts), **observer.arrays()}
    arrays = {**running.curves.arrays(), **{name: _array(value) for name, value in tensors.items()}}
    return _records(len(cells), plan_arrays(seen, cells[0], network, shuffled.shape), arrays, seen), running.parameters


def _begun(cells: list[Cell], shuffled: Shuffled, program: str, device: str, dtype: torch.dtype, observing: bool):
    """Return a stack's program before its first update, its samples, its network, and its motion if it is observed."""
    how = (shuffled, program, device, dtype)
    ends = _ends(sources, *how) if (sources := arms.sources(cells)) else {}
    samples = Samples(shuffled, cells, dtype, device, replayed(cells, *how))
    start = stacks.start(cells, shuffled.shape, shuffled.classes, dtype, device, ends)
    motion = Motion(start[1], samples.steps) if observing else None
    running = PROGRAMS[chosen(program, device, cells[0])](start[0], cells, *start[1:], samples, motion)
    return running, samples, start[0], motion


def _ends(cells: list[Cell], *how) -> dict[Cell, State]:
    """Return what cells end with when they train unobserved; NaN where one diverged, which has no end."""
    running, samples, _, _ = _begun(cells, *how, observing=False)
    _run(running, samples)
    ended = {name: value.cpu() for name, value in running.parameters.items()}
    for number in running.curves.ended.cpu().ge(0).nonzero().flatten():
        for value in ended.values():
            value[number] = torch.nan
    return {cell: {name: value[number] for name, value in ended.items()} for number, cell in enumerate(cells)}


def segments(steps: int, looked_at: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Return the runs of steps, (first, one past the last), with a pause before each step that is looked at."""
    return itertools.pairwise(sorted({0, steps, *range(0, steps, LONGEST), *looked_at}))


def _run(
    running,
    samples: Samples,
    motion: Motion | None = None,
    observer: Observer | None = None,
    points: Sequence[int] = (),
) -> None:
    steps, ends = samples.steps, Motion.ends(samples.steps)
    after = [point + 1 for point in points]
    pauses = (*range(0, steps, records.STRIDE), *points, *after, *ends) if observer else ()
    for begin, end in segments(steps, pauses):
        if observer:
            observer.trajectory(begin)
            observer.before(begin)
        running.advance(begin, end)
        if observer:
            observer.after(begin)
        if motion and end in ends:
            motion.close(end - 1, running.parameters)
        samples.forget(end)
    if observer:
        observer.finish()


def _records(cells: int, planned: Record, arrays: dict[str, np.ndarray], seen: Plan) -> list[Record]:
    times = _times(planned, seen)
    made = []
    for number in range(cells):
        ended = int(arrays["diverged_step"][number])
        own = {name: _until(name, array[number], ended, times) for name, array in arrays.items() if name not in PATHS}
        # A path is cut by its last step that was taken: a start that is kept and steps that are missing.
        paths = {PATHS[name]: _steps(arrays[name][number], ended, times["fifth"]) for name in PATHS if name in arrays}
        made.append({**planned, **own, **paths})
    return made


def _array(values: Tensor) -> np.ndarray:
    return values.to("cpu", values.dtype if values.dtype == torch.half else torch.float32).numpy()


def _times(planned: Record, seen: Plan) -> dict[str, np.ndarray]:
    """Return for each axis of time, or array of two, the update after which its entries exist."""
    points, steps = planned["points"], seen.steps
    full, lags = points[planned["full"]], np.array(seen.lags)
    # What a single update does exists with the state before it, that which makes a run diverge included.
    later = full[:, None] + np.where(lags > 1, lags, 0)
    return {
        "point": points,
        "full": full,
        "composition": later,
        "shift_second": np.stack([full, later[:, -1], full], axis=1),
        "step": np.arange(steps) - 1,
        "fifth": np.arange(0, steps, records.STRIDE),
        "block": (np.arange(records.BLOCKS) + 1) * steps // records.BLOCKS,
        "quarter": np.array(seen.quarters),
        "stop": np.array(stops(steps)),
        "eighth": np.array(eighths(seen)),
    }


def _steps(path: np.ndarray, ended: int, times: np.ndarray) -> np.ndarray:
    steps = increments(path)
    steps[times >= (ended if ended >= 0 else np.inf)] = np.nan
    return steps


def _until(name: str, array: np.ndarray, ended: int, times: dict[str, np.ndarray]) -> np.ndarray:
    """Return what there was before a divergence; the rest, and what sums up the whole run, is missing."""
    if ended < 0 or name == "diverged_step":
        return array
    axis = name if name in times else records.CELL[name][0].split(" ")[0]
    if axis not in times:
        return np.full_like(array, np.nan)
    array = array.copy()
    array[times[axis] >= ended] = np.nan
    return array
