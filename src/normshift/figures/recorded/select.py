"""Which rows figures of recorded runs show.

Their tables are those of `normshift.tables` with a column `run`, the name of the recording, and `layers`, which tells
a layer's `name`. A layer's input is read at y, or at a where a layer has no y (a recurrent network).
"""

import numpy as np
import pandas as pd

from normshift.figures import style
from normshift.figures.plot import NotMeasured, Tables

MOST = 6  # layers that have a panel of their own
LOOKS = (("batch", "", "o"), ("none", (4, 1.5), "X"), ("gamma", (1, 1), "^"), ("beta", (5, 1, 1, 1), "v"))


def named(tables: Tables, table: str) -> pd.DataFrame:
    """Return a table's rows with the names of their layers, `NotMeasured` if there are none."""
    frame = tables[table]
    if frame.empty:
        raise NotMeasured(f"the recording has no table {table}")
    names = tables["layers"].drop_duplicates(["run", "layer"])[["run", "layer", "name"]]
    return frame.merge(names, on=["run", "layer"])


def inputs(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows at the site where a layer's input is read."""
    has = frame.groupby(["run", "layer"])["site"].transform(lambda sites: (sites == "y").any())
    return frame[frame["site"] == np.where(has, "y", "a")]


def before(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows at the site before the normaliser, u, or a where a layer has no u."""
    has = frame.groupby(["run", "layer"])["site"].transform(lambda sites: (sites == "u").any())
    return frame[frame["site"] == np.where(has, "u", "a")]


def few(frame: pd.DataFrame, most: int = MOST) -> pd.DataFrame:
    """Return the rows of a few layers, evenly spaced from the first to the last."""
    layers = np.sort(frame["layer"].unique())
    chosen = layers[np.unique(np.linspace(0, len(layers) - 1, min(most, len(layers))).round().astype(int))]
    return frame[frame["layer"].isin(chosen)]


def rows(frame: pd.DataFrame, columns: list[str], values: list[str], reason: str) -> pd.DataFrame:
    """Return ``columns`` of the rows that have at least one of ``values``, sorted; `NotMeasured` if there are none."""
    frame = frame[columns].dropna(subset=values, how="all")
    if frame.empty:
        raise NotMeasured(reason)
    return frame.sort_values([name for name in columns if name not in values]).reset_index(drop=True)


def looks(frame: pd.DataFrame) -> dict[str, style.Arm]:
    """Return how each run is drawn."""
    names = sorted(frame["run"].unique())
    return {name: style.Arm(name, *LOOKS[number % len(LOOKS)]) for number, name in enumerate(names)}


def panels(frame: pd.DataFrame) -> dict[int, str]:
    """Return the layers that are shown, and the title of each."""
    names = frame.groupby("layer")["name"].agg(lambda own: " / ".join(dict.fromkeys(own)))
    return {layer: f"{layer} {name}" if len(name) < 28 else f"{layer} …{name[-26:]}" for layer, name in names.items()}
