"""From a claim's evidence to its verdict: the rule at every level and part, and at half and twice the margins."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from normshift.judge.evidence import EVERY, Evidence
from normshift.judge.rule import UNDECIDED, Verdict, common, decided, identity, moderated
from normshift.params import Claim, Rules


@dataclass(frozen=True)
class Level:
    """The verdict at one level of the moderator; a memorised one does not count."""

    verdict: Verdict
    memorised: bool
    parts: dict[str, Verdict]


@dataclass(frozen=True)
class Judged:
    """A claim's verdict, those of its levels, and notes on what was left out."""

    verdict: Verdict
    levels: dict[str, Level]
    notes: tuple[str, ...] = ()


def lacking(claim: Claim, arms: Mapping[str, set[str]], left_out: Mapping[str, str]) -> str | None:
    """Return which of the claim's minimum studies and arms are not in the run, why if they were left out, or None."""
    absent = [study for study in claim.needs if study not in arms]
    missing = [f"study {study}{f', left out: {left_out[study]}' if study in left_out else ''}" for study in absent]
    for study in claim.needs:
        if study in arms and (absent := [arm for arm in claim.needs[study] if arm not in arms[study]]):
            missing.append(f"{'arm' if len(absent) == 1 else 'arms'} {', '.join(absent)} in study {study}")
    return f"needs {'; '.join(missing)}" if missing else None


def undecided(reason: str) -> Judged:
    """Return the verdict on a claim that cannot be read off the run at all."""
    return Judged(Verdict(UNDECIDED, reason), {})


def judged(claim: Claim, items: Sequence[Evidence], rules: Rules, scale: float = 1.0) -> Judged:
    """Return the verdict on a claim, its margins multiplied by ``scale``."""
    parts = {
        (item.level, item.part): _part(claim, item, claim.parts[item.part].margin * scale, rules) for item in items
    }
    return combined(claim, parts, {item.level for item in items if item.memorised})


def combined(claim: Claim, parts: Mapping[tuple[str, str], Verdict], memorised: Set[str]) -> Judged:
    """Return a claim's verdict from those of its parts by (level, part); memorised levels do not count."""
    levels = {name: _level(claim, name, parts, name in memorised) for name in claim.levels or [EVERY]}
    counted = {name: level.verdict for name, level in levels.items() if not level.memorised}
    left_out = [name for name, level in levels.items() if level.memorised]
    notes = tuple(f"{name}: memorised, left out" for name in left_out)
    return Judged(moderated(counted), levels, notes)


def _level(claim: Claim, level: str, parts: Mapping[tuple[str, str], Verdict], memorised: bool) -> Level:
    mine = {part: verdict for (own, part), verdict in parts.items() if own == level}
    assert set(mine) == set(claim.parts), f"{level}: evidence of {set(mine)}, registered are {set(claim.parts)}"
    return Level(Verdict(UNDECIDED, "memorised") if memorised else common(mine), memorised, mine)


def _part(claim: Claim, item: Evidence, margin: float, rules: Rules) -> Verdict:
    effects = item.effects.to_numpy()
    found = identity(effects, margin) if claim.by_definition else decided(effects, margin, rules)
    if found.verdict != UNDECIDED or item.reason is None or len(effects) < rules.seeds:
        return found
    reason = item.reason if item.effects.isna().all() else f"{found.reason}; {item.reason}"
    return Verdict(UNDECIDED, reason, item.reason)
