"""What a shift consists of: W2 squared split into location, scale and shape (identity B)."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from normshift.figures import select, style
from normshift.figures.numbers import counted, listed, measured, setting, share
from normshift.figures.plot import Plot, Tables, panels
from normshift.params import Rules

SHARES = {"location": "location (mean)", "scale": "scale (sd)", "shape": "shape"}
OPACITY = {"location": 0.95, "scale": 0.55, "shape": 0.2}


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's shares of the shift over an epoch at y, median over observations, every layer."""
    frame = select.at_showcase(tables, "shifts")
    chosen = (frame[["site", "mode", "probe", "horizon"]] == ["y", "batch", "first", "epoch"]).all(axis=1)
    values = [*SHARES, "w2"]
    frame = frame[chosen].groupby(["layer", "norm", "lr", "seed"], as_index=False)[values].mean()
    return select.rows(
        frame, ["layer", "norm", "lr", "seed", *values], values, "no shift over an epoch was measured at y"
    )


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel a layer, one bar an arm, its three parts in falling opacity."""
    names, layers = style.arms(frame["norm"]), sorted(frame["layer"].unique())
    figure, axes = panels(len(layers), columns=3, height=1.5)
    for place, layer in zip(axes, layers, strict=True):
        means = frame[frame["layer"] == layer].groupby("norm")[[*SHARES, "w2"]].mean()
        for row, name in enumerate(names):
            _bar(place, row, name, means.loc[name])
        place.set(title=f"hidden layer {layer}", xlim=(0, 1), xlabel="share of squared distance")
        place.set_yticks(range(len(names)), names)
        place.invert_yaxis()
        place.grid(axis="y", visible=False)
    parts_legend(figure)
    return figure


def _bar(axes: Axes, row: int, name: str, means: pd.Series) -> None:
    """Draw an arm's three shares one after the other, and write the size of the whole behind them."""
    starts = means[list(SHARES)].cumsum() - means[list(SHARES)]
    for part in SHARES:
        axes.barh(row, means[part], left=starts[part], height=0.66, color=style.ink(name), alpha=OPACITY[part])
    axes.text(1.02, row, f"{measured(means['w2'], 2)} σ", va="center", fontsize=7.5, color=style.INK["muted"])


def parts_legend(figure: Figure) -> None:
    """Name the three parts above all panels."""
    handles = [Patch(color=style.INK["text"], alpha=OPACITY[part], label=label) for part, label in SHARES.items()]
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles))


def describe(frame: pd.DataFrame) -> str:
    """Say each arm's mean shares in the last layer and the size of the distance."""
    rows = select.last_layer(frame).groupby("norm")[[*SHARES, "w2"]].mean()
    parts = []
    for name in style.arms(rows.index):
        shares = listed([f"{share(rows.loc[name, part])} {part}" for part in SHARES])
        parts.append(f"{style.arm(name).label}: {shares} of a distance of {measured(rows.loc[name, 'w2'])} sigma")
    return (
        f"What the shift of y over an epoch consists of in hidden layer {frame['layer'].max()}, mean over "
        f"{counted(frame['seed'].nunique(), 'seed')} at learning rate {setting(frame['lr'].iloc[0])}: "
        f"{'; '.join(parts)}."
    )


PLOT = Plot("The shift over an epoch, split into location, scale and shape", data, draw, describe)
