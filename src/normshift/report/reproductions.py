"""Published figures run again, as the page tells them: what was run, which lines pass, what was measured."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from normshift.figures import REGISTRY
from normshift.figures.numbers import counted, measured, setting
from normshift.figures.plot import Plot
from normshift.params import Rules
from normshift.report.evidence import Shown, shown
from normshift.report.words import VERDICTS, Look
from normshift.results import Line, Result

PASSES: dict[bool, tuple[str, Look]] = {
    True: ("Pass", VERDICTS["Supported"]),
    False: ("Fail", VERDICTS["Contradicted"]),
}
FIGURES: Mapping[str, str] = {"ioffe_figure_1": "published"}  # reproduction -> figure


@dataclass(frozen=True)
class Row:
    """A line in words: what it is, what is published and accepted, what was measured, in how many seeds it holds."""

    target: str
    says: str
    published: str
    accepted: str
    found: str
    seeds: str
    outcome: tuple[str, Look] | None


@dataclass(frozen=True)
class Told:
    """A reproduction in words; ``reported`` are the lines without limits."""

    result: Result
    command: str
    cost: str
    tally: str
    judged: list[Row]
    reported: list[Row]
    figure: Shown | None


def told(results: Iterable[Result], rules: Rules) -> list[Told]:
    """Return the reproductions in the order of their targets: T2 before T10."""
    return [_told(result, rules) for result in sorted(results, key=_place)]


def _place(result: Result) -> tuple[int, str]:
    return min(int(line.target[1:]) for line in result.lines), result.name


def _told(result: Result, rules: Rules) -> Told:
    judged = [line for line in result.lines if line.passed is not None]
    command = f"python -m normshift.reproductions {result.name}"
    figure = FIGURES.get(result.name)
    return Told(
        result=result,
        command=command,
        cost=_cost(result),
        tally=_tally(judged),
        judged=[_row(line) for line in judged],
        reported=[_row(line) for line in result.lines if line.passed is None],
        figure=_drawn(REGISTRY[figure], figure, result, rules, command) if figure else None,
    )


def _drawn(plot: Plot, name: str, result: Result, rules: Rules, command: str) -> Shown:
    tables = {key: pd.DataFrame(columns) for key, columns in result.tables.items()}
    return shown(name, plot, tables, rules, command)


def _cost(result: Result) -> str:
    networks = counted(result.networks, "network")
    there = result.networks - result.trained
    fresh = f" ({there:,} of them were there already)" if there > 0 else ""
    time = f"{measured(result.seconds, 2)} s" if result.seconds < 100 else f"{measured(result.seconds / 60, 2)} min"
    where = f"on {counted(result.cores, 'core')} ({result.processor})"
    return f"{result.data}, {networks}{fresh}, {counted(result.seeds, 'seed')}, {time} {where}"


def _tally(judged: list[Line]) -> str:
    if not judged:
        return "reported, nothing to pass"
    return f"{sum(line.passed is True for line in judged)} of {len(judged)} passed"


def _row(line: Line) -> Row:
    return Row(
        target=line.target,
        says=line.says,
        published=line.published,
        accepted=_limits(line),
        found=_found(line),
        seeds="" if line.passed is None else f"{line.met} of {len(line.found)}",
        outcome=None if line.passed is None else PASSES[line.passed],
    )


def _limits(line: Line) -> str:
    if line.low is not None and line.high is not None:
        return f"{setting(line.low)} to {setting(line.high)}"
    if line.low is None and line.high is None:
        return ""
    return f"at least {setting(line.low)}" if line.low is not None else f"at most {setting(line.high)}"


def _found(line: Line) -> str:
    if not line.present:
        return measured(None)
    ends = f"{measured(min(line.present))} to {measured(max(line.present))}"
    missing = len(line.found) - len(line.present)
    lost = f"; missing in {counted(missing, 'seed')}" if missing else ""
    return measured(line.middle) if len(line.found) == 1 else f"{measured(line.middle)} ({ends}{lost})"
