"""A claim setting by setting, and what it was trained on: from its record in the words of the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from normshift.figures.effects import name as part_name
from normshift.figures.numbers import bare, counted, listed, setting
from normshift.report.words import Look, look

DECIDED = ("Supported", "Contradicted", "No meaningful effect")
# How a factor is called where its values are listed.
FACTORS = {
    "depth": "hidden layers",
    "width": "units each",
    "activation": "nonlinearity",
    "optimizer": "optimiser",
    "schedule": "schedule",
    "order": "order",
    "regime": "data regime",
    "batch_size": "batch size",
    "lr": "learning rate",
    "steps": "steps",
}
RATE, NETWORK = "learning rate", "network"  # the kinds of setting
RANGES = ("lr", "steps")  # of which a claim's values are told, and not those that are missing
HANDFUL = 5


@dataclass(frozen=True)
class Cell:
    """A part in one setting: its effect, its verdict, and whether that differs from the claim's own for this part."""

    effect: str
    verdict: str
    look: Look
    otherwise: bool


@dataclass(frozen=True)
class Row:
    """A setting and its parts; None where one was not measured in it."""

    name: str
    cells: list[Cell | None]


@dataclass(frozen=True)
class Apart:
    """A claim setting by setting: the parts and a row for every setting."""

    parts: list[str]
    rows: list[Row]


def apart(record: Mapping[str, Any]) -> Apart | None:
    """Return the table of a claim's settings; None where there are none to tell apart."""
    if not record["settings"]:
        return None
    parts = [(level, part) for level, found in record["levels"].items() for part in found["parts"]]
    parts = [place for place in parts if any(_at(entry, place) for entry in record["settings"])]
    rows = [Row(title(entry), [_cell(record, entry, place) for place in parts]) for entry in record["settings"]]
    return Apart([part_name(*place) for place in parts], rows)


def title(entry: Mapping[str, Any]) -> str:
    """Return how a setting is called: learning rate 0.1, 10 hidden layers."""
    return f"{entry['kind']} {entry['name']}" if entry["kind"] == RATE else entry["name"]


def _at(entry: Mapping[str, Any], place: tuple[str, str]) -> Mapping[str, Any] | None:
    return entry["levels"].get(place[0], {}).get(place[1])


def _cell(record: Mapping[str, Any], entry: Mapping[str, Any], place: tuple[str, str]) -> Cell | None:
    found, own = _at(entry, place), record["levels"][place[0]]["parts"][place[1]]
    if found is None:
        return None
    differs = _differs(found["verdict"], own["verdict"])
    return Cell(bare(found["median"], own["unit"]), found["verdict"], look(found["verdict"]), differs)


def _differs(one: str, other: str) -> bool:
    return one in DECIDED and other in DECIDED and one != other


def otherwise(record: Mapping[str, Any], kind: str) -> dict[str, list[str]]:
    """Return by setting of a kind the parts that are decided there, and otherwise than in the claim itself."""
    found: dict[str, list[str]] = {}
    for place, name, there, here in _verdicts(record, kind):
        if _differs(there, here):
            found.setdefault(place, []).append(name)
    return found


def decided(record: Mapping[str, Any], kind: str) -> list[str]:
    """Return the settings of a kind in which a part is decided that the claim itself decides too."""
    told = [place for place, _, there, here in _verdicts(record, kind) if {there, here} <= set(DECIDED)]
    return list(dict.fromkeys(told))


def _verdicts(record: Mapping[str, Any], kind: str) -> list[tuple[str, str, str, str]]:
    """Return of every part in every setting of a kind: setting, part, its verdict there, and in the claim itself."""
    return [
        (title(entry), part_name(level, part), one["verdict"], record["levels"][level]["parts"][part]["verdict"])
        for entry in record["settings"]
        if entry["kind"] == kind
        for level, parts in entry["levels"].items()
        for part, one in parts.items()
    ]


def trained(basis: Mapping[str, Any]) -> list[str]:
    """Return what a claim's cells were, a factor at a time; nothing where it rests on no cell."""
    if not basis["cells"]:
        return []
    own = basis["factors"]
    return [counted(basis["cells"], "network")] + [f"{words} {_values(own[key])}" for key, words in FACTORS.items()]


def untrained(basis: Mapping[str, Any], run: Mapping[str, list[Any]]) -> list[str]:
    """Return what other cells of this run were and the claim's were not, a factor at a time."""
    rest = {
        key: [value for value in run[key] if value not in basis["factors"][key]] for key in FACTORS if key not in RANGES
    }
    return [f"{FACTORS[key]} {_values(values)}" for key, values in rest.items() if values] if basis["cells"] else []


def _values(values: list[Any]) -> str:
    """Return a factor's values in words: 1, 3 and 10; more than a handful of numbers as 0.01 to 30."""
    if isinstance(values[0], str):
        return listed(values)
    texts = [f"{value:,}" if isinstance(value, int) else setting(value) for value in values]
    return listed(texts) if len(texts) <= HANDFUL else f"{texts[0]} to {texts[-1]}"
