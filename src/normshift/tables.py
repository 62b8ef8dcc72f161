"""The schema of every table that crosses a stage, checked on write and on read.

A table is tidy: one row, one fact. `cell` numbers the cells of a study, as in its table `cells`. Distances between
activations are medians over the units of a layer, never over seeds. Scale-free ones are divided by sigma, the pooled
standard deviation of the two snapshots; their raw twins carry the unit of the activation.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Column:
    """A column: its pandas type, whether a value may be missing, what values are allowed, its unit and meaning."""

    type: str
    meaning: str
    missing: bool = False
    among: tuple[str, ...] = ()
    low: float | None = None


SITES = ("u", "x", "y", "a")
MODES = ("batch", "ema", "population")
PROBES = ("first", "second")
WINDOWS = ("early", "late", "all")
HORIZONS = ("step", "ten", "epoch", "start")
LAGS = ("step", "ten", "epoch")
SPANS = {"all": 1.0, "half": 0.5}  # shares of the run
CAUSES = ("all", "below", "own", "rest")
PARAMETERS = ("gamma", "beta", "weight")

COORDINATES = ("raw", "gauge")
READINGS = ("without", "with")

CELL = {"cell": Column("int32", "number of the cell in its study", low=0)}
STEP = {"step": Column("int32", "updates made before the snapshot", low=0)}
LAYER = {"layer": Column("int16", "hidden layer, 1 is the first", low=1)}
SITE = {"site": Column("str", "where the distribution is read", among=SITES)}
MODE = {"mode": Column("str", "which statistics normalise", among=MODES)}
SPAN = {"span": Column("str", "the whole run, or its first half as if it were one", among=tuple(SPANS))}
WINDOW = {"window": Column("str", "part of the run: steps below the early share, above the late, all", among=WINDOWS)}


def number(meaning: str, low: float | None = None) -> Column:
    """Return a column of numbers that may be missing (a cell that diverged, a quantity the arm does not have)."""
    return Column("float64", meaning, missing=True, low=low)


TABLES: dict[str, dict[str, Column]] = {
    # written by shuffle
    "heterogeneity": {
        "order": Column("str", "name of the order"),
        "batch_size": Column("int32", "samples per batch", low=1),
        "seed": Column("int32", "seed", low=0),
        "quantity": Column("str", "what varies between batches", among=("label_share", "input_mean")),
        "measured": number("variance between batches, mean over classes or inputs", low=0),
        "expected": number("the same for random batches without replacement (multivariate hypergeometric)", low=0),
    },
    # written by train
    "cells": {
        **CELL,
        "digest": Column("str", "address in the cell store"),
        "record": Column("str", "name of the file of records that holds the cell"),
        "role": Column("str", "judged, or tuning: chooses best learning rates only", among=("judged", "tuning")),
        "data": Column("str", "data set"),
        "model": Column("str", "name of the model"),
        "depth": Column("int32", "hidden layers", low=1),
        "width": Column("int32", "units per hidden layer", low=1),
        "activation": Column("str", "nonlinearity"),
        "norm": Column("str", "arm"),
        "optimizer": Column("str", "name of the optimiser"),
        "schedule": Column("str", "name of the schedule"),
        "order": Column("str", "name of the order"),
        "regime": Column("str", "data regime", among=("clean", "fresh")),
        "batch_size": Column("int32", "samples per mini-batch", low=1),
        "lr": Column("float64", "learning rate", low=0),
        "steps": Column("int32", "updates planned", low=1),
        "seed": Column("int32", "seed of initialisation, split and order", low=0),
    },
    # written by measure
    "outcomes": {
        **CELL,
        **SPAN,
        "diverged_step": number(
            "update after which the loss was not finite or beyond the bound; missing: never", low=0
        ),
        "learning_accuracy": number("training accuracy the learning rule looks at, end of the run, batch mode", low=0),
        "learned": Column("bool", "learning_accuracy reaches the regime's threshold"),
        "final_loss": number("mean training loss of the last 20 steps, nats", low=0),
        "area": number("mean training loss over all steps, nats; missing: diverged", low=0),
        "late_loss": number("mean training loss of the late window, nats", low=0),
        "late_slope": number("least-squares slope of the training loss over the late window, nats per step"),
        "memorised": Column("bool", "late_loss is at or below the memorisation line"),
        "increases": number("share of steps whose training loss rose, all steps", low=0),
        "test_accuracy_batch": number(
            "accuracy on the test set at the end of the run, normalised by its own statistics; missing at half", low=0
        ),
        "test_accuracy_ema": number("the same, normalised by running averages", low=0),
        "test_accuracy_population": number("the same, normalised by exact statistics of the training set", low=0),
    },
    "targets": {
        **CELL,
        "level": Column("float64", "loss level, nats", low=0),
        "step": number("first step whose 20-step mean training loss is at or below the level; missing: never", low=0),
    },
    "losses": {
        **CELL,
        **STEP,
        "loss": number("loss on the fixed class-balanced training subset, batch mode, nats", low=0),
        "accuracy": number("accuracy there", low=0),
        "training_loss": number("mean loss of the arm's own batches since the previous row, nats", low=0),
    },
    "shifts": {
        **CELL,
        **STEP,
        "later": Column("int32", "updates made before the second snapshot", low=0),
        "horizon": Column("str", "how far apart: one step, ten, an epoch, or since the start", among=HORIZONS),
        **LAYER,
        **SITE,
        **MODE,
        "probe": Column("str", "which probe", among=PROBES),
        "mean_shift": number("|change of the mean| in sigma, median over all units", low=0),
        "sd_shift": number("|change of log sd|, median over all units", low=0),
        "mean_shift_raw": number("|change of the mean|, activation units, median over all units", low=0),
        "w1": number("Wasserstein-1 distance in sigma, median over kept units", low=0),
        "w2": number("Wasserstein-2 distance in sigma, median over kept units", low=0),
        "w2_raw": number("Wasserstein-2 distance, activation units, median over kept units", low=0),
        "location": number("share of W2 squared due to the mean (identity B), mean over kept units", low=0),
        "scale": number("share due to the standard deviation", low=0),
        "shape": number("share due to the shape: what batch norm does not set", low=0),
    },
    "noise": {
        **CELL,
        **STEP,
        **LAYER,
        **SITE,
        "mean_noise": number(
            "sd between batches of the batch mean at fixed weights, in sigma, median over units", low=0
        ),
        "sd_noise": number("sd between batches of log batch sd, median over units", low=0),
        "mean_noise_raw": number("sd between batches of the batch mean, activation units, median over units", low=0),
        "ratio_step": number("drift-to-noise ratio R(1): mean_shift over a step / mean_noise", low=0),
        "ratio_ten": number("R(10)", low=0),
        "ratio_epoch": number("R(epoch)", low=0),
        "horizon": number("steps until the drift of the mean exceeds rules.noise sigma, interpolated in log k", low=0),
        "censored": Column("bool", "the drift never got there within an epoch: horizon is its lower bound"),
    },
    "decomposition": {
        **CELL,
        **STEP,
        **LAYER,
        "statistic": Column("str", "batch statistic at site u", among=("mean", "sd")),
        "change": number(
            "|observed change from one batch and step to the next| in sigma, median over kept units", low=0
        ),
        "sampling": number("|part due to the other batch, at fixed weights| in sigma", low=0),
        "drift": number("|part due to the update, on a fixed batch| in sigma", low=0),
        "residual": number("largest |change - sampling - drift| over kept units, in sigma", low=0),
    },
    "motion": {
        **CELL,
        **LAYER,
        "parameter": Column("str", "which parameter", among=PARAMETERS),
        **SPAN,
        **WINDOW,
        "mean_step": number("mean |change per step| of an entry", low=0),
        "path": number("path length of the layer's vector: sum of the norms of its steps", low=0),
        "net": number("norm of the layer's vector's displacement over the window", low=0),
        "tortuosity": number("path / net: 1 for a straight way", low=0),
        "relative_step": number(
            "mean norm of a step over the mean norm of the layer's vector (of gamma and beta together)", low=0
        ),
        "sign_changes": number("share of entries and steps whose change has the opposite sign of the last", low=0),
        "fluctuation": number(
            "sd about a straight line through the window, median over kept units; gamma, beta", low=0
        ),
    },
    "identities": {
        **CELL,
        **STEP,
        **LAYER,
        **MODE,
        "mean_residual": number(
            "identity A: largest |mean(y) - predicted| over units, in units of max(1, |gamma|, |beta|)", low=0
        ),
        "sd_residual": number("the same for the sd", low=0),
        "tid_mean": number("|mean used - probe's mean| in the probe's sd, median over units (batch mode: 0)", low=0),
        "tid_sd": number("|sd used / probe's sd - 1|, median over units (batch mode: 0)", low=0),
    },
    "settling": {
        **CELL,
        **LAYER,
        "parameter": Column("str", "which parameter", among=PARAMETERS),
        **SPAN,
        "settling": number("S of the layer's vector: .5 for increments in any order, above for what settles early"),
        "null_sd": number("sd of S over all orders of the same increments; their mean is .5", low=0),
        "band_exit": number(
            "share of the span from which on a kept unit stays within rules.noise of its end, median; gamma, beta",
            low=0,
        ),
        "t_90": number("share at which 90 % of the way is first made, median over kept units; descriptive", low=0),
        "fast": number("share of kept units whose band_exit is at most rules.fast", low=0),
    },
    "diffusion": {
        **CELL,
        **LAYER,
        "parameter": Column("str", "which parameter", among=PARAMETERS[:2]),
        "coordinates": Column("str", "as they are, or over the norm of the layer's (gamma, beta)", among=COORDINATES),
        "exponent": number(
            "h in E|x(t+k) - x(t)|^2 ~ k^h, late window, drift subtracted; order iid, regime fresh only"
        ),
        "signal_to_noise": number("|mean| / sd of the increments of the late window, median over kept units", low=0),
    },
    "gradients": {
        **CELL,
        **STEP,
        **LAYER,
        "reading": Column("str", "whether the layer's own gamma and beta precede it", among=READINGS),
        "l2": number("Def. 2.1: |G' - G|, gradient units", low=0),
        "relative": number("|G' - G| / |G|", low=0),
        "cosine": number("<G, G'> / |G||G'|", low=-1),
        "per_displacement": number("relative over |d theta| / |theta| of what precedes", low=0),
    },
    "landscape": {
        **CELL,
        **STEP,
        "length": Column("float64", "length of the step along the gradient, learning rates", low=0),
        "loss": number("loss there on the update's batch, batch mode, nats", low=0),
        "gradient_change": number("|change of the gradient|, gradient units", low=0),
        "smoothness": number("the same per length of the step; where it is 1 / length it may be an artefact", low=0),
    },
    "variation": {
        **CELL,
        **STEP,
        "loss_variation": number("range of the loss over lengths of 1/2 to 4 learning rates, nats", low=0),
        "predictiveness": number("range of |change of the gradient| over them", low=0),
        "smoothness": number("largest smoothness over them", low=0),
        "shortest": number("1 / the shortest of them: what smoothness would be as an artefact", low=0),
    },
    "attribution": {
        **CELL,
        **STEP,
        **LAYER,
        "site": Column("str", "where the distribution is read", among=("u", "y")),
        "cause": Column(
            "str", "update of all, of lower layers, of the layer itself; what is not their sum", among=CAUSES
        ),
        "mean_shift": number("|change of the mean| in sigma, median over all units", low=0),
        "sd_shift": number("|change of log sd|, median over all units", low=0),
    },
    "composition": {
        **CELL,
        **STEP,
        "lag": Column("str", "updates taken apart: one, ten, an epoch", among=LAGS),
        "total": number("change of the held-out loss, nats"),
        "lower": number("the same if only what lies below the middle layer's gamma and beta moves"),
        "affine": number("if only these move"),
        "upper": number("if only what lies above moves"),
        "interference": number("total less these three"),
        "lower_upper": number("lower and upper together less each alone, gamma and beta unmoved"),
    },
    "examples": {
        **CELL,
        **STEP,
        "later": Column("int32", "updates made before the second snapshot", low=0),
        "horizon": Column("str", "how far apart", among=HORIZONS),
        **LAYER,
        "displacement": number("rms displacement of an example at y in sigma, median over kept units", low=0),
        "share": number("share of its square that is a shift of the distribution, median over kept units", low=0),
    },
    "effective_rates": {
        **CELL,
        **STEP,
        **LAYER,
        "weight_norm": number("norm of the layer's weight", low=0),
        "effective_rate": number("lr / norm^2, where a normaliser makes the loss blind to the norm", low=0),
        "gradient_norm": number("norm of the gradient of all that the arm learns", low=0),
    },
    "discrepancies": {
        **CELL,
        "quarter": Column("int8", "quarters of an epoch after the last full point", low=0),
        "position": Column("float64", "share of the epoch that has been read at that step", low=0),
        **LAYER,
        "tid_mean": number("|running mean - probe's mean| in the probe's sd, median over units", low=0),
        "tid_sd": number("|running sd / probe's sd - 1|, median over units", low=0),
    },
    "regression": {
        **CELL,
        "excess": number("full-batch loss at the end of the run, less its least value, the optimum's"),
        "distorted": number("the same excess at the optimum of the batches that one shuffle makes and reuses"),
    },
    # of cells watched in detail
    "distances": {
        **CELL,
        **STEP,
        "later": Column("int32", "updates made before the second snapshot", low=0),
        "horizon": Column("str", "how far apart", among=HORIZONS),
        "metric": Column("str", "distance at y in the last layer, median over units or joint (normshift.metrics)"),
        "value": number("the distance"),
        "null": number("the same between two halves of the earlier sample: what it reads where nothing moved"),
    },
    "curvature": {
        **CELL,
        **STEP,
        "sharpness": number("largest eigenvalue of the Hessian on the training subset, batch mode"),
        "edge": number("sharpness over 2 / lr"),
        "batch_sharpness": number("mean over batches of g'Hg / |g|^2, batch mode"),
        "batch_edge": number("batch sharpness over 2 / lr"),
    },
    "injected": {
        **CELL,
        **STEP,
        **LAYER,
        "example_noise": number("sd of an example's y over the batches it may be in, in sigma, median", low=0),
    },
    "gradient_noise": {
        **CELL,
        **STEP,
        **LAYER,
        "parameter": Column("str", "which parameter", among=PARAMETERS),
        "signal": number("norm of the mean gradient of 10 batches", low=0),
        "noise": number("rms norm of what each deviates from it", low=0),
    },
    "bands": {
        **CELL,
        **STEP,
        **LAYER,
        "unit": Column("int32", "kept unit", low=0),
        **SITE,
        "q15": number("15th percentile on the first probe, batch mode, activation units"),
        "q50": number("median"),
        "q85": number("85th percentile"),
    },
    "trajectories": {
        **CELL,
        **STEP,
        **LAYER,
        "unit": Column("int32", "kept unit", low=0),
        "gamma": number("gamma"),
        "beta": number("beta"),
    },
    # written by judge
    "effects": {
        "claim": Column("str", "claim"),
        "level": Column("str", "level of the moderator, or `all`"),
        "part": Column("str", "part of the claim"),
        "seed": Column("int32", "judged seed", low=0),
        "effect": number("the paired effect, in the part's unit; missing counts against every verdict"),
    },
}


class BadTable(ValueError):
    """A table that does not fit its schema; the message names table, column and fault."""


def checked(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return ``frame`` with the columns of table ``name`` in order and of their types, or raise `BadTable`."""
    columns = TABLES[name]
    if wrong := set(columns).symmetric_difference(frame.columns):
        raise BadTable(f"table {name}: columns missing or unknown: {', '.join(sorted(wrong))}")
    try:
        frame = frame[list(columns)].astype({key: column.type for key, column in columns.items()})
    except (TypeError, ValueError) as error:
        raise BadTable(f"table {name}: {error}") from error
    for key, column in columns.items():
        _check(frame[key], column, f"table {name}, column {key}")
    return frame.reset_index(drop=True)


