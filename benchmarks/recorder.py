"""Measure what the recorder costs at its default settings: `python -m benchmarks.recorder [--quick]`.

Networks whose step takes 20 ms or more on one core are trained without a recorder, with one, and with one that also
has 30 batches, in turn, each time from the start in the same process; medians of alternating runs. Results:
benchmarks/results/recorder.json, and recorder.md.
"""

import argparse
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.machine import machine
from benchmarks.results import measured_on, table, written
from benchmarks.timing import Took, median, pinned, took
from normshift import ShiftRecorder

STEPS, ROUNDS, BATCH, CLASSES = 1000, 2, 64, 10
BATCHES = 30
WAYS = {"without": "without", "probe": "recorder", "batches": "recorder, 30 batches"}


def block(inputs: int, width: int, stride: int = 1) -> nn.Sequential:
    """Return a convolution, batch norm and an in-place ReLU."""
    return nn.Sequential(nn.Conv2d(inputs, width, 3, stride, 1), nn.BatchNorm2d(width), nn.ReLU(inplace=True))


def convolutional() -> nn.Module:
    """Return eight convolutions with batch norm, for images of 3 x 16 x 16."""
    widths = [(3, 32, 1), (32, 32, 1), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 64, 1), (64, 64, 2), (64, 64, 1)]
    blocks = [block(*width) for width in widths]
    return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, CLASSES))


class Transformer(nn.Module):
    """Four encoder layers on 16 positions of width 64, dropout, layer norm and GELU."""

    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(64, 4, 128, dropout=0.1, activation=nn.GELU(), batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 4, enable_nested_tensor=False)
        self.head = nn.Linear(64, CLASSES)

    def forward(self, series: Tensor) -> Tensor:
        """Return logits (sample, class) of series (sample, time, unit)."""
        return self.head(self.encoder(series).mean(1))


def perceptron() -> nn.Module:
    """Return five wide layers with batch norm."""
    hidden = [nn.Sequential(nn.Linear(1024, 1024), nn.BatchNorm1d(1024), nn.ReLU()) for _ in range(5)]
    return nn.Sequential(*hidden, nn.Linear(1024, CLASSES))


MODELS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "convolutions, batch norm": (convolutional, (3, 16, 16)),
    "transformer, layer norm": (Transformer, (16, 64)),
    "perceptron, batch norm": (perceptron, (1024,)),
}


def trained(make: Callable[[], nn.Module], shape: tuple[int, ...], way: str, steps: int) -> Callable[[], None]:
    """Return the work: training from the start, the recorder's own start included."""

    def run() -> None:
        torch.manual_seed(0)
        model, data = make(), torch.randn(BATCHES + 1, BATCH, *shape)
        labels = torch.randint(CLASSES, (BATCH,))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        several = list(data[:BATCHES]) if way == "batches" else None
        recorder = None if way == "without" else ShiftRecorder(model, data[-1], several)
        for step in range(steps):
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(data[step % BATCHES]), labels)
            loss.backward()
            optimizer.step()
            if recorder:
                recorder.step(loss)

    return run


def rows(steps: int, rounds: int) -> list[dict[str, Any]]:
    """Return for each model the step without a recorder, in ms, and what the recorder adds to the run, in per cent."""
    found = []
    for name, (make, shape) in MODELS.items():
        work = {way: trained(make, shape, way, steps) for way in WAYS}
        runs: dict[str, list[Took]] = {way: [] for way in WAYS}
        for number in range(rounds + 1):
            for way, run in work.items():
                once = took(run)
                if number:  # the first round warms up
                    runs[way].append(once)
        spent = {way: median(each).cpu for way, each in runs.items()}
        row = {"model": name, "steps": steps, "step_ms": round(1e3 * spent["without"] / steps, 1)}
        for way in ("probe", "batches"):
            row[way] = round(100 * (spent[way] / spent["without"] - 1), 1)
            each = [one.cpu / other.cpu - 1 for one, other in zip(runs[way], runs["without"], strict=True)]
            row[f"{way}_range"] = f"{100 * min(each):.1f} to {100 * max(each):.1f}"
        found.append(row)
    return found


def page(results: Mapping[str, Any]) -> str:
    """Return the results as a page."""
    columns = {
        "model": "network",
        "steps": "updates",
        "step_ms": "update without it, ms",
        "probe": "recorder adds, %",
        "probe_range": "of each round",
        "batches": "with 30 batches, %",
        "batches_range": "of each round ",
    }
    most = max(row[way] for row in results["models"] for way in ("probe", "batches"))
    middle = statistics.median(row["probe"] for row in results["models"])
    return (
        f"# The recorder: what it costs\n\nWritten by `python -m benchmarks.recorder`. "
        f"{measured_on(results['machine'])}\n\n"
        f"CPU time of whole runs at the default settings (a look every 100 updates, more at first), the recorder's "
        f"start included: medians of {results['rounds']} alternating runs. Without batches the median network takes "
        f"{middle} % longer; the most is {most} %.\n\n{table(results['models'], columns)}\n"
    )


def main() -> None:
    """Measure, write the results, and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few updates, in build/benchmarks: does it work?")
    parser.add_argument("--out", type=Path, help="folder of the results")
    arguments = parser.parse_args()
    facts = machine(pinned())
    torch.set_num_threads(1)
    steps, rounds = (20, 1) if arguments.quick else (STEPS, ROUNDS)
    results = {"rounds": rounds, "models": rows(steps, rounds)}
    folder = arguments.out or Path("build/benchmarks" if arguments.quick else "benchmarks/results")
    written(folder, "recorder", results, facts, page)


if __name__ == "__main__":
    main()
