"""What claims read is what the files of conf/study train."""

from pathlib import Path

import pytest

from normshift.configure.resolve import resolved
from normshift.configure.sources import sources
from normshift.grid import planned

from .made_up import registered
from .studies import STUDIES

CONF = sources(Path(__file__).parents[2])
NAMES = [name for name in CONF.groups["study"] if not name.startswith("repro_")]  # those serve no claim
CELLS = {
    name: [point.cell for point in planned(study)]
    for name, study in resolved(CONF, [f"studies=[{','.join(NAMES)}]"]).studies.items()
}
NEEDS = [(claim, study) for claim, own in registered().claims.items() for study in own.needs]


def value(cell, axis):
    found = getattr(cell, axis, None) or getattr(cell.model, axis)
    return getattr(found, "name", found)


@pytest.mark.parametrize(("claim", "study"), NEEDS)
def test_the_arms_that_a_claim_needs_are_trained(claim, study):
    assert set(registered().claims[claim].needs[study]) <= {cell.norm.name for cell in CELLS[study]}


@pytest.mark.parametrize("study", [name for name in STUDIES if name != "core"])
def test_a_made_up_study_varies_what_the_real_one_does(study):
    axes = {{"arms": "norm", "rates": "lr"}.get(axis, axis): values for axis, values in STUDIES[study].items()}
    for axis, values in axes.items():
        if axis not in ("tuning", "lr") and values:
            assert set(values) <= {value(cell, axis) for cell in CELLS[study]}, axis
