"""What the shift since the start consists of: location, scale and shape (identity B)."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import style
from normshift.figures.numbers import measured, share
from normshift.figures.plot import Plot, Tables, panels
from normshift.figures.recorded import select
from normshift.figures.split import OPACITY, SHARES, parts_legend
from normshift.params import Rules

VALUES = [*SHARES, "w2"]
COLUMNS = ["run", "layer", "name", "later", *VALUES]


def data(tables: Tables, rules: Rules | None = None) -> pd.DataFrame:
    """Return the shares of the squared distance between the start and the last look, of a few layers."""
    frame = select.named(tables, "shifts")
    frame = select.inputs(frame[(frame[["mode", "horizon"]] == ["batch", "start"]).all(axis=1)])
    frame = frame[frame["later"] == frame.groupby("run")["later"].transform("max")]
    return select.rows(select.few(frame), COLUMNS, VALUES, "nothing was seen after the start")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel a run, one bar a layer, its parts in falling opacity."""
    looks = select.looks(frame)
    figure, axes = panels(len(looks), columns=2)
    for place, (name, look) in zip(axes, looks.items(), strict=True):
        own = frame[frame["run"] == name]
        starts = own[list(SHARES)].cumsum(axis=1) - own[list(SHARES)]
        for part in SHARES:
            bars = {"left": starts[part], "height": 0.66, "color": style.INK[look.colour], "alpha": OPACITY[part]}
            place.barh(range(len(own)), own[part], **bars)
        place.set(title=name, xlim=(0, 1), xlabel="share of squared distance", ylabel="layer")
        place.set_yticks(range(len(own)), [str(layer) for layer in own["layer"]])
        place.invert_yaxis()
        place.grid(axis="y", visible=False)
    parts_legend(figure)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say each layer's shares, and the distance."""
    parts = [
        f"{row.run}, layer {row.layer}: {share(row.location)} location, {share(row.scale)} scale, {share(row.shape)} "
        f"shape of {measured(row.w2)} sigma"
        for row in frame.itertuples()
    ]
    return f"What the shift of a layer's input since the start consists of at the last look. {'; '.join(parts)}."


PLOT = Plot("The shift since the start, split into location, scale and shape", data, draw, describe)
