"""Results as JSON, and the same as tables in Markdown."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import load, now


def written(
    folder: Path, name: str, results: Mapping[str, Any], facts: Mapping[str, Any], page: Callable[[Mapping], str]
) -> None:
    """Write results with the facts of the machine to ``name``.json and, as a page, to ``name``.md."""
    whole = {**results, "machine": {**facts, "ended": now(), "load_at_end": load()}}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(page(whole), encoding="utf-8")
    print(folder / f"{name}.md")


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """Return rows as a table; ``columns`` gives headings by key, and what a row has not got stays empty."""
    lines = ["| " + " | ".join(columns.values()) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(_shown(row.get(key)) for key in columns) + " |" for row in rows]
    return "\n".join(lines)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if isinstance(value, float) and abs(value) >= 10 else str(value)


def measured_on(facts: Mapping[str, Any], used: str = "one is used", own: str = "1 of it") -> str:
    """Return the paragraph that says what was measured on, how many cores it uses, and what load it makes itself."""
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    caches = ", ".join(f"{level} {size}" for level, size in facts["caches"].items())
    return (
        f"{facts['processor']} ({caches}), {facts['cores']} cores of which {used}, {facts['memory_gib']} GiB; "
        f"{facts['system']}, Python {facts['python']}, {versions}; {facts['began']} to {facts['ended']}, "
        f"load {facts['load_at_begin']} before, {facts['load_at_end']} after (this benchmark makes {own})."
    )
