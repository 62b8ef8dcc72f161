import numpy as np
import pytest

from ..made_up import DESERVED, evidence, margin, study, verdict


def noisy(dose):
    def noise(row):
        factor = np.exp(margin("C4a") * dose(row) * (row["norm"] == "none"))
        return np.where((row["site"] == "a") & (row["step"] > 0), 0.1 * factor, 0.1)

    return {"noise.mean_noise": noise}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C4a", study(noisy(DESERVED[deserved]))).verdict.verdict == deserved


def test_rates_at_which_one_arm_does_not_learn_do_not_count():
    def failing(row):
        return (row["norm"] == "none") & (row["lr"] > 1) & (row["seed"] == 0)

    changes = {
        "noise.mean_noise": lambda row: np.where((row["norm"] == "none") & (row["lr"] > 1), 50.0, 0.1),
        "outcomes.learned": lambda row: ~failing(row),
    }
    assert verdict("C4a", study(changes)).verdict.verdict == "No meaningful effect"
    (item,) = evidence("C4a", study(changes))
    assert [drop.lr for drop in item.dropped] == [3.0, 10.0]


def test_no_rate_left_is_undecided_and_says_so():
    found = verdict("C4a", study({"outcomes.learned": lambda row: row["norm"] != "none"}))
    assert found.verdict.verdict == "Undecided" and "learns at 0 learning rates" in found.verdict.reason


def test_effect_is_the_mean_log_ratio_over_points_layers_and_rates():
    table = study()
    (item,) = evidence("C4a", table)
    rows = table["noise"].merge(table["cells"][["cell", "norm", "regime", "lr", "seed"]], on="cell")
    rows = rows.query("regime == 'clean' and seed == 5 and site == 'a' and step > 0")
    means = {arm: np.log(rows.loc[rows["norm"] == arm, "mean_noise"]).mean() for arm in ("none", "batch")}
    assert item.effects[5] == pytest.approx(means["none"] - means["batch"], abs=1e-12)
