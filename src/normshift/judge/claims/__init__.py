"""The claims: how each is read off the tables, by the name it is registered under in conf/claims.yaml."""

from collections.abc import Callable

from normshift.judge.claims import (
    c1,
    c2,
    c3,
    c4a,
    c4b,
    c5,
    c6,
    c7,
    c8,
    c10,
    c11,
    c12,
    c13,
    c14,
    c15,
    c16,
    c17,
    c22,
    c23,
    c26,
    c27,
)
from normshift.judge.evidence import Evidence
from normshift.judge.frames import Tables
from normshift.params import Rules

REGISTRY: dict[str, Callable[[Tables, Rules], list[Evidence]]] = {
    "C1": c1.effects,
    "C2": c2.effects,
    "C3": c3.effects,
    "C4a": c4a.effects,
    "C4b": c4b.effects,
    "C5": c5.effects,
    "C6": c6.effects,
    "C7": c7.effects,
    "C8": c8.effects,
    "C10": c10.effects,
    "C11": c11.effects,
    "C12": c12.effects,
    "C13": c13.effects,
    "C14": c14.effects,
    "C15": c15.effects,
    "C16": c16.effects,
    "C17": c17.effects,
    "C22": c22.effects,
    "C23": c23.effects,
    "C26": c26.effects,
    "C27": c27.effects,
}
