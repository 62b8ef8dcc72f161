"""What `train` keeps of a cell: named arrays, their axes and meaning; the schema is checked on write and on read.

Axes: point (steps at which a network is observed), full (those observed fully), state (before, after one update),
layer, unit (kept units of a layer), site (u, x, y, a), moment (mean, sd), quantile (order statistics at `LEVELS`),
step (every update), fifth (every 5th update), block (a twentieth of the run), pair (upper triangle of block x block),
lag (a step, ten, an epoch after a full point), length (of a step along the gradient: `LENGTHS`), corner (which groups
of parameters moved, see `composition`), quarter (of an epoch), eighth (points at which whole layers are kept),
stop (where a tested cell is shown the test set).
A file holds all cells of a study whose arrays have the same shapes, stacked along a leading axis `cell`.
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

SITES = ("u", "x", "y", "a")
BLOCKS = 20
STRIDE = 5  # updates between two points of a trajectory
STOPS = 50  # into which the run of a tested cell is divided
KEPT = 8  # units kept per layer
BAND = (0.15, 0.5, 0.85)  # percentiles of a band (Ioffe & Szegedy 2015, Fig. 1)
LEVELS = (np.arange(15) + 0.5) / 15  # of the order statistics: 15 equal masses, each at its middle
# Lengths of steps along the gradient, in learning rates: Santurkar et al. 2018 take [1/2, 4]; the shorter ones show
# whether a smoothness is set by the shortest step alone (measurement: 1.2, caution 1).
LENGTHS = (1 / 32, 1 / 8, 1 / 2, 1.0, 2.0, 4.0)
WHOLE = 128  # samples of which a whole layer is kept

Record = dict[str, np.ndarray]

# Shared by all cells of a file.
PLAN: dict[str, tuple[str, str]] = {
    "points": ("point", "updates made before the network is observed"),
    "full": ("full", "which of the points are full ones, as positions in `points`"),
    "epoch": ("", "updates per epoch, rounded"),
    "kept": ("layer unit", "the units that are kept"),
    "eps": ("", "added to the variance by the normaliser; NaN if it has none"),
}

# Per cell. `?`: only where gamma and beta follow the normaliser. `!`: only of cells watched in detail, or tested.
# After a divergence, what would have followed is NaN.
CELL: dict[str, tuple[str, str]] = {
    "diverged_step": ("", "update after which the loss was not finite or beyond the bound; -1: never"),
    "training_loss": ("step", "loss on the arm's own batch before the update, batch mode, nats"),
    "training_accuracy": ("step", "accuracy there"),
    "subset_loss": ("point", "loss on the fixed class-balanced training subset, batch mode, nats"),
    "subset_accuracy": ("point", "accuracy there"),
    "final_subset_accuracy": ("", "accuracy there after the last update"),
    "test_accuracy": ("mode", "accuracy on the test set after the last update: batch, ema, population"),
    "test_loss": ("mode", "loss there, nats"),
    "moments": (
        "point state layer unit moment",
        "site u, first probe, batch mode; sd 0 where rounding is all that is known of it",
    ),
    "quantiles": (
        "point layer unit quantile",
        "site u, first probe, batch mode, before the update, standardised by `moments`; half precision",
    ),
    "quantiles_after": ("full layer unit quantile", "the same after the update"),
    "y_quantiles": (
        "point layer unit quantile",
        "site y as it is, only where it is neither u nor batch norm's function of u",
    ),
    "y_quantiles_after": ("full layer unit quantile", "the same after the update"),
    "shift": (
        "point horizon layer site shift",
        "first probe, batch mode; horizon: step (after the update against before), full (against the latest full"
        " point), start (against step 0); shift: |d mean|/sigma, |d ln sd|, |d mean|; medians over all units",
    ),
    "shift_second": (
        "full horizon layer site shift",
        "the same on the second probe; horizon: step, an epoch later, start (against the first full point)",
    ),
    "noise": ("full layer site noise", "between batches at fixed weights: sd of mean / sigma, sd of ln sd, sd of mean"),
    "corners": ("point state batch layer unit moment", "site u: before/after the update, on its batch and the next"),
    "gamma": ("point state layer unit", "gamma ?"),
    "beta": ("point state layer unit", "beta ?"),
    "gamma_gradient": ("point layer unit", "gradient of the training loss ?"),
    "beta_gradient": ("point layer unit", "gradient of the training loss ?"),
    "identity": (
        "point layer moment",
        "identity A, batch mode, if undisturbed: largest residual over units, relative ?",
    ),
    "mode_identity": ("full ema_population layer moment", "the same with the formula of TID ?"),
    "tid": ("full ema_population layer moment", "train/inference discrepancy, median over units ?"),
    "gamma_increments": (
        "fifth layer unit",
        "change of gamma since the 5th update before, see `decoded`; half precision ?",
    ),
    "beta_increments": ("fifth layer unit", "the same of beta ?"),
    "affine_norm": ("fifth layer", "length of the vector of all gammas and betas ?"),
    "step_abs": ("block parameter layer", "mean |change per update| of an entry; gamma, beta, weight"),
    "step_norm": ("block parameter layer", "sum over the block's updates of the norm of the layer's change"),
    "sign_changes": ("block parameter layer", "share of changes of opposite sign to the last; gamma, beta only"),
    "gram": ("parameter layer pair", "inner products of the block increments of the layer's vector"),
    "weight_norm": ("point layer", "Frobenius norm of the layer's weight"),
    "rate": ("full", "learning rate of the update"),
    "gradient_shift": (
        "full reading layer size",
        "Def. 2.1 of Santurkar et al. 2018, the update's batch, batch mode: |G|, |G'|, |G' - G|, <G, G'>, |d theta| and"
        " |theta| of the weights that precede; reading: without, with the layer's own gamma and beta; none in layer 1",
    ),
    "gradient_norm": ("full", "norm of the gradient of what the arm learns, the update's batch"),
    "landscape": (
        "full length slope",
        "at theta - length x rate x gradient: loss, |change of the gradient|; that batch",
    ),
    "attribution": (
        "full layer u_y cause part",
        "first probe, one update: change of mean / sigma and of ln sd due to all, to what lies below, to the layer"
        " itself, and what is not their sum; medians over all units of the sizes; in layer 1 due to all only",
    ),
    "composition": (
        "full lag corner",
        "held-out loss (second probe) if of the parameters below the middle layer's gamma and beta (4), these (2) and"
        " those above (1) only some moved; nats; missing at full points but the second",
    ),
    "examples": (
        "point horizon layer part",
        "site y, first probe: rms displacement of an example in sigma, and the share of its square that is a shift of"
        " the distribution (W2 squared); horizon: as in shift; medians over kept units",
    ),
    "epoch_tid": ("quarter layer moment", "train/inference discrepancy of the running averages ?"),
    "regression": (
        "optimum",
        "excess over the least full-batch loss: of the network at the end, of the optimum of its first batches, as many"
        " as one permutation takes until they repeat; linear networks ?",
    ),
    "activations": ("eighth sample unit", "last layer, site y, first probe, batch mode; half precision !"),
    "test_trace": ("stop batch_ema", "accuracy on the test set while training: batch mode, by running averages !"),
    "test_band": ("stop unit band", "percentiles at y of all units of the last layer, test set, batch mode !"),
    "sharpness": ("full", "largest eigenvalue of the Hessian of the loss on the fixed training subset, batch mode !"),
    "batch_sharpness": ("full", "mean over batches of g'Hg / |g|^2, batch mode !"),
    "example_noise": (
        "full layer",
        "sd of an example's y over the batches it may be in, at fixed weights, in sigma; median over kept units; 0"
        " where no statistics of the batch are used !",
    ),
    "gradient_noise": (
        "full parameter layer part",
        "of the gradients of 10 batches at fixed weights: |mean|^2, mean |deviation|^2; gamma, beta, weight !",
    ),
}


def stops(steps: int) -> tuple[int, ...]:
    """Return the steps before which a tested network is shown the test set: `STOPS` parts of the run, and the last."""
    return tuple(sorted({min(steps - 1, round(part * steps / STOPS)) for part in range(STOPS + 1)}))


class BadRecord(ValueError):
    """A record that does not fit the schema or cannot be read."""


def increments(path: np.ndarray) -> np.ndarray:
    """Return the steps of a path (time, ...) in half precision, each from where the ones before it lead.

    So errors do not add up: a decoded point is off by at most 2^-11 of its own last step, or 2^-25 if that is more. NaN
    from a step on that is beyond half precision.
    """
    steps, reached = np.zeros(path.shape, np.float16), path[0].astype(float)
    for time in range(1, len(path)):
        step = path[time] - reached
        steps[time] = np.where(np.abs(step) <= np.finfo(np.float16).max, step, np.nan)
        reached = reached + steps[time]
    return steps


def decoded(start: np.ndarray, steps: np.ndarray, axis: int) -> np.ndarray:
    """Return the path that begins at ``start`` and takes the steps that lie along an axis."""
    return np.expand_dims(start, axis) + np.cumsum(steps.astype(float), axis=axis)


def write(record: Mapping[str, np.ndarray], target: Path | BinaryIO) -> None:
    """Write arrays as npz, the same bytes for the same arrays: fixed order and dates, lightly compressed."""
    if isinstance(target, Path):
        target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in sorted(record):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asarray(record[name], order="C"), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue(), zipfile.ZIP_DEFLATED, 1)


def arrays(path: Path) -> Record:
    """Read an npz of any names; `BadRecord` says what to do where it is missing, cut or garbled."""
    try:
        # Opened here: NumPy leaves a file open that it cannot read.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise BadRecord(f"{path} is missing: run the stage that writes it, or `dvc repro`") from None
    except Exception as error:  # a flipped byte makes zipfile raise anything, TypeError and RuntimeError included
        fault = " ".join(str(error).split()) or type(error).__name__
        raise BadRecord(f"{path} cannot be read ({fault}): delete it and run `dvc repro`") from error


def read(path: Path) -> Record:
    """Read what `write` wrote of a cell or a file of cells, and check the names."""
    record = arrays(path)
    if unknown := set(record) - {*PLAN, *CELL, "cell"}:
        raise BadRecord(f"{path}: unknown arrays {', '.join(sorted(unknown))}")
    return record
