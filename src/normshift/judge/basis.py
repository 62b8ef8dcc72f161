"""What a verdict rests on: the cells that its claim asked for."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from normshift.judge.frames import FACTORS

VARIED = [name for name in FACTORS if name not in ("role", "model", "seed")]


def basis(cells: pd.DataFrame, asked: Sequence[pd.Series]) -> dict[str, Any]:
    """Return how many cells a claim asked for, equal ones of two studies once, and which values each factor took."""
    own = cells[cells["cell"].isin(pd.concat(asked))] if asked else cells.iloc[:0]
    values = {name: sorted(own[name].unique().tolist()) for name in VARIED}
    return {"cells": len(own.drop_duplicates(FACTORS)), "factors": values}
