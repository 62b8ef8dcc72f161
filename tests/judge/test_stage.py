import json
import math
from dataclasses import asdict, replace

import pandas as pd
import pytest
import yaml

from normshift.judge.answers import sentence
from normshift.judge.claims import REGISTRY
from normshift.judge.describe import described
from normshift.judge.evidence import EVERY
from normshift.judge.judging import Judged, Level, lacking
from normshift.judge.rule import VERDICTS, Verdict
from normshift.judge.stage import judge
from normshift.judge.summary import ran, registration, text
from normshift.params import Claims, typed
from normshift.tables import checked

from .claims.test_c4b import drifting
from .made_up import ARMS, DESERVED, JUDGED, REFERENCE, margin, registered, study
from .studies import run

ELSEWHERE = {name for name, claim in registered().claims.items() if set(claim.needs) != {"core"}}


@pytest.fixture(scope="module")
def outcome():
    return judge(registered(), {"core": study()}, REFERENCE)


def test_every_claim_has_a_file_and_every_file_is_registered():
    assert set(REGISTRY) == set(registered().claims)
    assert {effects.__module__.rsplit(".", 1)[1].upper() for effects in REGISTRY.values()} == {
        name.upper() for name in REGISTRY
    }


def test_effects_are_a_valid_table_with_every_seed_of_every_part(outcome):
    effects = checked(outcome.effects, "effects")
    for name, claim in registered().claims.items():
        rows = effects[effects["claim"] == name]
        expected = 0 if name in ELSEWHERE else 12 * len(claim.parts) * len(claim.levels or [EVERY])
        assert len(rows) == expected
        assert not rows.duplicated(["level", "part", "seed"]).any()


def test_a_cell_of_two_studies_counts_once(outcome):
    both = judge(registered(), {"core": study(), "other": study()}, REFERENCE)
    assert both.summary["cells"] == outcome.summary["cells"] == len(study()["cells"])


def test_json_has_no_nan_six_digits_and_the_same_bytes_each_time(outcome):
    again = judge(registered(), {"core": study()}, REFERENCE)
    for one, other in ((outcome.verdicts, again.verdicts), (outcome.summary, again.summary)):
        assert text(one) == text(other)
        json.loads(text(one), parse_constant=pytest.fail)
    assert json.loads(text({"a": [1 / 3, math.nan, math.inf, 12, True, None]}))["a"] == [
        0.333333,
        None,
        None,
        12,
        True,
        None,
    ]


def test_a_sorted_registration_changes_nothing(outcome):
    mapping = yaml.safe_load(yaml.safe_dump(asdict(registered()), sort_keys=True))
    again = judge(typed(Claims, mapping), {"core": study()}, REFERENCE)
    assert text(again.summary) == text(outcome.summary)
    assert again.effects.equals(outcome.effects)


def test_summary_and_metrics_name_every_claim_and_the_registration(outcome):
    assert outcome.summary["registration"] == registration(registered())
    assert outcome.summary["run"] == ran({"core": study()})
    assert outcome.summary["cells"] == 672 and outcome.summary["diverged"] == 0
    for name in registered().claims:
        assert outcome.summary["claims"][name]["verdict"] in VERDICTS
        assert outcome.metrics[f"{name}_verdict"] == outcome.summary["claims"][name]["verdict"]
    assert not any(isinstance(value, dict | list) for value in outcome.metrics.values())


def test_the_summary_says_what_was_run():
    core, deep = study()["cells"], study(seeds=JUDGED[:3])["cells"].assign(depth=10, data="other", steps=360)
    found = ran({"core": {"cells": core}, "deep": {"cells": deep[deep["role"] == "judged"]}})
    tuning = core.loc[core["role"] == "tuning", "seed"].nunique()
    assert tuning and found == {
        "data": ["made-up", "other"],
        "networks": ["mlp 2x4 relu", "mlp 10x4 relu"],
        "steps": [360, 1000],
        "judged": 3,
        "tuning": tuning,
    }
    assert ran({"deep": {"cells": deep[deep["role"] == "judged"]}})["tuning"] == 0


def test_claims_whose_studies_or_arms_are_not_in_the_run_are_undecided_and_name_them(outcome):
    assert outcome.summary["claims"]["C27"]["reason"] == "needs study ladder"
    few = judge(registered(), {"core": study(arms=("batch",))}, REFERENCE).summary["claims"]
    assert few["C4a"]["reason"] == "needs arm none in study core"
    assert few["C5"]["reason"] == "needs arms none, frozen in study core"
    assert few["C8"]["reason"] == "needs study optimiser"
    assert few["C24"]["verdict"] == "No meaningful effect"
    assert lacking(registered().claims["C27"], {"core": set(ARMS), "ladder": set(ARMS)}, {}) is None
    told = judge(registered(), {"core": study()}, REFERENCE, {"ladder": "it does not fit"}).summary["claims"]["C27"]
    assert told["reason"] == "needs study ladder, left out: it does not fit"


def test_too_few_seeds_decide_nothing_but_identities():
    claims = judge(registered(), {"core": study(seeds=JUDGED[:3])}, REFERENCE).summary["claims"]
    for name, claim in claims.items():
        if registered().claims[name].by_definition and name not in ELSEWHERE:
            assert claim["verdict"] == "By definition"
        elif name not in ELSEWHERE:
            assert claim["reason"] == "too few seeds: 3, the rule needs 12"
            assert claim["seeds"] == 3


def test_verdicts_at_half_and_twice_the_margin_are_shown():
    def noise(row):
        return 0.1 * (1 + 0.5 * (row["norm"] == "none"))  # ln 1.5: beyond the margin, within twice

    found = judge(registered(), {"core": study({"noise.mean_noise": noise})}, REFERENCE).verdicts["claims"]["C4a"]
    assert (found["half"], found["verdict"], found["twice"]) == ("Supported", "Supported", "No meaningful effect")


