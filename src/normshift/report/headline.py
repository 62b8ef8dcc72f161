"""The answer in a sentence, chosen by the verdicts."""

from collections.abc import Mapping
from typing import Any

from normshift.report.words import VERDICTS

ASKED = ("C4b", "C4a", "C15", "C5")  # the claims that answer the thread's question, the closest first


def answer(records: Mapping[str, Mapping[str, Any]]) -> tuple[str | None, str]:
    """Return the decided claim closest to the question and its answer; None and the reason if none is decided."""
    present = [name for name in dict.fromkeys((*ASKED, *records)) if name in records]
    decided = [name for name in present if records[name]["verdict"] not in ("Undecided", "By definition")]
    if decided:
        return decided[0], records[decided[0]]["answer"]
    reasons = [records[name]["reason"] for name in present if records[name]["verdict"] == "Undecided"]
    return None, f"This run decides nothing: {reasons[0]}." if reasons else "This run judges no claim."


def tally(records: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """Return each verdict that was given with the claims that got it, in the fixed order: (Supported, [C8, C22])."""
    names = {verdict: [name for name in records if records[name]["verdict"] == verdict] for verdict in VERDICTS}
    return [(verdict, found) for verdict, found in names.items() if found]
