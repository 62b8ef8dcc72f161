"""Watch how the inputs of a network's layers drift while it learns: `python examples/attach.py [FOLDER]`.

A small network with batch norm learns made-up images, at two learning rates. FOLDER (here: `attached`) then has a page
about each run (slow.html, fast.html), one that lays them over one another (compared.html), and the recordings (.npz).
"""

import sys
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from normshift import ShiftRecorder

CLASSES, SHAPE = 4, (1, 12, 12)
UPDATES, BATCH = 300, 32
RATES = {"slow": 0.02, "fast": 0.2}
LOOKS = 25  # updates between two looks


def images(count: int, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return noisy images (sample, channel, row, column), a bright quarter for each class, and the classes (sample)."""
    labels = torch.randint(CLASSES, (count,), generator=draw)
    found = torch.randn(count, *SHAPE, generator=draw)
    for corner in range(CLASSES):
        row, column = (6 * place for place in divmod(corner, 2))
        found[labels == corner, :, row : row + 6, column : column + 6] += 1.0
    return found, labels


def network() -> nn.Module:
    """Return two convolutions with batch norm, and a linear layer."""
    torch.manual_seed(0)
    modules: list[nn.Module] = []
    for inputs, width in ((1, 8), (8, 16)):
        modules += [nn.Conv2d(inputs, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*modules, nn.Flatten(), nn.Linear(16 * 3 * 3, CLASSES))


def trained(name: str, rate: float) -> ShiftRecorder:
    """Train the network, on the same samples at every rate, and return its recorder."""
    draw = torch.Generator().manual_seed(1)
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    several = [images(BATCH, draw)[0] for _ in range(30)]
    recorder = ShiftRecorder(model, images(256, draw)[0], several, every=LOOKS, name=name)
    for _ in range(UPDATES):
        inputs, labels = images(BATCH, draw)
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(inputs), labels)
        loss.backward()
        optimizer.step()
        recorder.step(loss)
    return recorder


def told(recorder: ShiftRecorder) -> str:
    """Return in a line how far the inputs of each layer have moved since the start."""
    tables = recorder.tables()
    shifts = tables["shifts"].merge(tables["layers"][["layer", "name"]], on="layer")
    chosen = shifts[(shifts["horizon"] == "start") & (shifts["site"] == "u") & (shifts["mode"] == "batch")]
    last = chosen[chosen["later"] == chosen["later"].max()]
    return ", ".join(f"layer {name}: {value:.2f} sigma" for name, value in zip(last["name"], last["w2"], strict=True))


def main(folder: Path) -> None:
    """Train at each rate and write what the recorders saw."""
    recorders = {name: trained(name, rate) for name, rate in RATES.items()}
    for name, recorder in recorders.items():
        print(f"{name}: {told(recorder)}")
        print(recorder.save(folder / f"{name}.npz"))
        print(recorder.report(folder / f"{name}.html"))
    print(recorders["slow"].compare(recorders["fast"]).report(folder / "compared.html"))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "attached"))
