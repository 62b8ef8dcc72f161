"""The main curves as small tables, for DVC's plots: what figures show, median over the seeds and their range."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from normshift.figures import REGISTRY, drift, select, style
from normshift.figures.numbers import setting
from normshift.figures.plot import NotMeasured, Tables
from normshift.params import Config, Rules
from normshift.report.evidence import of_models
from normshift.report.material import Material


@dataclass(frozen=True)
class Curves:
    """Curves of one quantity ``y`` over ``x``, of the rows of a figure; ``rows`` names panel and curve of each."""

    figure: str
    rows: Callable[[pd.DataFrame], pd.DataFrame]
    x: str
    y: str


def curves(config: Config, material: Material) -> dict[str, str]:
    """Return each of `CURVES` as CSV by path, of the reference network; where there is nothing to show, its heading."""
    model = next(iter(config.studies.values())).cell.model.name
    return {
        f"curves/{name}.csv": _table(one, material.studies, config.claims.rules, model) for name, one in CURVES.items()
    }


def _table(one: Curves, studies: Mapping[str, Tables], rules: Rules, model: str) -> str:
    try:
        frame = medians(one.rows(_data(one.figure, studies, rules, model)), one.x, one.y)
    except NotMeasured:
        frame = pd.DataFrame(columns=["panel", "curve", one.x, one.y, "lowest", "highest", "seeds"])
    return frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def _data(figure: str, studies: Mapping[str, Tables], rules: Rules, model: str) -> pd.DataFrame:
    plot = REGISTRY[figure]
    if plot.studies[0] not in studies:
        raise NotMeasured(f"study {plot.studies[0]} is not in this run")
    return plot.data(of_models(studies[plot.studies[0]], (model,)), rules)


def medians(rows: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """Return for each panel, curve and x the median of y over the seeds that have one, their range and number."""
    groups = rows.dropna(subset=[y]).groupby(["panel", "curve", x])[y]
    return (
        groups.agg([("median", "median"), ("lowest", "min"), ("highest", "max"), ("seeds", "count")])
        .rename(columns={"median": y})
        .reset_index()
    )


def _named(frame: pd.DataFrame, panel: pd.Series) -> pd.DataFrame:
    return frame.assign(panel=panel, curve=frame["norm"].map(lambda name: style.arm(name).label))


def _regimes(frame: pd.DataFrame) -> pd.Series:
    return frame["regime"] + " data"


def _training(frame: pd.DataFrame, quantity: str, name: str) -> pd.DataFrame:
    """Return what is seen before an update under its number: the first is 1, as a logarithmic axis has no nought."""
    frame = select.resolved(frame[frame["quantity"] == quantity], "value").rename(columns={"value": name})
    return _named(frame, _regimes(frame)).assign(update=frame["step"] + 1)


def _final(frame: pd.DataFrame) -> pd.DataFrame:
    return _named(frame, _regimes(frame))[~frame["diverged"].astype(bool)]


def _speed(frame: pd.DataFrame) -> pd.DataFrame:
    return _named(frame, frame["level"].map(lambda level: f"to a training loss of {setting(level)} nats, clean data"))


def _fluctuation(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["fluctuation"] > 0].assign(panel=_regimes(frame), curve=frame["parameter"])


CURVES: dict[str, Curves] = {
    "drift": Curves("drift", lambda frame: _training(frame, drift.DRIFT, "drift"), "update", "drift"),
    "loss": Curves("drift", lambda frame: _training(frame, drift.LOSS, "loss"), "update", "loss"),
    "ladder": Curves("ladder", _final, "lr", "final_loss"),
    "speed": Curves("bounce", _speed, "lr", "updates"),
    "fluctuation": Curves("fluctuation", _fluctuation, "lr", "fluctuation"),
}
