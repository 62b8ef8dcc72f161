"""A recording as scalars of TensorBoard (`pip install normshift[tensorboard]`)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from normshift.recorder.recording import taken

SITES = "uya"  # of a layer the first that it has: its input if it is known


class Scalar(NamedTuple):
    """A value after so many updates; a tag is a quantity and a layer's name, "drift per update/2"."""

    tag: str
    step: int
    value: float


def scalars(recording: Any) -> Iterator[Scalar]:
    """Yield what a recorder, a recording or a saved one shows, in batch mode, medians over units in sigma; no NaN.

    Of each layer's input: how far an update moves its mean, how far its distribution is from the first one
    (2-Wasserstein), and the noise of its mean between batches; and the loss.
    """
    tables = taken(recording).tables()
    shifts = tables["shifts"][tables["shifts"]["mode"] == "batch"]
    of = {horizon: shifts[shifts["horizon"] == horizon] for horizon in ("step", "start")}
    yield from _of_layers("drift per update", of["step"], tables["layers"], "later", "mean_shift")
    yield from _of_layers("distance from the start", of["start"], tables["layers"], "later", "w2")
    yield from _of_layers("noise between batches", tables["noise"], tables["layers"], "step", "mean_noise")
    losses = tables["losses"].dropna(subset="training_loss")
    for step, loss in zip(losses["step"], losses["training_loss"], strict=True):
        yield Scalar("loss", int(step), float(loss))


def _of_layers(name: str, table: pd.DataFrame, layers: pd.DataFrame, at: str, column: str) -> Iterator[Scalar]:
    for number, layer, sites in zip(layers["layer"], layers["name"], layers["sites"], strict=True):
        site = next(one for one in SITES if one in sites)
        own = table[(table["layer"] == number) & (table["site"] == site)].dropna(subset=column).sort_values(at)
        for step, value in zip(own[at], own[column], strict=True):
            yield Scalar(f"{name}/{layer}", int(step), float(value))


def write(recording: Any, folder: str | Path) -> None:
    """Write the scalars of a recording as an event file in a folder, for `tensorboard --logdir`."""
    from torch.utils.tensorboard import SummaryWriter  # here: of all that is in this file it alone needs the extra

    with SummaryWriter(str(folder)) as writer:
        for scalar in scalars(recording):
            writer.add_scalar(scalar.tag, scalar.value, scalar.step)