def test_dropped_rates_reach_verdicts_and_summary_once_each():
    failing = study({"outcomes.learned": lambda row: (row["norm"] != "none") | (row["lr"] < 3)})
    outcome = judge(registered(), {"core": failing}, REFERENCE)
    for claims in (outcome.verdicts["claims"], outcome.summary["claims"]):
        assert [(drop["level"], drop["lr"], drop["arm"], drop["seeds"]) for drop in claims["C4b"]["dropped"]] == [
            (level, lr, "none", 12) for level in ("early", "late") for lr in (3.0, 10.0)
        ]


def test_holm_is_over_the_claims_that_have_a_p(outcome):
    claims = outcome.verdicts["claims"]
    with_p = {name: claim for name, claim in claims.items() if not math.isnan(claim["p"])}
    assert "C3" not in with_p and not ELSEWHERE & set(with_p)
    smallest = min(with_p.values(), key=lambda claim: claim["p"])
    assert smallest["p_holm"] == pytest.approx(min(1, len(with_p) * smallest["p"]))


def doubled(**changes):
    one, other = study(), study()
    other["cells"] = other["cells"].assign(**changes)
    shift = len(one["cells"])
    return {
        name: pd.concat([one[name], other[name].assign(cell=other[name]["cell"] + shift)], ignore_index=True)
        for name in one
        if name != "heterogeneity"
    }


def test_cells_that_claims_cannot_tell_apart_are_undecided_and_named():
    found = judge(registered(), {"core": doubled(steps=7)}, REFERENCE).summary["claims"]["C4a"]
    assert found["reason"] == "cells differ in steps too, which the claim does not tell apart"


def test_cells_of_another_architecture_than_the_reference_are_left_out(outcome):
    found = judge(registered(), {"core": doubled(model="mlp_sigmoid", activation="sigmoid")}, REFERENCE)
    assert found.summary["claims"]["C4a"] == outcome.summary["claims"]["C4a"]


def test_a_second_study_changes_nothing_for_claims_that_do_not_need_it(outcome):
    with_ladder = judge(registered(), {"ladder": study(DEAD, arms=("none",)), "core": study()}, REFERENCE)
    alone = outcome.verdicts["claims"]["C4b"]
    assert text(with_ladder.verdicts["claims"]["C4b"] | {"p_holm": 0}) == text(alone | {"p_holm": 0})


DEAD = {"outcomes.learned": lambda row: False, "shifts.mean_shift": lambda row: 9.0}


def test_unknown_claims_are_refused():
    claims = registered()
    odd = replace(claims, claims={"C99": claims.claims["C3"]})
    with pytest.raises(ValueError, match="C99: unknown; there are C1"):
        judge(odd, {"core": study()}, REFERENCE)


def made_judged(claim, verdicts):
    names = claim.levels or [EVERY]
    levels = {name: Level(Verdict(verdict, "why"), False, {}) for name, verdict in zip(names, verdicts, strict=True)}
    words = {
        part: described([0.5] * 12, part_margin.margin, registered().rules) for part, part_margin in claim.parts.items()
    }
    overall = verdicts[0] if len(set(verdicts)) == 1 else "Depends"
    return Judged(Verdict(overall, "why"), levels), {name: words for name in names}


@pytest.mark.parametrize("name", list(registered().claims))
def test_every_verdict_has_an_answer_without_gaps(name):
    claim = registered().claims[name]
    possible = ["By definition", "Contradicted"] if claim.by_definition else list(DESERVED)
    for verdict in possible:
        found = sentence(claim, *made_judged(claim, [verdict] * len(claim.levels or [EVERY])))
        assert found.endswith(".") and "{" not in found and "not measured" not in found
        assert verdict == "Undecided" or verdict in claim.answers
    if claim.moderator:
        depends = sentence(claim, *made_judged(claim, ["Supported", "No meaningful effect"]))
        assert claim.answers["No meaningful effect"].split("{")[0] in depends and "{" not in depends
    assert set(claim.answers) <= set(VERDICTS)


def test_answers_carry_the_effects_numbers():
    def noise(row):
        return 0.1 * (1 + (row["norm"] == "none") * (row["site"] == "a"))

    found = judge(registered(), {"core": study({"noise.mean_noise": noise})}, REFERENCE).summary["claims"]["C4a"]
    assert found["answer"].startswith("Yes") and f"{math.exp(found['effect']):.3g} times less" in found["answer"]


def test_a_claim_that_depends_answers_for_each_level():
    changes = drifting(DESERVED["Supported"], early=1, late=-1)
    changes["losses.loss"] = lambda row: 2.3 * 2.718281828 ** (-row["step"] / 250)
    found = judge(registered(), {"core": study(changes)}, REFERENCE).summary["claims"]["C4b"]
    assert found["verdict"] == "Depends"
    assert "Early in training: Yes." in found["answer"] and "Late in training: No, the reverse." in found["answer"]
    assert found["effect"] > margin("C4b") and found["levels"]["late"]["effect"] < -margin("C4b")


def test_an_answer_says_which_level_was_left_out():
    memorised = run("C8", {"outcomes.memorised": lambda row: row["regime"] == "clean"})
    found = judge(registered(), memorised, REFERENCE).summary["claims"]["C8"]
    assert found["answer"].startswith("No. Under each of three optimisers tripling") and found["answer"].endswith(
        " Clean: memorised, left out."
    )
    assert found["notes"] == ["clean: memorised, left out"] and found["levels"]["clean"]["memorised"]
