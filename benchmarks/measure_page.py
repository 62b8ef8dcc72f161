"""The results of benchmarks/measure.py as a page of tables."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from benchmarks.results import measured_on, table

PAGE = """# Measuring: a metric has changed

Written by `python -m benchmarks.measure`. {machine}

{cells:,} cells of {count} studies; records take {records:.0f} MB, tables {tables:.1f} MB. One process per study, as
`dvc repro` starts them, one after the other, on one core: **{cpu:.0f} s of CPU time, {wall:.0f} s of wall time**.

{studies}

## By table, study {largest}

{rows}
"""


def page(results: Mapping[str, Any]) -> str:
    """Return the results as a page."""
    studies, rows = results["studies"], results["tables"]
    seconds = {"study": "study", "cells": "cells", "cpu_s": "CPU time, s", "wall_s": "wall time, s"}
    seconds |= {"records_mb": "records, MB", "tables_mb": "tables, MB"}
    each = {"table": "table", "cpu_ms": "CPU time a cell, ms", "rows": "rows a cell", "bytes": "bytes a cell"}
    totals = Counter()
    for row in studies:
        totals.update({key: row[key] for key in ("cells", "cpu_s", "wall_s", "records_mb", "tables_mb")})
    return PAGE.format(
        machine=measured_on(results["machine"]),
        count=len(studies),
        cells=totals["cells"],
        records=totals["records_mb"],
        tables=totals["tables_mb"],
        cpu=totals["cpu_s"],
        wall=totals["wall_s"],
        studies=table(studies, seconds),
        largest=results["largest"],
        rows=table(rows, each),
    )
