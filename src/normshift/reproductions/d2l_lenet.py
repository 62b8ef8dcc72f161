"""Dive into Deep Learning's LeNet with batch norm on Fashion-MNIST: the gamma and beta that its first layer learns."""

import numpy as np
from numpy.typing import NDArray

from normshift.reproductions.lines import told
from normshift.reproductions.run import Found, Run
from normshift.results import Line

FIRST, AFTER = 0, 1  # the layer; the state after an update
KNOWN = "not compared here"


def found(run: Run) -> Found:
    """Return gamma and beta of every channel of the first layer, and the accuracies (T3)."""
    channels = [
        Line("T3", f"{name} of channel {channel + 1} of the first layer", KNOWN, told(values))
        for name in ("gamma", "beta")
        for channel, values in enumerate(_last(run, name).T)
    ]
    outcomes = run.tables["outcomes"].query("span == 'all'").set_index("cell").loc[run.tables["cells"]["cell"]]
    accuracies = [
        Line("T3", f"test accuracy, {mode}", KNOWN, told(outcomes[f"test_accuracy_{mode}"].to_numpy()))
        for mode in ("ema", "population", "batch")
    ]
    return [*channels, *accuracies], {}


def _last(run: Run, name: str) -> NDArray:
    """Return gamma or beta of the first layer after the last update: (cell, channel)."""
    (record,) = run.records
    if not (record["kept"][FIRST] == np.arange(record[name].shape[-1])).all():
        raise ValueError("not every channel of the first layer is kept")
    return record[name][:, -1, AFTER, FIRST]
