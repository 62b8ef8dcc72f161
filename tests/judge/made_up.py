"""Made-up tables of a study in which nothing differs between arms but for scatter, and what a test changes in them."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from normshift.configure.sources import sources
from normshift.judge.claims import REGISTRY
from normshift.judge.evidence import Evidence
from normshift.judge.frames import FACTORS, Tables, joined
from normshift.judge.judging import Judged, judged
from normshift.params import Cell, Claims, Model, Norm, Optimizer, Order, Schedule, typed
from normshift.seeds import generator
from normshift.tables import CAUSES, SINCE, TABLES, WINDOWS, checked

ARMS = ("none", "batch", "frozen")
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
BEST = 0.3
JUDGED = tuple(range(12))
TUNING = tuple(range(1000, 1004))
STEPS = 1000
POINTS = (0, 3, 20, 60, 200, 500, 850, 950)
LAYERS = (1, 2)
SCATTER = 0.01  # far below every margin
REFERENCE = Cell(
    "made-up",
    Model("mlp", "mlp", 2, 4, "relu"),
    Norm("batch", "batch", True, True),
    Optimizer("sgd", "sgd"),
    Schedule("constant", "constant"),
    Order("reshuffle", "reshuffle"),
    "clean",
    60,
    0.1,
    STEPS,
    0,
)

BATCHES = {
    "order": ("stratified", "reshuffle", "single", "buffer", "iid", "dirichlet", "blocked", "sorted"),
    "batch_size": (16, 60, 240, 1197),
    "quantity": ("label_share", "input_mean"),
}

Quantity = Callable[[pd.DataFrame], np.ndarray | pd.Series | float | bool]

# What a study shows unless a test says otherwise, as functions of the cell's factors and the row's keys.
DEFAULTS: dict[str, Quantity] = {
    "outcomes.learned": lambda row: True,
    "outcomes.memorised": lambda row: False,
    "outcomes.area": lambda row: 0.5 + np.log(row["lr"] / BEST) ** 2,
    "outcomes.increases": lambda row: 0.3,
    "outcomes.final_loss": lambda row: 0.2,
    "outcomes.test_accuracy_batch": lambda row: 0.9,
    "areas.log_loss": lambda row: -1.0 - row["since"],
    "targets.step": lambda row: 100 - 20 * np.log(row["level"]),
    "losses.loss": lambda row: 2.3 * np.exp(-row["step"] / 150),
    "shifts.mean_shift": lambda row: 0.01 + 1 / (1000 + row["step"]),
    "shifts.mean_shift_raw": lambda row: 0.01,
    "shifts.w2": lambda row: 0.2,
    "noise.mean_noise": lambda row: 0.1,
    "motion.mean_step": lambda row: 1e-3,
    "motion.fluctuation": lambda row: 1e-2,
    "motion.sign_changes": lambda row: 0.5,
    "motion.net": lambda row: 0.3,
    "motion.walk": lambda row: 0.3,
    "updates.residual": lambda row: 1e-8,
    "identities.mean_residual": lambda row: 1e-6,
    "identities.sd_residual": lambda row: 1e-6,
    "settling.settling": lambda row: 0.5,
    "settling.fast": lambda row: 0.5,
    "diffusion.exponent": lambda row: 1.0,
    "gradients.relative": lambda row: 0.1,
    "gradients.per_displacement": lambda row: 1.0,
    "variation.predictiveness": lambda row: 1.0,
    "attribution.mean_shift": lambda row: np.where(row["cause"] == "rest", 1e-4, 0.01),
    "attribution.sd_shift": lambda row: np.where(row["cause"] == "rest", 1e-4, 0.01),
    "composition.total": lambda row: -0.1,
    "composition.interference": lambda row: 0.01,
    "examples.share": lambda row: 0.5,
    "discrepancies.tid_mean": lambda row: 0.1,
    "outcomes.late_loss": lambda row: 0.3,
    "outcomes.late_slope": lambda row: -1e-4,
    "outcomes.test_accuracy_ema": lambda row: 0.9,
    "outcomes.test_accuracy_population": lambda row: 0.9,
    "regression.excess": lambda row: 0.01,
    "regression.distorted": lambda row: 0.01,
    "heterogeneity.measured": lambda row: row["order"].map(UNLIKE) * hypergeometric(row["batch_size"]),
    "heterogeneity.expected": lambda row: hypergeometric(row["batch_size"]),
}
UNLIKE = dict(zip(BATCHES["order"], (0.02, 1.0, 1.0, 1.0, 1.0, 6.0, 60.0, 60.0), strict=True))
MEASURED = ("measured", "expected")
EXACT = {"outcomes.learned", "outcomes.memorised", "outcomes.area", "losses.loss", "outcomes.diverged_step"}
EXACT |= {"outcomes.test_accuracy_batch", "outcomes.test_accuracy_ema", "outcomes.test_accuracy_population"}
EXACT |= {"losses.training_loss"}

KEYS: dict[str, dict[str, tuple]] = {
    "outcomes": {"span": ("all", "half")},
    "areas": {"span": ("all", "half"), "since": SINCE},
    "targets": {"level": (1.5, 1.0, 0.5, 0.2, 0.1)},
    "losses": {"step": POINTS},
    "shifts": {
        "step": POINTS,
        "horizon": ("step", "epoch", "start"),
        "layer": LAYERS,
        "site": ("u", "y"),
        "mode": ("batch",),
        "probe": ("first",),
        "later": (STEPS,),
    },
    "noise": {"step": (0, 200, 850), "layer": LAYERS, "site": ("u", "a"), "censored": (False,)},
    "motion": {"layer": LAYERS, "parameter": ("gamma", "beta"), "span": ("all", "half"), "window": WINDOWS},
    "updates": {"step": (0, 200), "layer": LAYERS, "parameter": ("gamma", "beta")},
    "identities": {"step": POINTS, "layer": LAYERS, "mode": ("batch", "ema")},
    "settling": {"layer": LAYERS, "parameter": ("gamma", "beta", "weight"), "span": ("all", "half")},
    "diffusion": {"layer": LAYERS, "parameter": ("gamma", "beta"), "coordinates": ("raw", "gauge")},
    "gradients": {"step": (0, 200, 850), "layer": (2,), "reading": ("without", "with")},
    "effective_rates": {"step": (0, 200, 850), "layer": LAYERS},
    "variation": {"step": (0, 200, 850)},
    "attribution": {"step": (0, 200, 850), "layer": (2,), "site": ("u", "y"), "cause": CAUSES},
    "composition": {"step": (60, 200), "lag": ("step", "ten", "epoch")},
    "examples": {"step": (0, 200, 850), "later": (STEPS,), "horizon": ("step", "epoch"), "layer": LAYERS},
    "discrepancies": {"quarter": (0, 1, 2, 3), "position": (0.0,), "layer": LAYERS},
    "regression": {},
}


@cache
def registered() -> Claims:
    """Return the registration as it stands in conf/."""
    return typed(Claims, sources(Path(__file__).parents[2]).claims)


def study(
    changes: Mapping[str, Quantity] | None = None,
    arms: tuple[str, ...] = ARMS,
    rates: tuple[float, ...] = RATES,
    seeds: tuple[int, ...] = JUDGED,
    tuning: tuple[int, ...] = TUNING,
    **axes: tuple,
) -> dict[str, pd.DataFrame]:
    """Return the tables of a study; ``changes`` maps table.column to its value, a function of the row's factors.

    Further ``axes`` are factors of cells with the values they take; of all others there is one.
    """
    changed = {key.split(".")[0] for key in changes or {}}
    grid = (arms, rates, seeds, tuning, *axes.items())
    quantities = DEFAULTS | dict(changes or {})
    tables = {"cells": _cells(*grid)}
    for name in KEYS:
        tables[name] = _table(name, tables["cells"], quantities) if name in changed else _unchanged(name, *grid)
    tables["heterogeneity"] = _heterogeneity(seeds, quantities)
    return tables


def united(*studies: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return one study of the cells of several."""
    firsts = np.cumsum([0, *(len(one["cells"]) for one in studies)])
    numbered = [
        {name: table.assign(cell=table["cell"] + first) for name, table in one.items() if "cell" in table}
        for one, first in zip(studies, firsts, strict=False)
    ]
    tables = {name: pd.concat([one[name] for one in numbered], ignore_index=True) for name in numbered[0]}
    return tables | {"heterogeneity": studies[0]["heterogeneity"]}


