"""What gamma and beta are worth: final loss and accuracy with both, either or neither learnt, by nonlinearity."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import beside, logarithmic, rates
from normshift.figures.numbers import counted, listed, measured, setting
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules

ARMS = ("batch", "gamma", "beta", "frozen")
QUANTITIES = {"final_loss": "final loss, nats", "accuracy": "test accuracy, %"}
ALSO = ("activation",)
NAMES = {"relu": "ReLU"}
COLUMNS = ["activation", "norm", "lr", "seed", *QUANTITIES]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's final training loss and test accuracy (%), clean data, at rates at which every seed learns."""
    frame = select.main(select.judged(tables, "outcomes", ALSO))
    frame = select.learning(tables, frame[frame["norm"].isin(ARMS)], ALSO)
    frame = frame.assign(accuracy=100 * frame["test_accuracy_batch"])
    return select.rows(frame, COLUMNS, list(QUANTITIES), "no arm learns at any learning rate in every seed")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel per nonlinearity and quantity: every seed a dot, the median a line, by learning rate."""
    names, activations = style.arms(frame["norm"]), sorted(frame["activation"].unique())
    groups = [(activation, quantity) for activation in activations for quantity in QUANTITIES]
    figure, axes = panels(len(groups), columns=2)
    for place, (activation, quantity) in zip(axes, groups, strict=True):
        rows = frame[frame["activation"] == activation]
        beside(place, rows, "lr", quantity, names)
        place.set(title=NAMES.get(activation, activation), ylabel=QUANTITIES[quantity])
        rates(place, rows["lr"])
        if quantity == "final_loss":
            logarithmic(place)
    legend(figure, names, room=2.3)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say each arm's lowest median loss and highest median accuracy, and at which rates."""
    parts = []
    for activation in sorted(frame["activation"].unique()):
        for name in style.arms(frame.loc[frame["activation"] == activation, "norm"]):
            rows = frame[(frame["activation"] == activation) & (frame["norm"] == name)]
            medians = rows.groupby("lr")[list(QUANTITIES)].median()
            loss, best = medians["final_loss"].idxmin(), medians["accuracy"].idxmax()
            parts.append(
                f"{style.arm(name).label}, {NAMES.get(activation, activation)}: loss "
                f"{measured(medians.loc[loss, 'final_loss'])} at {setting(loss)}, accuracy "
                f"{measured(medians.loc[best, 'accuracy'])} % at {setting(best)}, of "
                f"{listed([setting(lr) for lr in medians.index])}"
            )
    return (
        "Final training loss and test accuracy (normalised by the test set's own statistics) with gamma and beta "
        f"learnt, one of them or neither, clean data, {counted(frame['seed'].nunique(), 'seed')}: lowest median loss "
        f"and highest median accuracy over the learning rates at which every seed learns: {'; '.join(parts)}."
    )


READS = ("cells", "outcomes")
PLOT = Plot("What gamma and beta are worth", data, draw, describe, ("affine", "core"), READS, ("mlp_sigmoid",))
