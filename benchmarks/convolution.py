"""Measure small convolutions, stacked against one by one: `python -m benchmarks.convolution [--quick]`.

What decides whether convolutional cells train in stacks on the CPU. One core, one process; results in
benchmarks/results/convolution.json and convolution.md.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from benchmarks.results import measured_on, table, written
from benchmarks.timing import Worker, alternated, median, pinned

STACKS, SIZES = (1, 4, 16), (8, 28)
BATCH_SIZE, CLASSES, RATE = 60, 10, 0.1


@dataclass(frozen=True)
class Images:
    """What is trained: ``cells`` networks on images of ``size`` x ``size`` pixels for ``steps`` updates each."""

    size: int
    cells: int
    steps: int


def network():
    """Return 3x3 convolutions 1-16-32, each with batch norm and ReLU, the mean over positions, and a linear map."""
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, CLASSES),
    )


def batch(images: Images):
    """Return inputs (cell, sample, channel, row, column) and labels (cell, sample)."""
    import torch

    draw = torch.Generator().manual_seed(0)
    inputs = torch.randn(images.cells, BATCH_SIZE, 1, images.size, images.size, generator=draw)
    return inputs, torch.randint(CLASSES, (images.cells, BATCH_SIZE), generator=draw)


def one_by_one(images: Images) -> Callable[[], list]:
    """Train one network after the other: a loop and `torch.optim`."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    inputs, labels = batch(images)
    networks = [network() for _ in range(images.cells)]
    optimizers = [torch.optim.SGD(one.parameters(), lr=RATE) for one in networks]

    def run():
        for number, (one, optimizer) in enumerate(zip(networks, optimizers, strict=True)):
            for _ in range(images.steps):
                loss = nn.functional.cross_entropy(one(inputs[number]), labels[number])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        return [dict(one.named_parameters()) for one in networks]

    return run


def stacked(images: Images) -> Callable[[], dict]:
    """Train all networks at once with `vmap`, which makes of their convolutions one with a group for each network."""
    import torch
    from torch import nn
    from torch.func import functional_call, grad_and_value, stack_module_state, vmap

    torch.set_num_threads(1)
    inputs, labels = batch(images)
    networks = [network() for _ in range(images.cells)]
    parameters, buffers = stack_module_state(networks)
    parameters = {name: value.detach() for name, value in parameters.items()}

    def loss(parameters, buffers, inputs, labels):
        return nn.functional.cross_entropy(functional_call(networks[0], (parameters, buffers), (inputs,)), labels)

    gradients = vmap(grad_and_value(loss))

    def run():
        with torch.no_grad():
            for _ in range(images.steps):
                slopes, _ = gradients(parameters, buffers, inputs, labels)
                for name, slope in slopes.items():
                    parameters[name] -= RATE * slope
        return parameters

    return run


def measured(cell_steps: Mapping[int, int], rounds: int) -> list[dict[str, Any]]:
    """Return CPU time and wall time in microseconds per cell-step, medians of alternating runs."""
    running = {"serial": Worker(one_by_one), "stacked": Worker(stacked)}
    rows = []
    for size in SIZES:
        for cells in STACKS:
            images = Images(size, cells, max(2, cell_steps[size] // cells))
            for worker in running.values():
                worker.prepare(images)
            row = asdict(images)
            for name, runs in alternated(running, rounds).items():
                each, middle = [1e6 * run.cpu / cells / images.steps for run in runs], median(runs)
                row[f"{name}_us"] = round(1e6 * middle.cpu / cells / images.steps)
                row[f"{name}_wall_us"] = round(1e6 * middle.wall / cells / images.steps)
                row[f"{name}_range_us"] = [round(min(each)), round(max(each))]
            rows.append(row | {"ratio": round(row["stacked_us"] / row["serial_us"], 2)})
            print(rows[-1], flush=True)
    for worker in running.values():
        worker.close()
    return rows


PAGE = """# Convolutions on the CPU: stacked against one by one

Written by `python -m benchmarks.convolution`. {machine}

3x3 convolutions 1-16-32 with batch norm and ReLU, mean over positions, linear map to 10 classes; batch 60, forward,
backward and SGD; one core, one thread, medians of alternating runs, microseconds per cell and update. Stacked is `vmap`
over ordinary modules, whose convolutions become one grouped convolution. A ratio above 1 says that stacking costs time.

{rows}
"""


def page(results: Mapping[str, Any]) -> str:
    """Return the results as a page."""
    columns = {
        "size": "pixels a side",
        "cells": "stack",
        "serial_us": "one by one, CPU time",
        "serial_wall_us": "wall time",
        "stacked_us": "stacked, CPU time",
        "stacked_wall_us": "wall time",
        "ratio": "stacked / one by one",
    }
    return PAGE.format(machine=measured_on(results["machine"]), rows=table(results["convolution"], columns))


def main() -> None:
    """Measure, write the results, and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short run of each")
    parser.add_argument("--out", type=Path, help="folder of the results")
    arguments = parser.parse_args()
    facts = machine(pinned())
    rows = measured({8: 32, 28: 16}, 1) if arguments.quick else measured({8: 256, 28: 48}, 7)
    folder = arguments.out or Path("build/benchmarks" if arguments.quick else "benchmarks/results")
    written(folder, "convolution", {"convolution": rows}, facts, page)


if __name__ == "__main__":
    main()