@cache
def _unchanged(name: str, *grid: tuple) -> pd.DataFrame:
    return _table(name, _cells(*grid), DEFAULTS)


@cache
def _cells(arms: tuple, rates: tuple, seeds: tuple, tuning: tuple, *axes: tuple) -> pd.DataFrame:
    own = {"norm": arms, "regime": ("clean", "fresh"), "lr": rates, "seed": (*seeds, *tuning)} | dict(axes)
    cells = pd.MultiIndex.from_product(own.values(), names=own.keys()).to_frame(index=False)
    same = {
        "digest": "0", "record": "0.npz", "data": "made-up", "model": "mlp", "depth": 2, "width": 4,
        "activation": "relu", "optimizer": "sgd", "schedule": "constant", "order": "reshuffle", "batch_size": 60,
        "steps": STEPS,
    }  # fmt: skip
    role = np.where(cells["seed"].isin(TUNING), "tuning", "judged")
    fixed = {key: value for key, value in same.items() if key not in own}
    return checked(cells.assign(cell=range(len(cells)), role=role, **fixed), "cells")


def _table(name: str, cells: pd.DataFrame, quantities: Mapping[str, Quantity]) -> pd.DataFrame:
    axes = {"cell": cells["cell"], **KEYS[name]}
    rows = pd.MultiIndex.from_product(axes.values(), names=axes.keys()).to_frame(index=False)
    if name == "shifts":
        # Since the start: the later snapshots are those of the points.
        start = rows["horizon"] == "start"
        rows = rows.assign(later=rows["later"].mask(start, rows["step"]), step=rows["step"].mask(start, 0))
        rows = rows[~start | (rows["later"] > 0)].reset_index(drop=True)
    rows = rows.merge(cells[["cell", *FACTORS]], on="cell")
    values = {column: np.full(len(rows), np.nan) for column in TABLES[name] if column not in axes}
    for key in (key for key in quantities if key.startswith(f"{name}.")):
        value = np.broadcast_to(quantities[key](rows), len(rows))
        scatter = np.exp(SCATTER * generator("made up", key).standard_normal(len(rows)))
        values[key.removeprefix(f"{name}.")] = value if key in EXACT else value * scatter
    return checked(rows[list(axes)].assign(**values), name)


