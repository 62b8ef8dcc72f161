"""What `train` keeps of a cell: named arrays, their axes and meaning; the schema is checked on write and on read.

Axes: point (steps at which a network is observed), full (those observed fully), state (before, after one update),
layer, unit (kept units of a layer), site (u, x, y, a), moment (mean, sd), quantile (order statistics at `LEVELS`),
step (every update), fifth (every 5th update), block (a twentieth of the run), pair (upper triangle of block x block).
A file holds all cells of a study whose arrays have the same shapes, stacked along a leading axis `cell`.
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

SITES = ("u", "x", "y", "a")
BLOCKS = 20
STRIDE = 5  # updates between two points of a trajectory
KEPT = 8  # units kept per layer
LEVELS = (np.arange(15) + 0.5) / 15  # of the order statistics: 15 equal masses, each at its middle

Record = dict[str, np.ndarray]

# Shared by all cells of a file.
PLAN: dict[str, tuple[str, str]] = {
    "points": ("point", "updates made before the network is observed"),
    "full": ("full", "which of the points are full ones, as positions in `points`"),
    "epoch": ("", "updates per epoch, rounded"),
    "kept": ("layer unit", "the units that are kept"),
    "eps": ("", "added to the variance by the normaliser; NaN if it has none"),
}

# Per cell. `?`: only where the normaliser is a fixed affine map per unit and learns (or holds) gamma and beta.
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
    "moments": ("point state layer unit moment", "site u, first probe, batch mode"),
    "quantiles": ("point layer unit quantile", "site u, first probe, batch mode, before the update"),
    "quantiles_after": ("full layer unit quantile", "the same after the update"),
    "y_quantiles": ("point layer unit quantile", "site y, only where y is neither u nor batch norm's function of u"),
    "y_quantiles_after": ("full layer unit quantile", "the same after the update"),
    "shift": (
        "point horizon layer site shift",
        "first probe, batch mode; horizon: step (after the update against before), full (against the latest full"
        " point), start (against step 0); shift: |d mean|/sigma, |d ln sd|, |d mean|; medians over all units",
    ),
    "shift_second": ("full layer site shift", "second probe, horizon step"),
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
    "gamma_trajectory": ("fifth layer unit", "gamma at every 5th update ?"),
    "beta_trajectory": ("fifth layer unit", "beta at every 5th update ?"),
    "step_abs": ("block parameter layer", "mean |change per update| of an entry; gamma, beta, weight"),
    "step_norm": ("block parameter layer", "sum over the block's updates of the norm of the layer's change"),
    "sign_changes": ("block parameter layer", "share of changes of opposite sign to the last; gamma, beta only"),
    "gram": ("parameter layer pair", "inner products of the block increments of the layer's vector"),
    "weight_norm": ("point layer", "Frobenius norm of the layer's weight"),
}


class BadRecord(ValueError):
    """A record that does not fit the schema or cannot be read."""


def write(record: Mapping[str, np.ndarray], path: Path) -> None:
    """Write arrays as npz, the same bytes for the same arrays: fixed order and dates, no compression."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(record):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asarray(record[name], order="C"), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue())


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
