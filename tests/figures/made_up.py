"""Made-up tables of a study like `core`, shaped like real ones: drift grows with the rate, high rates diverge."""

import numpy as np
import pandas as pd

from normshift.params import Rules
from normshift.seeds import generator
from normshift.tables import MODES, SITES, checked

LINES = {"q15": -1.0, "q50": 0.1, "q85": 1.2}
RULES = Rules(12, 1 / 4096, 0.1, 0.2, [1.5, 1.0, 0.5, 0.2, 0.1], {"clean": 0.9, "fresh": 0.75}, 0.05, 60**-0.5, 0.2)
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
ARMS = ("none", "batch", "frozen")
STREAMS = (("reshuffle", "clean"), ("reshuffle", "fresh"), ("sorted", "clean"))
DIVERGES = {"none": 1.0, "batch": 10.0, "frozen": 30.0}
STEPS = 1000
POINTS = (0, 1, 3, 10, 20, 50, 90, 200, 300, 500, 800, 900, 990)
LAYERS = (1, 2, 3)


def study(seeds: int = 12, rates: tuple[float, ...] = RATES) -> dict[str, pd.DataFrame]:
    """Return every table of a study, checked against the schema."""
    cells = _cells(seeds, rates)
    rng = generator(0, "made up")
    tables = {
        "cells": cells,
        "outcomes": _outcomes(cells, rng),
        "targets": _targets(cells, rng),
        "areas": _areas(cells, rng),
        "losses": _losses(cells, rng),
        "shifts": _shifts(cells, rng),
        "noise": _noise(cells, rng),
        "motion": _motion(cells, rng),
        "identities": _identities(cells, rng),
        "bands": _bands(cells, rng),
        "trajectories": _trajectories(cells, rng),
        "remaining": _remaining(cells, rng),
        "variation": _variation(cells, rng),
        "discrepancies": _discrepancies(cells, rng),
        "regression": _regression(cells, rng),
        "composition": _composition(cells, rng),
        "diffusion": _diffusion(cells, rng),
        "heterogeneity": _heterogeneity(seeds, rng),
    }
    return {name: checked(table, name) for name, table in tables.items()}


def _cells(seeds: int, rates: tuple[float, ...]) -> pd.DataFrame:
    rows = [
        {
            "norm": norm,
            "lr": lr,
            "order": order,
            "regime": regime,
            "seed": seed,
            "role": "judged" if seed < 1000 else "tuning",
        }
        for norm in ARMS
        for lr in rates
        for order, regime in STREAMS
        for seed in [*range(seeds), 1000]
    ]
    frame = pd.DataFrame(rows)
    fixed = {"record": "r", "data": "digits", "model": "mlp", "depth": 3, "width": 100, "activation": "relu"}
    fixed |= {"optimizer": "sgd", "schedule": "constant", "batch_size": 60, "steps": STEPS}
    return frame.assign(cell=range(len(frame)), digest=[f"d{number}" for number in range(len(frame))], **fixed)


def _crossed(cells: pd.DataFrame, **axes: tuple) -> pd.DataFrame:
    frame = cells[["cell", "norm", "lr", "regime", "seed"]]
    for name, values in axes.items():
        frame = frame.merge(pd.Series(values, name=name), how="cross")
    return frame


def _wobble(frame: pd.DataFrame, rng: np.random.Generator, sd: float = 0.15) -> pd.Series:
    return pd.Series(np.exp(rng.normal(0, sd, len(frame))), frame.index)


def _broken(frame: pd.DataFrame) -> pd.Series:
    return frame["lr"] >= frame["norm"].map(DIVERGES)


