"""Table noise: how far a batch statistic moves between batches at fixed weights, and drift measured by it."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.metrics import drift_to_noise, horizon
from normshift.observe.plan import TEN
from normshift.recorder.tables.rows import rows
from normshift.records import SITES
from normshift.tables import LAGS

if TYPE_CHECKING:
    from normshift.recorder.recording import Recording


def noise(recording: "Recording", shifts: pd.DataFrame) -> list[pd.DataFrame]:
    """Return its parts, one a layer; none without batches.

    The horizon is when the drift of the mean exceeds ``1 / sqrt(batch size)`` sigma, the noise of one random batch.
    """
    steps = [step for step in recording.steps if "noise.1" in recording.snapshots[step]]
    if not steps:
        return []
    level, lags = (
        recording.about["batch_size"] ** -0.5,
        dict(zip(LAGS, (1, TEN, recording.about["epoch"]), strict=True)),
    )
    parts = []
    for number, layer in enumerate(recording.layers, 1):
        places = [SITES.index(site) for site in layer.sites]
        spread = np.stack([recording.snapshots[step][f"noise.{number}"] for step in steps])[:, places].astype(float)
        drift = _drifts(shifts[(shifts["layer"] == number) & (shifts["mode"] == "batch")], steps, layer.sites)
        ratios = drift_to_noise(drift, spread[..., :1])
        known = sorted((lag, place) for place, lag in enumerate(lags.values()) if lag)
        until, censored = horizon(drift[..., [place for _, place in known]], [lag for lag, _ in known], level)
        parts.append(
            rows(
                {"step": steps, "site": layer.sites},
                layer=number,
                **{name: spread[..., place] for place, name in enumerate(("mean_noise", "sd_noise", "mean_noise_raw"))},
                **{f"ratio_{name}": ratios[..., place] for place, name in enumerate(lags)},
                horizon=until,
                censored=censored,
            )
        )
    return parts


def _drifts(shifts: pd.DataFrame, steps: list[int], sites: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the drift of the mean in sigma a step, ten and an epoch after some snapshots: (snapshot, site, lag)."""
    wide = shifts[shifts["horizon"].isin(LAGS)].pivot(index=["step", "site"], columns="horizon", values="mean_shift")
    every = pd.MultiIndex.from_product([steps, sites])
    return wide.reindex(index=every, columns=list(LAGS)).to_numpy().reshape(len(steps), len(sites), len(LAGS))
