"""How much benchmarks/train.py measures: all of it, or enough to see that it works."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.cells import WIDTH, WIDTHS, Setting


@dataclass(frozen=True)
class Extent:
    """How much is measured: the grid, rounds of each comparison, about how many cell-steps a run has."""

    widths: tuple[int, ...] = WIDTHS
    stacks: tuple[int, ...] = (1, 8, 32, 256)
    grid_rounds: int = 3
    rounds: int = 3
    # Below, `vmap` pays for calls alone, and takes the longest of all (LOG.md).
    mapped_from: int = 32
    cell_steps: Mapping[int, int] = field(default_factory=lambda: {32: 3000, 100: 2000, 300: 500})
    single_steps: int = 1000
    jobs: Mapping[str, int] = field(default_factory=lambda: {"cells": 4, "steps": 300})
    # The stack that a study has (`memory.LARGEST`), and the steps of a cell in the default profile.
    observed: Mapping[str, int] = field(default_factory=lambda: {"cells": 32, "steps": 1000})
    observed_rounds: int = 3
    counts: tuple[int, ...] = (10, 100, 1000, 10_000)

    def stack(self, norm: str, width: int, cells: int, runs: int = 1) -> Setting:
        """Return a stack with the cell-steps of so many runs, but steps enough for its set-up to weigh little."""
        least = 24 if width <= WIDTH else 8
        return Setting(norm, width, cells, max(least, runs * self.cell_steps[width] // cells))


QUICK = Extent(
    widths=(WIDTH,),
    stacks=(8, 32),
    grid_rounds=1,
    rounds=1,
    cell_steps={WIDTH: 800},
    jobs={"cells": 2, "steps": 100},
    observed={"cells": 8, "steps": 200},
    observed_rounds=1,
    counts=(10, 100),
)
