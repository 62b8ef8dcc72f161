"""Overrides in Hydra's grammar: written from params.yaml, parsed from the command line."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override as Parsed
from hydra.errors import HydraException

from normshift.params import Refused

WHERE = ("data.mirror", "data.root", "engine.store")


@dataclass(frozen=True, eq=False)
class Override:
    """``key=value`` as it was given, and its parts."""

    text: str
    key: str
    value: Any


def flattened(params: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield nested choices as overrides: ``{seeds: {root: 0}}`` becomes ``seeds.root=0``."""
    for key, value in params.items():
        if isinstance(value, Mapping) and value:
            yield from flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}={grammar(value)}"


def kept(params: Mapping[str, Any], anew: Iterable[str]) -> dict[str, Any]:
    """Return choices without the options of a group, ``data.inputs`` and the like, that is chosen anew.

    They were meant for the other one; where files are found and kept stays as it was.
    """
    groups = set(anew)
    return {key: value for key, value in params.items() if key in WHERE or not _option_of(key, groups)}


def _option_of(key: str, groups: set[str]) -> bool:
    group, _, option = key.partition(".")
    return bool(option) and group in groups


def apart(override: Override) -> list[str]:
    """Return the override of a mapping as overrides of its keys: ``seeds={judged: 24}`` becomes ``seeds.judged=24``."""
    if isinstance(override.value, Mapping):
        return list(flattened({override.key: override.value}))
    return [override.text]


def grammar(value: Any) -> str:
    """Return a value as Hydra's grammar spells it; text is quoted, so that nothing in it is special."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{','.join(map(grammar, value))}]"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{grammar(item)}" for key, item in value.items()) + "}"
    if isinstance(value, int | float):
        return repr(value)
    return '"' + re.sub(r'(\\*)("|\Z)', _escaped, str(value)) + '"'


def _escaped(before_quote: re.Match[str]) -> str:
    """A backslash is special only before a quote, the closing one included."""
    backslashes, quote = before_quote.groups()
    return backslashes * 2 + (r"\"" if quote else "")


def parsed(texts: Iterable[str], known: Iterable[str]) -> tuple[list[Override], list[str]]:
    """Return the overrides that are well formed and name a known key, and a line for each of the others."""
    known = list(known)
    good, faults = [], []
    for text in texts:
        try:
            good.append(_parsed(text, known))
        except Refused as refused:
            faults += refused.lines
    return good, faults


def _parsed(text: str, known: list[str]) -> Override:
    try:
        override: Parsed = OverridesParser.create().parse_override(text)
    except HydraException as error:
        raise Refused([f"{text}: must be KEY=VALUE ({str(error).splitlines()[0]})"]) from None
    key = override.key_or_group
    if not text.startswith(key + "=") or override.is_sweep_override():
        raise Refused([f"{text}: must be KEY=VALUE with one value: nothing is added (+), deleted (~) or swept (a,b)"])
    if key not in known:
        raise Refused([f"{text}: unknown key; {_allowed(key, known)}"])
    return Override(text, key, override.value())


def _allowed(key: str, known: list[str]) -> str:
    path = key.rpartition(".")[0]
    level = path + "." if path in known else ""
    names = _directly_below(level, known)
    if not names:
        return f"{path} takes one value, no keys; allowed: {', '.join(_directly_below('', known))}"
    near = difflib.get_close_matches(key, known, 1)
    return (f"did you mean {near[0]}? " if near else "") + f"allowed: {', '.join(names)}"


def _directly_below(level: str, known: list[str]) -> list[str]:
    return [name for name in known if name.startswith(level) and "." not in name[len(level) :]]