def _outcomes(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    broken = _broken(cells)
    loss = (0.02 + 0.01 / cells["lr"]) * _wobble(cells, rng) * np.where(cells["regime"] == "fresh", 6, 1)
    accuracy = np.where(broken, np.nan, np.where(loss < 0.7, 0.97, 0.6))
    return pd.DataFrame(
        {
            "cell": cells["cell"],
            "span": "all",
            "diverged_step": np.where(broken, 7.0, np.nan),
            "learning_accuracy": accuracy,
            "learned": accuracy > 0.9,
            "final_loss": np.where(broken, np.nan, loss),
            "area": np.where(broken, np.nan, loss * 3),
            "late_loss": np.where(broken, np.nan, loss),
            "late_slope": np.where(broken, np.nan, -1e-4 * loss),
            "memorised": loss < 0.05,
            "increases": np.clip(0.3 + 0.05 * np.log(cells["lr"] * 100) * _wobble(cells, rng), 0, 1),
            "test_accuracy_batch": accuracy,
            "test_accuracy_ema": accuracy,
            "test_accuracy_population": accuracy,
        }
    )


def _targets(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = _crossed(cells, level=tuple(RULES.levels))
    steps = 10 / frame["lr"] / frame["level"] * np.where(frame["norm"] == "none", 2, 1) * _wobble(frame, rng)
    frame["step"] = steps.where((steps < STEPS) & ~_broken(frame))
    return frame[["cell", "level", "step"]]


def _losses(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = _crossed(cells, step=POINTS)
    speed = np.where(frame["norm"] == "none", 0.5, 1)
    loss = (0.02 + 2.3 / (1 + frame["lr"] * frame["step"] * speed)) * _wobble(frame, rng, 0.05)
    frame["loss"] = loss.where(~_broken(frame))
    return frame.assign(accuracy=0.5, training_loss=1.5 * loss)[["cell", "step", "loss", "accuracy", "training_loss"]]


def _shifts(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = _crossed(cells, step=POINTS, horizon=("step", "epoch"), layer=LAYERS, site=("y", "a"))
    later = frame["step"] + np.where(frame["horizon"] == "step", 1, 20)
    moved = 0.05 * frame["lr"] ** 0.8 * frame["norm"].map({"none": 2.0, "batch": 1.0, "frozen": 0.3})
    moved = (moved / (1 + frame["step"] / 100) * _wobble(frame, rng)).where(~_broken(frame))
    location = frame["norm"].map({"none": 0.7, "batch": 0.6, "frozen": 0.0})
    scale = frame["norm"].map({"none": 0.2, "batch": 0.25, "frozen": 0.0})
    values = {"mean_shift": moved, "sd_shift": moved / 2, "mean_shift_raw": moved * 2, "w1": moved, "w2": moved * 1.2}
    values |= {"w2_raw": moved * 3, "location": location, "scale": scale, "shape": 1 - location - scale}
    frame = frame.drop(columns=["norm", "lr", "regime", "seed"])
    return frame.assign(later=later, mode="batch", probe="first", **values)


def _noise(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = _crossed(cells, step=(0, 50, 300, 900), layer=LAYERS, site=SITES)
    exact = frame["site"].isin(["x", "y"]) & (frame["norm"] != "none")
    noise = (RULES.noise * _wobble(frame, rng)).where(~exact, 0.0)
    ratio = (frame["lr"] / (1 + frame["step"] / 100) * _wobble(frame, rng)).where(~exact & ~_broken(frame))
    frame = frame.drop(columns=["norm", "lr", "regime", "seed"])
    values = {
        "mean_noise": noise,
        "sd_noise": noise,
        "mean_noise_raw": noise,
        "ratio_step": ratio,
        "ratio_ten": 6 * ratio,
    }
    return frame.assign(**values, ratio_epoch=10 * ratio, horizon=1 / ratio, censored=False)


def _diffusion(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = _crossed(cells, layer=LAYERS, parameter=("gamma", "beta"), coordinates=("raw", "gauge"))
    exponent = (0.9 * _wobble(frame, rng)).where((frame["norm"] == "batch") & (frame["regime"] == "fresh"))
    return frame.drop(columns=["norm", "lr", "regime", "seed"]).assign(exponent=exponent, signal_to_noise=0.1)


def _composition(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = _crossed(cells, lag=("step", "ten", "epoch")).assign(step=60)
    unit = -0.01 * _wobble(frame, rng)
    values = {"lower": unit, "affine": (unit / 50).where(frame["norm"] != "none"), "upper": 2 * unit}
    values |= {"interference": -unit / 2, "lower_upper": -unit / 2}
    values["total"] = 2.5 * unit + values["affine"].fillna(0)
    return frame.drop(columns=["norm", "lr", "regime", "seed"]).assign(**values)


def _motion(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = _crossed(cells, layer=LAYERS, parameter=("gamma", "beta", "weight"), window=("early", "late", "all"))
    learns = (frame["norm"] == "batch") | (frame["parameter"] == "weight")
    step = 0.001 * frame["lr"] * _wobble(frame, rng) * np.where(frame["window"] == "late", 0.3, 1)
    step = step.where(learns & ~_broken(frame))
    values = {
        "mean_step": step,
        "path": step * 100,
        "net": step * 30,
        "walk": step * 3,
        "sign_changes": 0.5,
        "fluctuation": step * 4,
    }
    values |= {"span": "all", "tortuosity": 10 / 3, "relative_step": step}
    return frame.drop(columns=["norm", "lr", "regime", "seed"]).assign(**values)


def _identities(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = _crossed(cells[cells["norm"] != "none"], step=(0, 300), layer=LAYERS, mode=MODES)
    exact = frame["mode"] == "batch"
    residual = pd.Series(2e-7 * _wobble(frame, rng), frame.index)
    discrepancy = pd.Series(0.1 * _wobble(frame, rng), frame.index).where(~exact, 0.0)
    values = {"mean_residual": residual, "sd_residual": residual, "tid_mean": discrepancy, "tid_sd": discrepancy}
    return frame.drop(columns=["norm", "lr", "regime", "seed"]).assign(**values)


def _bands(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = _crossed(cells[cells["seed"] < 2], step=POINTS, layer=LAYERS, unit=(4, 17), site=("u", "y"))
    growth = 1 + frame["step"] / STEPS
    middle = frame["norm"].map({"none": 1.0, "batch": 0.2, "frozen": 0.0}) * np.sin(frame["step"] / 150)
    half = growth * frame["norm"].map({"none": 1.5, "batch": 1.0, "frozen": 1.0}) * _wobble(frame, rng, 0.03)
    values = {"q15": middle - half, "q50": middle, "q85": middle + half}
    values = {name: value.where(~_broken(frame)) for name, value in values.items()}
    return frame.drop(columns=["norm", "lr", "regime", "seed"]).assign(**values)


def _trajectories(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    chosen = cells[(cells["norm"] == "batch") & (cells["seed"] < 2)]
    frame = _crossed(chosen, step=tuple(range(0, STEPS, 5)), layer=(2, 3), unit=(4, 17, 30))
    march = frame["unit"] / 30 * frame["step"] / STEPS
    gamma, beta = 1 + 0.5 * march + rng.normal(0, 0.02, len(frame)), march + rng.normal(0, 0.02, len(frame))
    return frame.drop(columns=["norm", "lr", "regime", "seed"]).assign(gamma=gamma, beta=beta)


def _areas(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = _crossed(cells, since=(0.0, 0.1, 0.3))
    loss = (0.1 + 0.01 / frame["lr"]) / (1 + frame["since"]) * _wobble(frame, rng)
    frame = frame.assign(span="all", log_loss=np.log(loss).where(~_broken(frame)))
    return frame[["cell", "span", "since", "log_loss"]]


def _variation(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = _crossed(cells, step=(0, 60, 300, 900))
    size = frame["lr"] * np.where(frame["norm"] == "none", 3, 1) / (1 + frame["step"] / 100) * _wobble(frame, rng)
    size = size.where(~_broken(frame))
    values = {"gradient_norm": size, "loss_variation": size, "predictiveness": 2 * size, "smoothness": 3 * size}
    return frame.assign(shortest=2 / frame["lr"], **values).drop(columns=["norm", "lr", "regime", "seed"])


def _discrepancies(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = _crossed(cells[cells["norm"] != "none"], quarter=(0, 1, 2, 3), layer=LAYERS)
    missed = pd.Series(0.03 * _wobble(frame, rng), frame.index).where(~_broken(frame))
    frame = frame.drop(columns=["norm", "lr", "regime", "seed"])
    return frame.assign(position=frame["quarter"] / 4, tid_mean=missed, tid_sd=missed)


def _regression(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = cells[(cells["norm"] == "batch") & cells["lr"].isin([0.1, 0.3])]
    excess = 0.03 * _wobble(frame, rng)
    return frame[["cell"]].assign(excess=excess, distorted=excess / 2)


def _remaining(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = _crossed(cells, step=tuple(range(0, STEPS + 1, 50)), layer=LAYERS, parameter=("gamma", "beta", "weight"))
    left = (1 - frame["step"] / STEPS) ** frame["parameter"].map({"gamma": 3.0, "beta": 2.0, "weight": 1.0})
    left = left * np.where(frame["step"] > 0, _wobble(frame, rng, 0.05), 1)
    learns = (frame["norm"] == "batch") | (frame["parameter"] == "weight")
    frame = frame.drop(columns=["norm", "lr", "regime", "seed"])
    return frame.assign(remaining=left.where(learns & ~_broken(cells).reindex(frame["cell"]).to_numpy()))


def _heterogeneity(seeds: int, rng: np.random.Generator) -> pd.DataFrame:
    axes = {"order": ("reshuffle", "sorted"), "seed": tuple(range(seeds)), "quantity": ("label_share", "input_mean")}
    frame = pd.DataFrame({"batch_size": [60]})
    for name, values in axes.items():
        frame = frame.merge(pd.Series(values, name=name), how="cross")
    expected = np.full(len(frame), 0.0014)
    measured = expected * np.where(frame["order"] == "sorted", 50, 1) * _wobble(frame, rng, 0.02)
    return frame.assign(measured=measured, expected=expected)


def figure_1() -> dict[str, pd.DataFrame]:
    """Return the tables of a published figure run again: accuracies that rise, bands that widen."""
    steps, shares = np.arange(0, 50_001, 1000), np.linspace(0, 1, 60)
    rise = {"none": 1 - 0.9 * np.exp(-steps / 9000), "batch": 1 - 0.9 * np.exp(-steps / 3000)}
    here = [
        pd.DataFrame({"step": steps, "norm": norm, "low": high - 0.02, "middle": high - 0.01, "high": high})
        for norm, high in rise.items()
    ]
    read = [
        pd.DataFrame({"step": steps[4:] + 40.5, "norm": norm, "value": high[4:] + 0.003}) for norm, high in rise.items()
    ]
    bands = [
        pd.DataFrame({"step": steps, "norm": norm, **{q: z * (1 + steps / 50_000) for q, z in LINES.items()}})
        for norm in rise
    ]
    drawn = [
        pd.DataFrame({"share": shares, "norm": norm, "line": q, "value": z * (1 + 2 * shares)})
        for norm in rise
        for q, z in LINES.items()
    ]
    both = {"here_accuracy": here, "published_accuracy": read, "here_bands": bands, "published_bands": drawn}
    return {name: pd.concat(parts, ignore_index=True) for name, parts in both.items()}
