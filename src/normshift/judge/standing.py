"""How the parts of a claim that is undecided came out, in words."""

from collections.abc import Mapping, Sequence

from normshift.judge.evidence import EVERY
from normshift.judge.judging import Judged, Level
from normshift.judge.rule import CONTRADICTED, NOTHING, SUPPORTED, UNDECIDED

SAID = {
    SUPPORTED: "as said for",
    CONTRADICTED: "the reverse for",
    NOTHING: "no meaningful effect for",
    UNDECIDED: "not decided for",
}


def standing(found: Judged, reasons: bool = True) -> str:
    """Return which parts at which levels stand how, and of each level why effects are missing, where any are.

    Memorised levels do not count. Where no part is decided there is only that reason, or that of the verdict. Without
    ``reasons`` it says only how the parts stand, where any is decided.
    """
    levels = {name: level for name, level in found.levels.items() if not level.memorised}
    missing = _missing(levels)
    if all(part.verdict == UNDECIDED for level in levels.values() for part in level.parts.values()):
        return "; ".join(missing) or found.verdict.reason
    named = {verdict: _named(levels, verdict) for verdict in SAID}
    told = [f"{words} {_listed(named[verdict])}" for verdict, words in SAID.items() if named[verdict]]
    return "; ".join([*told, *(missing if reasons else [])])


def _missing(levels: Mapping[str, Level]) -> list[str]:
    """Return why effects are missing, by level where there are several that count and not all say the same."""
    reasons = {name: why for name, level in levels.items() if (why := _why(level))}
    if len(levels) == 1 or (len(reasons) == len(levels) and len(set(reasons.values())) == 1):
        return list(dict.fromkeys(reasons.values()))
    return [f"{name}: {why}" for name, why in reasons.items()]


def _why(level: Level) -> str | None:
    return next((part.why for part in level.parts.values() if part.verdict == UNDECIDED and part.why), None)


def _named(levels: Mapping[str, Level], verdict: str) -> list[str]:
    """Return the parts with a verdict, by level; by themselves where all levels have the same ones, and others too."""
    own = {
        name: [_quoted(part) for part, one in level.parts.items() if one.verdict == verdict]
        for name, level in levels.items()
    }
    first = next(iter(own.values()))
    whole = {name for name, level in levels.items() if len(own[name]) == len(level.parts)}
    if list(own) == [EVERY] or (not whole and all(parts == first for parts in own.values())):
        return first
    return [name if name in whole else f"{name} ({_listed(parts)})" for name, parts in own.items() if parts]


def _quoted(part: str) -> str:
    return f"\u2018{part}\u2019" if "," in part else part


def _listed(names: Sequence[str]) -> str:
    return " and ".join([part for part in (", ".join(names[:-1]), names[-1]) if part])
