import numpy as np
import pandas as pd
import pytest

from normshift.judge.evidence import EVERY, evidence
from normshift.judge.judging import judged
from normshift.judge.robustness import agreement, counts, repeated, told
from normshift.judge.stage import judge

from .made_up import JUDGED, REFERENCE, margin, registered, study, united

RULES = registered().rules
CLAIM = registered().claims["C4a"]


def noise(*values):
    return [evidence(JUDGED, EVERY, "noise", pd.Series(np.resize(values, len(JUDGED)), index=JUDGED))]


BEYOND, WITHIN = 2 * margin("C4a"), margin("C4a") / 2


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        (noise(BEYOND), False),  # nothing changes
        (noise(np.nan), False),  # nothing is left
        (noise(BEYOND * 1.01), True),
        (noise(BEYOND, np.nan), True),
    ],
)
def test_a_variant_counts_if_it_changes_an_effect_and_leaves_one(again, expected):
    assert counts(noise(BEYOND), again) is expected


def test_a_variant_that_leaves_a_part_unmeasured_repeats_nothing():
    def parts(first, second):
        return [*noise(first), *noise(second)]

    assert counts(parts(1.0, 2.0), parts(1.1, 2.0))
    assert not counts(parts(1.0, 2.0), parts(1.1, np.nan))
    assert counts(parts(1.0, np.nan), parts(1.1, np.nan))


def test_unmeasured_effects_that_stay_so_are_no_change():
    assert not counts(noise(np.nan, 1.0), noise(np.nan, 1.0))


def test_agreement_counts_equal_verdicts_among_the_variants_that_count():
    items = noise(BEYOND)
    again = {"same": items, "close": noise(3 * BEYOND), "other": noise(WITHIN), "reverse": noise(-BEYOND)}
    variants = {name: repeated(CLAIM, items, other, RULES) for name, other in again.items()}
    assert agreement(CLAIM, judged(CLAIM, items, RULES), variants) == [1, 3]
    words = told(variants)
    assert words["same"] is None and words["close"]["verdict"] == "Supported"
    assert words["other"]["verdict"] == "No meaningful effect" and words["reverse"]["verdict"] == "Contradicted"
    assert agreement(CLAIM, judged(CLAIM, items, RULES), {}) == [0, 0]


def test_the_stage_repeats_every_verdict_and_shows_what_came_out():
    def column(size):
        return lambda row: 0.1 * np.exp(size * (row["norm"] == "none") * (row["site"] == "a"))

    changes = {"noise.mean_noise": column(BEYOND), "noise.sd_noise": column(-BEYOND)}
    outcome = judge(registered(), {"core": study(changes)}, REFERENCE)
    found = outcome.verdicts["claims"]["C4a"]
    assert found["verdict"] == "Supported" and found["robust"] == [1, 2]
    assert found["variants"]["another metric"]["verdict"] == "Contradicted"
    assert found["variants"]["second probe"] is None
    assert found["variants"]["half the steps"]["verdict"] == "Supported"
    assert outcome.summary["claims"]["C4a"]["robust"] == [1, 2]
    assert (outcome.metrics["C4a_agree"], outcome.metrics["C4a_of"]) == (1, 2)


def test_identities_have_no_agreement_and_claims_that_cannot_be_read_agree_nought_of_nought():
    found = judge(registered(), {"core": study()}, REFERENCE).summary["claims"]
    assert found["C3"]["robust"] is None and found["C27"]["robust"] == [0, 0]


def test_a_variant_in_which_cells_cannot_be_told_apart_repeats_nothing():
    other = {"model": ("mlp_sigmoid",), "activation": ("sigmoid",)}
    core = united(study(), study(**other), study(**other, steps=(500,)))
    found = judge(registered(), {"core": core}, REFERENCE).verdicts["claims"]["C4a"]
    assert found["variants"]["another nonlinearity"] is None and found["verdict"] == "No meaningful effect"
