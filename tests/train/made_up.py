"""A small data set and cells to train on it; everything is drawn from named generators."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from normshift import seeds
from normshift.params import Cell, Model, Norm, Optimizer, Order, Schedule, typed
from normshift.train.samples import Shuffled

CLASSES, INPUTS, TRAIN, HELD = 4, 12, 160, 40
NORMS = {
    "none": Norm("none", "none", False, False),
    "batch": Norm("batch", "batch", True, True),
    "frozen": Norm("frozen", "batch", False, False),
    "gamma": Norm("gamma", "batch", True, False),
    "layer": Norm("layer", "layer", True, True),
    "noisy": Norm("noisy", "noisy", True, True),
    "none_noisy": Norm("none_noisy", "none_noisy", False, False),
    "steady_detached": Norm("steady_detached", "steady_detached", True, True),
    "free_detached": Norm("free_detached", "free_detached", True, True),
    "free_full": Norm("free_full", "free_full", True, True),
    "yoked": Norm("yoked", "yoked", True, True, replay="ordered", gain=1.0),
}
FILES = sorted((Path(__file__).parents[2] / "conf" / "norm").glob("*.yaml"))
EVERY = [typed(Norm, yaml.safe_load(path.read_text(encoding="utf-8"))) for path in FILES]
# What may be done to batch norm's gamma, beta and running averages: they share a stack.
ARMS = {norm.name: norm for norm in EVERY if norm.kind == "batch" and norm.eps == 1e-5}  # of one stack


def cell(norm: str = "batch", activation: str = "relu", width: int = 20, depth: int = 3, **changes) -> Cell:
    """Return a cell with its arm, activation, optimiser and schedule by name, anything else by field."""
    for key, kind in (("optimizer", Optimizer), ("schedule", Schedule)):
        if isinstance(name := changes.get(key), str):
            changes[key] = kind(name, name)
    base = Cell(
        data="made_up",
        model=Model("small", "mlp", depth, width, activation),
        norm={**ARMS, **NORMS}[norm],
        optimizer=Optimizer("sgd", "sgd"),
        schedule=Schedule("constant", "constant"),
        order=Order("reshuffle", "reshuffle"),
        regime="clean",
        batch_size=16,
        lr=0.1,
        steps=30,
        root=0,
    )
    return replace(base, **changes)


def shuffled(cell_seeds=range(40), batch_size: int = 16, steps: int = 300) -> Shuffled:
    """Return Gaussian clusters, split and put in order for some seeds."""
    draw = seeds.generator(0, "made up")
    labels = np.tile(np.arange(CLASSES), (TRAIN + 3 * HELD) // CLASSES)
    centers = draw.standard_normal((CLASSES, INPUTS))
    inputs = (centers[labels] + 0.7 * draw.standard_normal((len(labels), INPUTS))).astype(np.float32)
    splits, streams = {"shape": np.array([INPUTS])}, {}
    for seed in cell_seeds:
        own = seeds.generator(0, "made up", seed)
        places = own.permutation(len(labels)).astype(np.int32)
        parts = np.split(places, [TRAIN, TRAIN + HELD, TRAIN + 2 * HELD])
        splits |= {
            f"{name}_{seed}": part for name, part in zip(("train", "test", "probe", "second"), parts, strict=True)
        }
        splits[f"subset_{seed}"] = np.arange(HELD, dtype=np.int32)
        splits[f"center_{seed}"] = inputs[parts[0]].mean(0)
        splits[f"scale_{seed}"] = inputs[parts[0]].std(0)
        epochs = -(-steps * batch_size // TRAIN)
        stream = np.concatenate([own.permutation(TRAIN) for _ in range(epochs)])
        streams[f"seed_{seed}"] = stream[: steps * batch_size].astype(np.int32)
    return Shuffled(inputs, labels, splits, {("reshuffle", batch_size): streams})
