"""Which rows figures show: judged cells, one learning rate for all arms, windows, the last hidden layer."""

from collections.abc import Sequence

import pandas as pd

from normshift.figures.numbers import listed, tick
from normshift.figures.plot import NotMeasured, Tables
from normshift.params import Rules

TOLD = ["norm", "lr", "order", "regime", "seed"]  # what figures tell apart
DESIGN = ["cell", *TOLD, "steps"]
FACTORS = ("data", "model", "depth", "width", "activation", "optimizer", "schedule", "batch_size", "steps")

RESOLUTION = 1e-6  # sigma; a smaller drift is the rounding of single precision: where a mean is fixed, nothing is left


def judged(tables: Tables, name: str, also: Sequence[str] = ()) -> pd.DataFrame:
    """Return a table of the judged cells with what distinguishes them: arm, learning rate, order, regime, seed.

    ``also`` names further factors that the figure tells apart.
    """
    cells = tables["cells"]
    cells = cells[cells["role"] == "judged"]
    if cells.duplicated([*TOLD, *also]).any():
        raise NotMeasured(confounded(cells, also))
    return tables[name].merge(cells[[*DESIGN, *also]], on="cell")


def confounded(cells: pd.DataFrame, told: Sequence[str] = ()) -> str:
    """Return in which factors cells differ that figures would pool."""
    varied = [name for name in FACTORS if name not in told and cells[name].nunique() > 1]
    return f"cells differ in {listed(varied)} too, which the figure does not tell apart"


def with_divergence(tables: Tables, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a column `diverged`: whether the run did at any time."""
    diverged = tables["outcomes"].set_index("cell")["diverged_step"].notna()
    return frame.assign(diverged=frame["cell"].map(diverged))


def shuffled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose data were reshuffled each epoch: the order every arm is compared under."""
    return frame[frame["order"] == "reshuffle"]


def main(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the plain data stream: reshuffled each epoch, no noise added."""
    return shuffled(frame)[lambda rows: rows["regime"] == "clean"]


def showcase(tables: Tables) -> float:
    """Return the learning rate figures compare arms at: most cells learn at it, of several the highest."""
    learned = main(judged(tables, "outcomes")).groupby("lr")["learned"].mean()
    if learned.empty:
        raise NotMeasured("no judged cell has reshuffled clean data")
    return float(learned[learned == learned.max()].index.max())


def at_showcase(tables: Tables, name: str) -> pd.DataFrame:
    """Return the rows of a table at the showcase learning rate of the plain data stream."""
    return main(judged(tables, name))[lambda rows: rows["lr"] == showcase(tables)]


def last_layer(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the last hidden layer."""
    return frame[frame["layer"] == frame["layer"].max()]


def windowed(frame: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return the rows in the early and late windows, named in a column `window`."""
    early = frame["step"] < rules.early * frame["steps"]
    late = frame["step"] >= (1 - rules.late) * frame["steps"]
    return pd.concat([frame[early].assign(window="early"), frame[late].assign(window="late")])


def learning(tables: Tables, frame: pd.DataFrame, also: Sequence[str] = ()) -> pd.DataFrame:
    """Return the rows of arms, rates, orders and regimes at which every judged seed learns: the others do not drift."""
    setting = ["norm", "lr", "order", "regime", *also]
    learned = judged(tables, "outcomes", also).groupby(setting)["learned"].all()
    kept = learned[learned].reset_index()[setting]
    return frame.merge(kept, on=setting)


def rows(frame: pd.DataFrame, columns: list[str], values: list[str], reason: str) -> pd.DataFrame:
    """Return ``columns`` of the rows that have at least one of ``values``, sorted; `NotMeasured` if there are none."""
    frame = frame[columns].dropna(subset=values, how="all")
    if frame.empty:
        raise NotMeasured(reason)
    return frame.sort_values([name for name in columns if name not in values]).reset_index(drop=True)


def resolved(frame: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return the rows whose ``value`` is more than rounding: what a logarithmic scale can show."""
    return frame[frame[value] > RESOLUTION]


def below(frame: pd.DataFrame, value: str) -> str:
    """Return the note that belongs to a figure of `resolved` rows: empty if it leaves out nothing."""
    if not (frame[value] <= RESOLUTION).any():
        return ""
    return f" Drifts up to {tick(RESOLUTION)} sigma are rounding and are not drawn."


def by_seed(frame: pd.DataFrame, keys: list[str], values: list[str]) -> pd.DataFrame:
    """Return one row a seed: the median of ``values`` over the rows that share ``keys``."""
    return frame.groupby(keys, as_index=False)[values].median()
