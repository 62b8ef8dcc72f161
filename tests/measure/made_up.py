"""Made-up records: every array of the schema, filled from a fixed generator, shapes read off the schema itself."""

from dataclasses import asdict

import numpy as np
import pandas as pd

from normshift import tables
from normshift.measure.group import described, groups
from normshift.observe.plan import Plan
from normshift.params import (
    Cell,
    Claims,
    Config,
    Data,
    Model,
    Norm,
    Optimizer,
    Order,
    Rules,
    Schedule,
    Seeds,
    Study,
    Train,
)
from normshift.records import BLOCKS, CELL, stops
from tests.engines.clusters import engine as local_engine

STEPS = 120
POINTS = np.array([0, 3, 6, 10, 16, 30, 40, 66, 70, 119])
FULL = np.array([0, 2, 5])  # steps 0, 6 and 30: each is followed at +10, but 6 not at an epoch
EPOCH = 40
EPS = 0.1  # large enough to be seen
PLAN = Plan(STEPS, EPOCH, tuple(POINTS.tolist()), tuple(POINTS[FULL].tolist()))
FIXED = {"mode": 3, "state": 2, "horizon": 3, "site": 4, "moment": 2, "shift": 3, "noise": 3, "batch": 2, "size": 6}
FIXED |= {"ema_population": 2, "parameter": 3, "block": BLOCKS, "pair": BLOCKS * (BLOCKS + 1) // 2, "quantile": 15}
FIXED |= {"unit": 4, "lag": 3, "length": 6, "corner": 8, "quarter": 4, "sample": 12, "reading": 2, "u_y": 2}
FIXED |= {"batch_ema": 2, "band": 3}
FIXED |= {"optimum": 2, "cause": 4, "part": 2, "slope": 2}
KEPT = np.array([[1, 4, 7, 9], [0, 2, 5, 6], [0, 3, 8, 9]], np.int32)
RULES = Rules(12, 1 / 4096, 0.1, 0.2, [1.5, 0.9, 0.3], {"clean": 0.9, "fresh": 0.75}, 0.05, 0.6, 0.3)
NORMS = {
    "none": Norm("none", "none", False, False),
    "layer": Norm("layer", "layer", True, True),
    "frozen": Norm("frozen", "batch", False, False),
}
ORDERS = {name: Order(name, name) for name in ("reshuffle", "sorted", "blocked", "iid")}
OF_LAYER = ("gamma", "beta", "gamma_gradient", "beta_gradient", "gamma_increments", "beta_increments", "affine_norm")


def record(
    kind: str, numbers: list[int], seed: int = 0, detail: bool = False, plan: Plan = PLAN, layers: int = 2
) -> dict[str, np.ndarray]:
    """A file of cells of a kind of normaliser; the second diverges at step 35, a unit is dead, gammas have any sign."""
    rng = np.random.default_rng([seed, len(kind)])
    sizes = {**FIXED, "layer": layers, **{axis: len(steps) for axis, steps in times(plan).items()}}
    made = {
        "points": np.array(plan.points, np.int32),
        "full": np.array([plan.points.index(step) for step in plan.full], np.int32),
        "epoch": np.array(plan.epoch, np.int32),
        "kept": KEPT[:layers],
        "eps": np.array(np.nan if kind == "none" else EPS),
        "cell": np.array(numbers, np.int32),
    }
    for name, (axes, meaning) in CELL.items():
        optional = name.startswith("y_") and kind != "layer"
        optional |= meaning.endswith("?") and (kind == "none" or kind == "layer" and name not in OF_LAYER)
        optional |= meaning.endswith("!") and not detail
        if not optional:
            shape = (len(numbers), *(sizes[axis] for axis in axes.split()))
            made[name] = _values(rng, name, shape).astype(np.float32)
    return diverged(made, 1, 35, plan)


def times(plan: Plan) -> dict[str, np.ndarray]:
    """The axes of time, and when their entries are seen."""
    points = np.array(plan.points)
    return {
        "point": points,
        "full": np.array(plan.full),
        "step": np.arange(plan.steps),
        "fifth": np.arange(0, plan.steps, 5),
        "block": np.arange(BLOCKS) * plan.steps // BLOCKS,
        "quarter": np.array(plan.quarters),
        "stop": np.array(stops(plan.steps)),
        "eighth": points[np.isin(points, [full + later for full in plan.full for later in (0, plan.epoch)])],
    }


def _values(rng, name: str, shape: tuple[int, ...]) -> np.ndarray:
    values = rng.normal(size=shape)
    if "quantiles" in name:
        values = np.sort(values * np.exp(rng.normal(size=(*shape[:-1], 1))), axis=-1)
        values[:, :, 0, 1] = -0.5 if name.startswith("y_") else 0.0  # dead and constant
    elif name.endswith("increments"):
        values[:, 0] = 0.0  # a path begins at its start
    elif name == "activations":
        values[..., 1] = 0.5
    elif name == "gram":
        values = np.abs(values)
    elif name.startswith(("gamma", "beta")):
        values[..., 2] *= 0.01  # below the least sigma
    elif name not in ("moments", "corners"):
        values = np.abs(values)
    if name in ("training_loss", "subset_loss"):
        values *= np.linspace(2, 0.1, shape[-1])
    if name in ("moments", "corners"):
        values[..., 1] = np.abs(values[..., 1])
        values[:, 0, ..., 0, 2, 1] = 0.0 if name == "corners" else 1.0
    if name == "moments":
        values[:, :, :, 0, 1] = (-0.5, 0.0)  # the constant unit
    if name == "noise":
        values[:, :, :, 2, 0] = 1e-8  # the mean at y, set by the normaliser
    if name == "diverged_step":
        values = np.full(shape, -1.0)
    return values


def diverged(made: dict[str, np.ndarray], cell: int, ended: int, plan: Plan = PLAN) -> dict[str, np.ndarray]:
    """NaN from the divergence on, in one cell; and some infinities, as a diverging network leaves them."""
    when = times(plan)
    for name, (axes, _) in CELL.items():
        first = axes.split()[0] if axes else ""
        if name in made and first in when:
            made[name][cell, when[first] > ended] = np.nan
        elif name in made:
            made[name][cell] = ended if name == "diverged_step" else np.nan
    made["moments"][cell, -1] = np.inf
    made["diverged_step"] = made["diverged_step"].astype(np.int32)
    return made


def cells(files: dict[str, list[int]]) -> pd.DataFrame:
    """Table cells for files whose names begin with the kind of normaliser."""
    rows = []
    for name, numbers in files.items():
        for place, number in enumerate(numbers):
            rows.append(
                {
                    "cell": number,
                    "digest": f"{number:x}",
                    "record": name,
                    "role": "tuning" if place == 3 else "judged",
                    "data": "digits",
                    "model": "mlp",
                    "depth": 2,
                    "width": 10,
                    "activation": ("relu", "sigmoid", "tanh", "identity")[place % 4],
                    "norm": name.partition("-")[0],
                    "optimizer": "sgd",
                    "schedule": "constant",
                    "order": ("reshuffle", "sorted", "blocked", "iid", "iid")[place % 5],
                    "regime": ("clean", "fresh")[place % 2],
                    "batch_size": 60,
                    "lr": 0.1,
                    "steps": STEPS,
                    "seed": 0 if place == 3 else 7 + place // 2,
                }
            )
    return tables.checked(pd.DataFrame(rows), "cells")


def study() -> Study:
    """A study whose grid may use four orders and four arms."""
    model, norm = Model("mlp", "mlp", 2, 10, "relu"), Norm("batch", "batch", True, True)
    sgd, constant = Optimizer("sgd", "sgd"), Schedule("constant", "constant")
    cell = Cell("digits", model, norm, sgd, constant, ORDERS["reshuffle"], "clean", 60, 0.1, STEPS, 0)
    options = {"order": {name: {"name": name, "kind": name} for name in ("sorted", "blocked", "iid")}}
    options |= {"norm": {name: asdict(norm) for name, norm in NORMS.items()}}
    return Study(cell, [], options, Seeds([7, 8], [0]))


def config() -> Config:
    """A configuration with that study."""
    data, engine = Data("digits", "digits", 100, 10), local_engine("local", 1)
    return Config(Claims(RULES, {}, {}), data, engine, 0, [], {"core": study()}, Train("stacked", "cpu"))


def path(seen, name: str, cell: int, layer: int, unit: int) -> np.ndarray:
    """The path of gamma or beta of a kept unit, step by step."""
    at = float(seen.record[name][cell, 0, 0, layer, unit])
    points = []
    for step in seen.record[f"{name}_increments"][cell, :, layer, unit]:
        at += float(step)
        points.append(at)
    return np.array(points)


def group(kind: str, count: int = 5, detail: bool = False, plan: Plan = PLAN, layers: int = 2):
    """One group of cells of a kind."""
    numbers = [3 * place + 1 for place in range(count)]
    table = described(cells({kind: numbers}), study())
    (only,) = groups({kind: record(kind, numbers, detail=detail, plan=plan, layers=layers)}, table)
    return only
