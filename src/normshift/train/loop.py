"""Train one stack of cells and return a record of each."""

import numpy as np
import torch
from torch import Tensor

from normshift import records
from normshift.observe.forward import State
from normshift.observe.plan import plan
from normshift.params import Cell
from normshift.records import Record
from normshift.train import stacks
from normshift.train.motion import Motion
from normshift.train.observer import Observer
from normshift.train.programs import PROGRAMS
from normshift.train.samples import Samples, Shuffled


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

    A cell's numbers depend on nothing but the cell (`stacks.stackable` says for which shapes that was seen to hold).
    """
    company = stacks.company(cells)
    samples = Samples(shuffled, company, dtype, device)
    network, parameters, buffers = stacks.start(company, samples.inputs.shape[-1], shuffled.classes, dtype, device)
    running = PROGRAMS[program](network, company, parameters, buffers)
    observer = (
        Observer(network, company, samples, plan(samples.steps, epoch(shuffled, cells[0]))) if observing else None
    )
    curves, motion = _run(running, samples, observer)
    finals = {name: value[: len(cells)] for name, value in running.parameters.items()}
    if observer is None:
        return [], finals
    return _records(cells, observer, curves, motion.arrays()), finals


def _run(running, samples: Samples, observer: Observer | None) -> tuple[dict[str, np.ndarray], Motion]:
    cells, steps = samples.cells, samples.steps
    alive = torch.ones(len(cells), dtype=torch.bool, device=samples.device)
    losses, accuracies, ended = [], [], np.full(len(cells), -1, np.int32)
    names = list(running.parameters)
    motion = Motion(running.parameters, steps)
    for step in range(steps):
        inputs, labels = samples.batch(step)
        if observer:
            observer.trajectory(step, running.parameters)
            observer.before(step, running.parameters, running.buffers)
        rates = stacks.rates(cells, names, step, samples.dtype, samples.device)
        advance = running.advance(inputs, labels, rates, alive)
        ended[(alive & ~advance.alive).cpu().numpy()] = step
        alive = advance.alive
        losses.append(advance.loss)
        accuracies.append(advance.accuracy)
        if observer:
            motion.add(step, advance.updates, running.parameters)
            observer.after(step, running.parameters, running.buffers, advance.gradients)
    if observer:
        observer.finish(running.parameters, running.buffers)
    return {"diverged_step": ended, "training_loss": _curve(losses), "training_accuracy": _curve(accuracies)}, motion


def _curve(values: list[Tensor]) -> np.ndarray:
    return _array(torch.stack(values, dim=1))


def _records(
    cells: list[Cell], observer: Observer, curves: dict[str, np.ndarray], motion: dict[str, Tensor]
) -> list[Record]:
    arrays = {**curves, **observer.arrays, **{name: _array(value) for name, value in motion.items()}}
    times = _times(observer)
    return [
        {
            **observer.plan_arrays,
            **{
                name: _until(name, array[number], int(arrays["diverged_step"][number]), times)
                for name, array in arrays.items()
            },
        }
        for number in range(len(cells))
    ]


def _array(values: Tensor) -> np.ndarray:
    return values.to("cpu", torch.float32).numpy()


def _times(observer: Observer) -> dict[str, np.ndarray]:
    """Return for each axis of time the update after which its entries exist."""
    points, steps = observer.plan_arrays["points"], observer.plan.steps
    return {
        "point": points,
        "full": points[observer.plan_arrays["full"]],
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
