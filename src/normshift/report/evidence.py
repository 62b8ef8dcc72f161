"""Which figures stand beside a claim, drawn, with their table and words, or the reason why there is none."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from normshift.figures import REGISTRY
from normshift.figures.plot import NotMeasured, Plot, Tables
from normshift.figures.svg import crops, svg
from normshift.params import Claim, Rules

FOUNDING = "bands"
STRIP = "strip"  # what stands for the explorer on paper and without scripts
CONTROLS = ("heterogeneity",)
APART = ("composition", "mechanism", "replayed")  # of no claim: batch norm taken apart
EVIDENCE: dict[str, tuple[str, ...]] = {
    "C1": (),
    "C2": ("drift", FOUNDING),
    "C3": ("identity",),
    "C4a": ("noise",),
    "C4b": ("drift", FOUNDING),
    "C5": ("split", "drift", FOUNDING),
    "C6": ("affine",),
    "C7": ("drift", "march", "diffusion"),
    "C8": ("steps", "march"),
    "C9": ("steps",),
    "C10": ("march", "settling"),
    "C11": ("settling", "freeze"),
    "C12": ("freeze",),
    "C13": ("starts",),
    "C14": ("settling", "march"),
    "C15": ("ratio", "ladder", "landscape"),
    "C16": (),
    "C17": ("fluctuation", "march"),
    "C18": ("orders", "fluctuation"),
    "C19": ("batches",),
    "C20": (),
    "C21": ("regression",),
    "C22": ("pace",),
    "C23": ("pace", "landscape"),
    "C24": ("drift", "pace"),
    "C25": ("bounce",),
    "C26": ("bounce",),
    "C27": ("ladder",),
    "C28": ("drift",),
    "C29": ("gap", "identity"),
}
PHONE = 5.2  # inches that a phone still shows legibly: the panels of a wider figure stand below one another there
HALF = 6.0  # inches that fit in half a page: a wider figure takes it all


@dataclass(frozen=True)
class Shown:
    """A figure as it stands in the page; ``panels`` are its parts for a phone, ``reason`` says why there is none."""

    name: str
    title: str
    words: str = ""
    drawing: Markup | None = None
    panels: tuple[tuple[float, float, float, float], ...] = ()
    broad: bool = False
    table: str = ""
    reason: str = ""
    command: str = ""


def command(studies: Iterable[str]) -> str:
    """Return what trains, measures and judges some studies alone, and draws their figures."""
    return f"normshift 'studies=[{','.join(studies)}]'"


def shown(name: str, plot: Plot, tables: Tables, rules: Rules, again: str) -> Shown:
    """Return a figure drawn under ``name`` and how to draw it ``again``, or the reason why there is nothing to draw."""
    try:
        frame = plot.data(tables, rules)
    except NotMeasured as reason:
        return Shown(name, plot.title, reason=str(reason))
    words = plot.describe(frame)
    figure = plot.figure(frame)
    drawing = Markup(svg(figure, name, plot.title, words))
    panels = tuple(crops(figure)) if len(figure.axes) > 1 and figure.get_figwidth() > PHONE else ()
    table = frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    broad = figure.get_figwidth() > HALF
    return Shown(name, plot.title, words, drawing, panels, broad, table, command=again)


def gallery(names: list[str], studies: Mapping[str, Tables], rules: Rules, model: str) -> dict[str, Shown]:
    """Return the figures that the claims ``names`` refer to, the founding one, `APART` and the controls, each once.

    They show the cells of the reference network, ``model``, and of those they name.
    """
    wanted = [FOUNDING, STRIP, *(figure for name in names for figure in EVIDENCE.get(name, ())), *APART, *CONTROLS]
    return {name: _drawn(name, REGISTRY[name], studies, rules, model) for name in dict.fromkeys(wanted)}


def of_models(tables: Tables, models: Sequence[str]) -> Tables:
    """Return the rows of the cells of some networks, and tables that are not about cells as they are."""
    cells = tables["cells"][tables["cells"]["model"].isin(models)]
    if len(cells) == len(tables["cells"]):
        return tables
    return {name: rows[rows["cell"].isin(cells["cell"])] if "cell" in rows else rows for name, rows in tables.items()}


def _drawn(name: str, plot: Plot, studies: Mapping[str, Tables], rules: Rules, model: str) -> Shown:
    if (first := plot.studies[0]) not in studies:
        return Shown(name, plot.title, reason=f"study {first} is not in this run")
    present = [study for study in plot.studies if study in studies]
    own = [of_models(studies[study], (model, *plot.models)) for study in present]
    return shown(name, plot, united(own, plot.reads), rules, command(present))


def united(studies: Sequence[Tables], reads: Sequence[str]) -> Tables:
    """Return the only study's tables, or those named of several as those of one, cells numbered anew.

    What is not about cells all studies share.
    """
    if len(studies) == 1:
        return studies[0]
    firsts = itertools.accumulate((int(tables["cells"]["cell"].max()) + 1 for tables in studies), initial=0)
    numbered = list(zip(studies, firsts, strict=False))
    return {
        name: pd.concat([tables[name].assign(cell=tables[name]["cell"] + first) for tables, first in numbered])
        if "cell" in studies[0][name]
        else studies[0][name]
        for name in reads
    }


def effects(name: str, claim: Claim, record: Mapping[str, Any], table: pd.DataFrame, rules: Rules) -> Shown:
    """Return a claim's own figure: every seed's effect at every level and part."""
    tables = {"effects": table[table["claim"] == name], "parts": parts(name, claim, record)}
    drawn = shown(f"effects-{name}", REGISTRY["effects"], tables, rules, command(claim.needs))
    return Shown(drawn.name, drawn.title, reason=record["reason"]) if drawn.reason else drawn


def parts(name: str, claim: Claim, record: Mapping[str, Any]) -> pd.DataFrame:
    """Return a claim's levels and parts with unit, margin, estimate and interval, one row each."""
    rows = [
        {
            "claim": name,
            "level": level,
            "part": part,
            "unit": entry["unit"],
            "margin": entry["margin"],
            "definition": claim.by_definition,
            "estimate": entry["median"],
            "lower": entry["low"],
            "upper": entry["high"],
        }
        for level, found in record["levels"].items()
        for part, entry in found["parts"].items()
    ]
    columns = ["claim", "level", "part", "unit", "margin", "definition", "estimate", "lower", "upper"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"margin": float, "estimate": float, "lower": float, "upper": float})
