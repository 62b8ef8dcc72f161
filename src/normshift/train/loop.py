"""Train one stack of cells and return a record of each."""

import itertools
from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import Tensor

from normshift import records
from normshift.observe.forward import State
from normshift.observe.plan import Plan, plan
from normshift.params import Cell
from normshift.records import Record
from normshift.train import stacks
from normshift.train.motion import Motion
from normshift.train.observer import Observer, plan_arrays
from normshift.train.programs import PROGRAMS, chosen
from normshift.train.replay import replayed
from normshift.train.samples import Samples, Shuffled

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

    A cell's numbers depend on nothing but the cell, unless the program is `mapped`.
    """
    samples = Samples(shuffled, cells, dtype, device, replayed(cells, shuffled, program, device, dtype))
    network, parameters, buffers = stacks.start(cells, samples.inputs.shape[-1], shuffled.classes, dtype, device)
    motion = Motion(parameters, samples.steps) if observing else None
    running = PROGRAMS[chosen(program, device, cells[0])](network, cells, parameters, buffers, samples, motion)
    seen = plan(samples.steps, epoch(shuffled, cells[0]))
    observer = Observer(running, network, cells, samples, seen) if observing else None
    _run(running, samples, motion, observer, seen)
    if observer is None:
        return [], running.parameters
    tensors = {**motion.arrays(running.parts), **observer.arrays()}
    arrays = {**running.curves.arrays(), **{name: _array(value) for name, value in tensors.items()}}
    return _records(len(cells), plan_arrays(seen, cells[0], network), arrays, seen), running.parameters


def segments(steps: int, looked_at: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Return the runs of steps, (first, one past the last), with a pause before each step that is looked at."""
    return itertools.pairwise(sorted({0, steps, *range(0, steps, LONGEST), *looked_at}))


def _run(running, samples: Samples, motion: Motion | None, observer: Observer | None, seen: Plan) -> None:
    steps, ends = samples.steps, Motion.ends(samples.steps)
    after = [point + 1 for point in seen.points]
    pauses = (*range(0, steps, records.STRIDE), *seen.points, *after, *ends) if observer else ()
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
    return [
        {
            **planned,
            **{
                name: _until(name, array[number], int(arrays["diverged_step"][number]), times)
                for name, array in arrays.items()
            },
        }
        for number in range(cells)
    ]


def _array(values: Tensor) -> np.ndarray:
    return values.to("cpu", torch.float32).numpy()


def _times(planned: Record, seen: Plan) -> dict[str, np.ndarray]:
    """Return for each axis of time the update after which its entries exist."""
    points, steps = planned["points"], seen.steps
    return {
        "point": points,
        "full": points[planned["full"]],
        "step": np.arange(steps) - 1,
        "fifth": np.arange(0, steps, records.STRIDE),
        "block": (np.arange(records.BLOCKS) + 1) * steps // records.BLOCKS,
    }


def _until(name: str, array: np.ndarray, ended: int, times: dict[str, np.ndarray]) -> np.ndarray:
    """Return what there was before a divergence; the rest, and what sums up the whole run, is missing."""
    if ended < 0 or name == "diverged_step":
        return array
    axis = records.CELL[name][0].split(" ")[0]
    if axis not in times:
        return np.full_like(array, np.nan)
    array = array.copy()
    array[times[axis] >= ended] = np.nan
    return array
