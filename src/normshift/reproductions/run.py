"""What a reproduction is told, and what it may read once its cells are trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import pandas as pd

from normshift.params import Cell, OneOf
from normshift.records import Record
from normshift.results import Line
from normshift.train.samples import Shuffled

Tables = dict[str, dict[str, list[Any]]]
Found = tuple[list[Line], Tables]


@dataclass(frozen=True)
class Recipe:
    """A file of conf/reproduction: whose figure, how it is run here, and where that departs from the paper."""

    title: str
    source: str
    recipe: str
    overrides: list[str]
    departures: list[str] = field(default_factory=list)
    # The last stage of the pipeline that runs; `shuffle`: the reproduction trains by itself.
    until: Annotated[str, OneOf(("shuffle", "measure"))] = "measure"


@dataclass(frozen=True)
class Run:
    """The cells of a reproduction, the data they read, the tables of `measure` and the records of `train`.

    Neither of these if it trains by itself.
    """

    cells: Sequence[Cell]
    shuffled: Shuffled
    tables: Mapping[str, pd.DataFrame]
    records: Sequence[Record] = ()
