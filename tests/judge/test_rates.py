import numpy as np
import pytest

from normshift.judge.rates import EDGE, best, chosen, common, diverged, every, highest, matched, without

from .made_up import BEST, RATES, study, together


def outcomes(changes=None, role="judged"):
    return together({"core": study(changes)}).rows("outcomes", role=role)


def unlearned(*cells):
    return {"outcomes.learned": lambda row: ~row[["norm", "lr", "seed"]].apply(tuple, axis=1).isin(cells)}


def memorised_below(lr):
    return {"outcomes.memorised": lambda row: row["lr"] < lr}


def test_a_rate_at_which_one_seed_of_one_arm_does_not_learn_is_dropped_for_all_and_listed():
    table = outcomes(unlearned(("none", 3.0, 7), ("none", 10.0, 1), ("none", 10.0, 2)))
    rates = matched(table, ["none", "batch"])
    assert rates.kept == RATES[:-2]
    assert [(drop.lr, drop.arm, drop.seeds) for drop in rates.dropped] == [(3.0, "none", 1), (10.0, "none", 2)]
    assert matched(table, ["batch", "frozen"]).kept == RATES


def test_tuning_seeds_drop_nothing():
    table = outcomes(unlearned(("none", 3.0, 1000)))
    assert matched(table, ["none"]).kept == RATES


def test_rates_that_an_arm_lacks_are_not_matched():
    table = outcomes()
    table = table[(table["norm"] != "none") | (table["lr"] < 1)]
    assert matched(table, ["none", "batch"]).kept == (0.01, 0.03, 0.1, 0.3)


def test_memorised_late_windows_are_dropped_and_early_ones_are_not():
    table = outcomes(memorised_below(0.3))
    assert matched(table, ["batch"]).kept == RATES
    late = matched(table, ["batch"], late=True)
    assert late.kept == (0.3, 1.0, 3.0, 10.0) and not late.memorised
    assert {drop.reason for drop in late.dropped} == {"late window memorised"}


def test_rates_without_a_failing_row_are_kept_and_the_others_listed():
    table = outcomes({"outcomes.diverged_step": lambda row: np.where((row["lr"] > 1) & (row["seed"] == 2), 5, np.nan)})
    table = table[table["norm"] == "none"]
    kept, dropped = without(table, [0.1, 1.0, 3.0], table["diverged_step"].notna(), "why")
    assert kept == [0.1, 1.0] and [(drop.lr, drop.arm, drop.seeds) for drop in dropped] == [(3.0, "none", 1)]
    found = diverged(table)
    assert found.loc[2, 10.0] and found.to_numpy().sum() == 2 and list(found.columns) == list(RATES)


def test_a_level_is_memorised_when_memorisation_alone_leaves_too_few_rates():
    everything = matched(outcomes(memorised_below(np.inf)), ["batch"], late=True)
    assert everything.memorised and everything.kept == () and everything.reason == "memorised"
    two_left = outcomes(memorised_below(3.0))
    assert not matched(two_left, ["batch"], late=True).memorised
    assert matched(two_left, ["batch"], late=True, least=3).memorised
    nothing_learns = outcomes({"outcomes.learned": lambda row: False, **memorised_below(np.inf)})
    none = matched(nothing_learns, ["batch"], late=True)
    assert not none.memorised and "every judged seed learns at 0 learning rates" in none.reason


def test_best_rate_is_chosen_on_tuning_seeds_alone():
    def judged_prefer(row):
        return np.where(row["role"] == "judged", (row["lr"] - 3.0) ** 2, np.abs(np.log(row["lr"] / BEST)))

    assert best(outcomes({"outcomes.area": judged_prefer}, "tuning"), "none").lr == BEST


def test_best_rate_is_the_lowest_median_with_divergence_ranked_worst():
    def area(row):
        spoilt = (row["lr"] == BEST) & (row["seed"] < 1003)  # 3 of 4 tuning seeds diverge
        return np.where(spoilt, np.nan, 1 + np.abs(np.log(row["lr"] / BEST)))

    assert best(outcomes({"outcomes.area": area}, "tuning"), "batch").lr in (0.1, 1.0)
    diverged = best(outcomes({"outcomes.area": lambda row: np.nan}, "tuning"), "batch")
    assert diverged.lr is None and "diverges" in diverged.reason


