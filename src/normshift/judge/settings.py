"""The same claims in one setting at a time: at one learning rate alone, in a network of another depth.

This describes and never decides: a claim's estimand takes the rates together, and its network is the reference one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from normshift.judge.describe import described
from normshift.judge.evidence import Evidence
from normshift.judge.frames import Tables
from normshift.judge.judging import judged
from normshift.params import Claim, Rules

RATE, NETWORK = "learning rate", "network"
HOME = "core"  # the study that nearly every claim reads
TOLD = ("median", "low", "high", "seeds", "missing")


@dataclass(frozen=True)
class Setting:
    """A setting: what it sets, how it is called, and the tables of its cells."""

    kind: str
    name: str
    tables: Tables


def settings(tables: Tables) -> list[Setting]:
    """Return every learning rate of the reference network alone, and every other depth in its place."""
    same = {key: value for key, value in tables.reference.items() if key not in ("depth", "regime")}
    alike = tables.cells[(tables.cells[list(same)] == same).all(axis=1)]
    deep = alike["depth"] == tables.reference["depth"]
    rates = [
        Setting(RATE, f"{lr:g}", _of(tables, tables.cells["lr"] == lr)) for lr in sorted(alike.loc[deep, "lr"].unique())
    ]
    depths = [_as_reference(tables, int(depth)) for depth in sorted(alike.loc[~deep, "depth"].unique())]
    return (rates if len(rates) > 1 else []) + depths


def _as_reference(tables: Tables, depth: int) -> Setting:
    """Return the cells of another depth in the place of the reference network's: in study core, where claims look."""
    own = _of(tables, tables.cells["depth"] == depth)
    cells = own.cells.assign(study=HOME)
    name = f"{depth} hidden layer{'' if depth == 1 else 's'}"
    return Setting(NETWORK, name, replace(own, cells=cells, reference={**tables.reference, "depth": depth}))


def _of(tables: Tables, keep: Any) -> Tables:
    cells = tables.cells[keep]
    frames = {name: frame[frame["cell"].isin(cells["cell"])] for name, frame in tables.frames.items()}
    return replace(tables, cells=cells, frames=frames)


def entry(setting: Setting, claim: Claim, items: Sequence[Evidence], rules: Rules) -> dict[str, Any] | None:
    """Return each part that was measured in a setting: verdict and description; None where none was."""
    found, levels = judged(claim, items, rules), {}
    for item in items:
        if item.effects.notna().any():
            words = described(item.effects.to_numpy(), claim.parts[item.part].margin, rules)
            part = {"verdict": found.levels[item.level].parts[item.part].verdict}
            levels.setdefault(item.level, {})[item.part] = part | {key: getattr(words, key) for key in TOLD}
    return {"kind": setting.kind, "name": setting.name, "levels": levels} if levels else None
