"""Far starts: the loss through training where gamma or beta start far from one and zero."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import lines, logarithmic
from normshift.figures.numbers import counted, listed, measured, setting
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules

STARTS = {
    "batch": style.Arm("γ = 1, β = 0", "batch", "", "o"),
    "gamma0_01": style.Arm("γ = 0.1", "gamma", (1, 1), "v"),
    "gamma0_03": style.Arm("γ = 0.3", "gamma", (4, 1.5), "D"),
    "gamma0_3": style.Arm("γ = 3", "gamma", (6, 1, 1, 1), "^"),
    "beta0_minus_3": style.Arm("β = −3", "beta", (1, 1), "v"),
    "beta0_3": style.Arm("β = 3", "beta", (6, 1, 1, 1), "^"),
}
PARAMETERS = ("gamma", "beta")
ALSO = ("activation",)
NAMES = {"relu": "ReLU"}
JUDGED = "sigmoid"  # under ReLU a common scale of gamma and beta is gauge
COLUMNS = ["activation", "norm", "lr", "seed", "step", "loss"]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's loss on the training subset, by start and nonlinearity, clean data.

    At the highest learning rate at which anything started far off; where nothing did, at that figures compare arms at.
    """
    frame = select.main(select.judged(tables, "losses", ALSO))
    frame = frame[frame["norm"].isin(list(STARTS))]
    far = frame.loc[frame["norm"] != "batch", "lr"]
    frame = frame[frame["lr"] == (select.showcase(tables) if far.empty else far.max())]
    return select.rows(frame, COLUMNS, ["loss"], "no loss was observed from any start")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel per nonlinearity and parameter that starts far off, beside the usual start."""
    groups = _groups(frame)
    figure, axes = panels(len(groups), columns=3)
    for place, (activation, parameter) in zip(axes, groups, strict=True):
        names = [name for name in STARTS if name == "batch" or name.startswith(parameter)]
        rows = frame[(frame["activation"] == activation) & frame["norm"].isin(names)]
        lines(place, rows, "step", "loss", names, STARTS.__getitem__)
        beside = "" if activation == JUDGED else ", not judged"
        place.set(title=f"{parameter} far off, {NAMES.get(activation, activation)}{beside}", xlabel="updates made")
        place.set_ylabel("training loss, nats")
        logarithmic(place)
    legend(figure, [name for name in STARTS if (frame["norm"] == name).any()], STARTS.__getitem__, 2.75)
    return figure


def _groups(frame: pd.DataFrame) -> list[tuple[str, str]]:
    seen = frame.groupby("activation")["norm"].unique()
    groups = [
        (activation, parameter)
        for activation in sorted(seen.index, reverse=True)
        for parameter in PARAMETERS
        if any(name.startswith(parameter) for name in seen[activation])
    ]
    return groups or [(frame["activation"].iloc[0], PARAMETERS[0])]


def describe(frame: pd.DataFrame) -> str:
    """Say each start's median loss at first, after a tenth of the run and at its end."""
    parts, last = [], frame["step"].max()
    steps = sorted({0, frame.loc[frame["step"] <= last / 10, "step"].max(), last})
    medians = frame.groupby(["activation", "norm", "step"])["loss"].median()
    for activation in sorted(frame["activation"].unique(), reverse=True):
        for name in STARTS:
            told = [measured(medians.get((activation, name, step))) for step in steps]
            if (activation, name) in medians:
                parts.append(f"{STARTS[name].label}, {NAMES.get(activation, activation)}: {listed(told)}")
    return (
        "Loss on the training subset through training with batch norm whose gamma (γ) or beta (β) starts far from one "
        f"and zero, learning rate {setting(frame['lr'].iloc[0])}, clean data, medians over "
        f"{counted(frame['seed'].nunique(), 'seed')} at update {listed([f'{step:,}' for step in steps])}: "
        f"{'; '.join(parts)}."
    )


STUDIES, READS = ("init", "core"), ("cells", "outcomes", "losses")
PLOT = Plot("Learning from a far start", data, draw, describe, STUDIES, READS, ("mlp_sigmoid",))