@pytest.mark.parametrize("edge", [RATES[0], RATES[-1]])
def test_an_optimum_at_the_edge_of_the_grid_is_none(edge):
    found = best(outcomes({"outcomes.area": lambda row: np.abs(np.log(row["lr"] / edge))}, "tuning"), "none")
    assert found.lr is None and EDGE in found.reason


def test_no_tuning_seeds_choose_no_rate():
    assert "no tuning seeds" in best(outcomes().iloc[:0], "none").reason


def test_chosen_rates_need_every_seed_to_learn_there():
    tuning = outcomes(role="tuning")
    assert chosen(outcomes(), tuning, ["none", "batch"]).rates == {"none": BEST, "batch": BEST}
    failing = chosen(outcomes(unlearned(("batch", BEST, 5))), tuning, ["none", "batch"])
    assert failing.rates == {} and "did not learn" in failing.reason and failing.dropped[0].seeds == 1
    memorised = chosen(outcomes(memorised_below(1.0)), tuning, ["none", "batch"], late=True)
    assert memorised.memorised and memorised.rates == {}


def test_the_highest_rate_that_learns_is_missing_beyond_the_grid():
    def learned(row):
        limit = row["seed"].map({0: 10.0, 1: 0.3, 2: 0.001}).fillna(1.0)
        return row["lr"] <= limit

    found = highest(outcomes({"outcomes.learned": learned}), "batch", range(12))
    rates = found.rates
    assert np.isnan(rates[0]) and rates[1] == 0.3 and np.isnan(rates[2]) and rates[3] == 1.0
    assert (
        "no learning rate learns in 1 of 12 seeds" in found.reason
        and "outside the grid in 1 of 12 seeds" in found.reason
    )


def test_a_grid_on_which_nothing_learns_is_not_said_to_be_too_small():
    found = highest(outcomes({"outcomes.learned": lambda row: False}), "none", range(12))
    assert found.reason == "arm none: no learning rate learns in 12 of 12 seeds"
    within = highest(outcomes({"outcomes.learned": lambda row: row["lr"] <= 1}), "none", range(12))
    assert within.reason is None


def test_arms_that_the_run_lacks_in_a_regime_are_said_to_lack():
    without = outcomes()[lambda table: table["norm"] != "none"]
    lacking = "cells of arm none with regime fresh, order reshuffle in this run"
    assert matched(without, ["none", "batch"], regime="fresh").reason == f"no {lacking}"
    assert highest(without, "none", range(12), "fresh").reason == f"no {lacking}"
    assert best(without, "none", "fresh").reason == f"no {lacking.replace('cells', 'tuning seeds')}"
    assert "of arms none, batch with regime clean" in matched(without.iloc[:0], ["none", "batch"]).reason


def test_arms_without_a_common_rate_are_said_to_have_none():
    table = outcomes()[lambda table: (table["norm"] == "none") == (table["lr"] < 1)]
    assert matched(table, ["none", "batch"]).reason == "arms none, batch have no learning rate in common"


def test_every_rate_that_all_arms_have_is_kept_whether_it_learns_or_not():
    table = outcomes({"outcomes.learned": lambda row: row["lr"] < 0.1, "outcomes.memorised": lambda row: True})
    assert every(table, ["none", "batch"]).kept == RATES
    fewer = table[(table["norm"] != "none") | (table["lr"] < 1)]
    assert every(fewer, ["none", "batch"]).kept == tuple(common(fewer, ["none", "batch"])) == (0.01, 0.03, 0.1, 0.3)


def test_rates_apart_and_absent_arms_are_said():
    table = outcomes()
    apart = table[(table["norm"] == "none") == (table["lr"] < 1)]
    for rule in (matched, every):
        assert rule(apart, ["none", "batch"]).reason == "arms none, batch have no learning rate in common"
        assert "no cells of arm noisy" in rule(table, ["noisy"]).reason
