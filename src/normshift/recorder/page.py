"""A page about one recording or two: a single file with all figures, which needs no network."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from normshift.figures import style
from normshift.figures.numbers import counted, listed, measured
from normshift.figures.plot import NotMeasured, Plot, Tables
from normshift.figures.recorded import REGISTRY
from normshift.figures.svg import crops, svg
from normshift.recorder.comparing import Comparison
from normshift.recorder.recording import Recording

PHONE = 5.2  # inches that a phone still shows legibly: of a wider figure the panels stand below one another
MOST = 40  # differences that are listed


@dataclass(frozen=True)
class Drawn:
    """A figure of the page, or the reason why there is none."""

    name: str
    title: str
    words: str = ""
    drawing: Markup | None = None
    panels: tuple[tuple[float, ...], ...] = ()
    reason: str = ""


def report(recordings: Sequence[Recording], path: Path, comparison: Comparison | None = None) -> Path:
    """Write the page; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(recordings, comparison), encoding="utf-8")
    return path


def page(recordings: Sequence[Recording], comparison: Comparison | None = None) -> str:
    """Return the page: the same recordings give the same bytes; everything that people named is escaped."""
    told = named_apart(recordings)
    tables = together(told)
    environment = Environment(
        loader=PackageLoader("normshift.recorder"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("drift.html").render(
        palette=style.css(),
        names=[one.name for one in told],
        lines=[line(one) for one in told],
        figures=[drawn(name, plot, tables) for name, plot in REGISTRY.items()],
        layers=tables["layers"].to_dict("records"),
        missing=[(one.name, sorted(one.about["missing"].items())) for one in told],
        differences=None if comparison is None else differences(comparison),
        versions=[(one.name, sorted(one.about["versions"].items())) for one in told],
    )


def named_apart(recordings: Sequence[Recording]) -> list[Recording]:
    """Return the recordings, numbered where two have the same name."""
    names = [one.name for one in recordings]
    if len(set(names)) == len(names):
        return list(recordings)
    return [
        replace(one, about={**one.about, "name": f"{one.name} {number}"}) for number, one in enumerate(recordings, 1)
    ]


def together(recordings: Sequence[Recording]) -> dict[str, pd.DataFrame]:
    """Return the tables of all recordings, each with a column `run`."""
    each = [{name: table.assign(run=one.name) for name, table in one.tables().items()} for one in recordings]
    return {name: pd.concat([tables[name] for tables in each], ignore_index=True) for name in each[0]}


def drawn(name: str, plot: Plot, tables: Tables) -> Drawn:
    """Return a figure, or the reason why there is nothing to draw."""
    try:
        frame = plot.data(tables, None)
    except NotMeasured as reason:
        return Drawn(name, plot.title, reason=str(reason))
    words, figure = plot.describe(frame), plot.figure(frame)
    drawing = Markup(svg(figure, name, plot.title, words))
    panels = tuple(crops(figure)) if len(figure.axes) > 1 and figure.get_figwidth() > PHONE else ()
    return Drawn(name, plot.title, words, drawing, panels)


def line(recording: Recording) -> str:
    """Return in a line what was recorded."""
    about, steps = recording.about, recording.steps
    batches = f", {about['batches']} batches of {about['batch_size']}" if about["batches"] else ""
    kinds = listed(sorted({one.kind for one in recording.layers}))
    return (
        f"{recording.name}: {counted(len(recording.layers), 'layer')} ({kinds}), {counted(steps[-1], 'update')}, "
        f"{counted(len(steps), 'look')} at a probe of {counted(about['probe'], 'sample')}{batches}"
    )


def differences(comparison: Comparison) -> dict[str, Any]:
    """Return the differences that exceed the noise floor, as the page lists them, and how many there are."""
    found = comparison.differences
    shown = found.head(MOST)
    numbers = {column: shown[column].map(measured) for column in ("one", "other", "difference", "floor")}
    rows = shown.assign(**numbers).to_dict("records")
    return {"rows": rows, "count": len(found), "all": len(comparison.table)}
