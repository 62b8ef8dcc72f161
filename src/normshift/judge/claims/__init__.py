"""The claims: how each is read off the tables, by the name it is registered under in conf/claims.yaml."""

from collections.abc import Callable

from normshift.judge.claims import (
    c3,
    c4a,
    c4b,
    c5,
    c8,
    c9,
    c15,
    c17,
    c18,
    c19,
    c20,
    c21,
    c22,
    c24,
    c25,
    c26,
    c27,
    c28,
    c29,
)
from normshift.judge.evidence import Evidence
from normshift.judge.frames import Tables
from normshift.params import Rules

REGISTRY: dict[str, Callable[[Tables, Rules], list[Evidence]]] = {
    "C3": c3.effects,
    "C4a": c4a.effects,
    "C4b": c4b.effects,
    "C5": c5.effects,
    "C8": c8.effects,
    "C9": c9.effects,
    "C15": c15.effects,
    "C17": c17.effects,
    "C18": c18.effects,
    "C19": c19.effects,
    "C20": c20.effects,
    "C21": c21.effects,
    "C22": c22.effects,
    "C24": c24.effects,
    "C25": c25.effects,
    "C26": c26.effects,
    "C27": c27.effects,
    "C28": c28.effects,
    "C29": c29.effects,
}
