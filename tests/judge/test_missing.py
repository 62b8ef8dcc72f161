"""What was not observed is missing: no claim stumbles over a table without rows, or makes a number of it."""

from dataclasses import replace

import pytest

from normshift.judge.claims import REGISTRY

from .made_up import registered, together
from .studies import STUDIES, run

KNOWN = [name for name, claim in registered().claims.items() if set(claim.needs) <= set(STUDIES)]
SORTED = {"order": ("reshuffle", "sorted")}
FROM_OUTCOMES = {"C6", "C27", "C29"}  # rates, losses and accuracies need no other table


def emptied(tables, *kept):
    frames = {name: frame if name in kept else frame.iloc[:0] for name, frame in tables.frames.items()}
    return replace(tables, frames=frames, heterogeneity=None)


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("kept", [(), ("outcomes",)])
def test_effects_of_tables_without_rows_are_missing(name, kept):
    changes = {"outcomes.learned": lambda row: row["lr"] <= 1.0}
    tables = emptied(together(run(name, changes, core=SORTED)), *kept)
    for item in REGISTRY[name](tables, registered().rules):
        assert len(item.effects) == 12
        assert item.effects.isna().all() or (kept and name in FROM_OUTCOMES)
