"""`normshift compare A B`: which verdicts changed between two runs."""

import argparse
import json
import subprocess
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from normshift.configure.sources import sources
from normshift.faults import Parser
from normshift.folders import Folders, project_root
from normshift.params import Refused
from normshift.report.comparison import Row, Side, comparison, is_summary, page
from normshift.report.words import look

SUMMARY = Folders().reports / "summary.json"
COLUMNS = ("claim", "verdict A", "verdict B", "effect A", "effect B", "sentence")
EXAMPLES = """A and B are each a summary.json, a folder that holds one or reports/summary.json, or a git revision.
Where there is a file or folder of that name, it is meant.

  normshift compare HEAD .                           the last commit, and what is in this checkout now
  normshift compare v1.0 build/smoke --all           unchanged verdicts too
  normshift compare HEAD~1 HEAD --page build/compare.html"""


def command(arguments: list[str]) -> None:
    """Print what the command line asks for, and write its page."""
    given = _parser().parse_args(arguments)
    found = comparison(summary(given.before), summary(given.after), sentences())
    rows = list(found.rows if given.all else found.changed)
    console = Console(highlight=False)
    for name, text in (("A", given.before), ("B", given.after)):
        console.print(f"{name}: {text}", markup=False, soft_wrap=True)
    if console.is_terminal:
        console.print(*[_table(rows)] if rows else [])
    else:
        for line in lines(rows):
            print(line)
    for line in (*found.notes, found.tally):
        console.print(line, markup=False, soft_wrap=not console.is_terminal)
    if given.page:
        given.page.write_text(page(found, (given.before, given.after)), encoding="utf-8")
        console.print(f"page: {given.page}", markup=False, soft_wrap=True)


def summary(text: str) -> dict[str, Any]:
    """Return the summary that a path or a git revision names, or raise `Refused`."""
    path = Path(text)
    if path.is_dir():
        path = next((each for each in (path / SUMMARY.name, path / SUMMARY) if each.is_file()), path)
        if path.is_dir():
            raise Refused([f"{text}: holds neither {SUMMARY.name} nor {SUMMARY}"])
    read = path.read_bytes() if path.is_file() else _committed(text)
    try:
        found = json.loads(read)
    except (ValueError, RecursionError) as error:
        raise Refused([f"{text}: cannot be read as a summary ({error})"]) from None
    if not is_summary(found):
        raise Refused([f"{text}: is not the summary of a run"])
    return found


def _committed(text: str) -> bytes:
    # A name with a dash in front is a name, and no option of git's.
    show = ["git", "show", "--end-of-options", f"{text}:./{SUMMARY.as_posix()}"]
    shown = subprocess.run(show, cwd=project_root(), capture_output=True, check=False)
    if shown.returncode:
        said = " ".join(shown.stderr.decode(errors="replace").split())
        raise Refused([f"{text}: no such file or folder, and no git revision with {SUMMARY} ({said})"])
    return shown.stdout


def sentences() -> dict[str, str]:
    """Return the sentence of each claim, as this checkout registers it; none outside a checkout."""
    try:
        root = project_root()
    except ValueError:
        return {}
    return {name: claim["sentence"] for name, claim in sources(root).claims["claims"].items()}


def lines(rows: list[Row]) -> list[str]:
    """Return rows as plain text, columns parted by tabs, a heading first; none without rows."""
    return ["\t".join(cells) for cells in [COLUMNS, *map(_cells, rows)]] if rows else []


def _cells(row: Row) -> tuple[str, ...]:
    verdicts, effects = ([getattr(side, key) for side in (row.before, row.after)] for key in ("verdict", "effect"))
    return row.claim, *verdicts, *effects, row.sentence


def _table(rows: list[Row]) -> Table:
    table = Table("claim", "", "A", "B")
    for row in rows:
        table.add_row(row.claim, Text(row.sentence), _seen(row.before), _seen(row.after))
    return table


def _seen(side: Side) -> Text:
    return Text(f"{look(side.verdict).icon} {side.verdict}\n{side.effect}")


def _parser() -> argparse.ArgumentParser:
    parser = Parser("normshift compare", description=__doc__, epilog=EXAMPLES)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("before", metavar="A", help="a run")
    parser.add_argument("after", metavar="B", help="another one")
    parser.add_argument("--all", action="store_true", help="list the claims whose verdict is the same, too")
    parser.add_argument("--page", type=Path, metavar="PATH", help="also write the comparison as a page")
    return parser