def hypergeometric(size: np.ndarray | pd.Series) -> np.ndarray | pd.Series:
    """Return the variance of the share of one label in ten between batches of a size, of 1,197 samples."""
    return 0.09 / size * (1197 - size) / 1196


def _heterogeneity(seeds: tuple[int, ...], quantities: Mapping[str, Quantity]) -> pd.DataFrame:
    axes = BATCHES | {"seed": seeds}
    rows = pd.MultiIndex.from_product(axes.values(), names=axes.keys()).to_frame(index=False)
    values = {key: np.broadcast_to(quantities[f"heterogeneity.{key}"](rows), len(rows)) for key in MEASURED}
    return checked(rows.assign(**values), "heterogeneity")


def together(studies: Mapping[str, Mapping[str, pd.DataFrame]]) -> Tables:
    """Return the tables of made-up studies as claims read them."""
    return joined(studies, REFERENCE)


Study = Mapping[str, pd.DataFrame]


def evidence(claim: str, tables: Study | Mapping[str, Study]) -> list[Evidence]:
    """Return what a claim reads off a made-up study, or several by name."""
    needs = registered().claims[claim].needs
    studies = dict.fromkeys(needs, tables) if "cells" in tables else tables
    assert set(studies) == set(needs)
    return REGISTRY[claim](together(studies), registered().rules)


def verdict(claim: str, tables: Study | Mapping[str, Study]) -> Judged:
    """Return the verdict on a claim from a made-up study, or several by name."""
    return judged(registered().claims[claim], evidence(claim, tables), registered().rules)


Dose = Callable[[pd.DataFrame], np.ndarray]

# True effects in margins, per row of a table, that deserve each verdict.
DESERVED: dict[str, Dose] = {
    "Supported": lambda row: np.full(len(row), 2.0),
    "Contradicted": lambda row: np.full(len(row), -2.0),
    "No meaningful effect": lambda row: np.zeros(len(row)),
    "Undecided": lambda row: np.where(row["seed"] % 2, 2.0, -2.0),
}


def margin(claim: str) -> float:
    """Return the margin of a claim's first part."""
    return next(iter(registered().claims[claim].parts.values())).margin
