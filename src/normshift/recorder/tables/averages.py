"""Tables identities and discrepancies: what gamma and beta foretell, and what running averages miss."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from normshift.observe import identity
from normshift.observe.plan import QUARTERS
from normshift.recorder.tables.history import History, U, Y, full, histories
from normshift.recorder.tables.rows import rows

if TYPE_CHECKING:
    from normshift.recorder.recording import Recording


def identities(recording: "Recording") -> list[pd.DataFrame]:
    """Return the parts of identity A (`observe.identity`): batch mode at every snapshot, others where they were seen.

    Also the train/inference discrepancy of each mode's statistics (TID: Wang, Wu & Huang 2022), 0 in batch mode.
    """
    parts = []
    for mode in ("batch", "ema", "population"):
        for history in _normalised(recording, mode):
            mean, variance = _used(history, mode).unbind(-2)
            gamma, beta = history.parameter("gamma", 1.0), history.parameter("beta", 0.0)
            u, y = history.moments[:, U], history.moments[:, Y]
            foretold = identity.predicted(u, gamma, beta, mean, variance, history.layer.eps)
            missed = identity.residual(y, foretold, gamma, beta)
            tid = identity.discrepancy(u, mean, variance) if mode != "batch" else torch.zeros_like(missed)
            parts.append(_identities(history, mode, missed, torch.where(missed.isnan(), torch.nan, tid)))
    return parts


def _identities(history: History, mode: str, missed: Tensor, tid: Tensor) -> pd.DataFrame:
    residual = {"mean_residual": missed[:, 0].numpy(), "sd_residual": missed[:, 1].numpy()}
    return rows(
        {"step": history.steps},
        layer=history.number,
        mode=mode,
        **residual,
        tid_mean=tid[:, 0].numpy(),
        tid_sd=tid[:, 1].numpy(),
    )


def _used(history: History, mode: str) -> Tensor:
    """Return mean and variance that normalise: (snapshot, 2, unit)."""
    if mode == "batch":
        mean, sd = history.moments[:, U].unbind(-2)
        return torch.stack([mean, sd**2], dim=-2)
    return torch.from_numpy(history.arrays["used"])


def _normalised(recording: "Recording", mode: str) -> Iterator[History]:
    """Yield the histories of the layers that batch norm normalises, and by averages where the mode asks for them."""
    for history in histories(recording, mode):
        if history.layer.by_batch and (mode == "batch" or "used" in history.arrays):
            yield history


def discrepancies(recording: "Recording") -> list[pd.DataFrame]:
    """Return the parts: how much running averages miss the probe in batch mode, at each quarter of an epoch.

    That of the last full point after which an epoch was seen; none without ``epoch``.
    """
    epoch, known = recording.about["epoch"], set(recording.steps)
    if not epoch:
        return []
    quarters = np.arange(QUARTERS)
    begins = [step for step in full(recording) if known.issuperset(step + quarters * epoch // QUARTERS)]
    if not begins:
        return []
    steps, parts = begins[-1] + quarters * epoch // QUARTERS, []
    for history in histories(recording):
        if history.layer.by_batch and "used" in history.arrays:
            at = np.searchsorted(history.steps, steps)
            used = torch.from_numpy(history.arrays["used"])[at].unbind(-2)
            tid = identity.discrepancy(history.moments[at, U], *used).numpy()
            found = {"position": steps % epoch / epoch, "tid_mean": tid[:, 0], "tid_sd": tid[:, 1]}
            parts.append(rows({"quarter": quarters}, layer=history.number, **found))
    return parts
