"""The claims: how each is read off the tables, by the name it is registered under in conf/claims.yaml."""

from collections.abc import Callable

from normshift.judge.claims import c3, c4a, c4b, c5, c8, c15, c17, c22, c26, c27
from normshift.judge.evidence import Evidence
from normshift.judge.frames import Tables
from normshift.params import Rules

REGISTRY: dict[str, Callable[[Tables, Rules], list[Evidence]]] = {
    "C3": c3.effects,
    "C4a": c4a.effects,
    "C4b": c4b.effects,
    "C5": c5.effects,
    "C8": c8.effects,
    "C15": c15.effects,
    "C17": c17.effects,
    "C22": c22.effects,
    "C26": c26.effects,
    "C27": c27.effects,
}