def _check(values: pd.Series, column: Column, where: str) -> None:
    if not column.missing and values.isna().any():
        raise BadTable(f"{where}: {int(values.isna().sum())} missing values")
    if column.among and not (odd := values[~values.isin(column.among)]).empty:
        raise BadTable(f"{where}: {odd.iloc[0]!r} is not one of {', '.join(column.among)}")
    if column.low is not None and not (odd := values[values < column.low]).empty:
        raise BadTable(f"{where}: {odd.iloc[0]} is below {column.low:g}")


def write(frame: pd.DataFrame, name: str, folder: Path) -> None:
    """Check a table and write it to ``folder/name.parquet``."""
    folder.mkdir(parents=True, exist_ok=True)
    checked(frame, name).to_parquet(folder / f"{name}.parquet", index=False)


def read(name: str, folder: Path) -> pd.DataFrame:
    """Read ``folder/name.parquet`` and check it."""
    path = folder / f"{name}.parquet"
    try:
        frame = pd.read_parquet(path)
    except FileNotFoundError:
        raise BadTable(f"{path} is missing: run the stage that writes it, or `dvc repro`") from None
    except Exception as error:
        raise BadTable(f"{path} cannot be read ({error}): delete it and run `dvc repro`") from error
    return checked(frame, name)
