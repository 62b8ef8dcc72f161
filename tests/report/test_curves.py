import dataclasses
import io
import statistics

import numpy as np
import pandas as pd
import pytest
import yaml

from normshift.figures import REGISTRY, style
from normshift.report.curves import CURVES, curves, medians
from tests.project import ROOT


@pytest.fixture(scope="module")
def drawn(config, material):
    texts = curves(config, material)
    return {name: pd.read_csv(io.StringIO(texts[f"curves/{name}.csv"])) for name in CURVES}


def test_every_plot_of_dvc_yaml_has_its_curves_and_they_their_columns(drawn):
    plots = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["plots"]
    read = {(name, plot["x"], *plot["y"].items()) for entry in plots for name, plot in entry.items()}
    assert read == {(name, one.x, (f"reports/curves/{name}.csv", one.y)) for name, one in CURVES.items()}
    for name, one in CURVES.items():
        assert list(drawn[name].columns) == ["panel", "curve", one.x, one.y, "lowest", "highest", "seeds"]
        assert len(drawn[name]) and drawn[name].notna().all(axis=None)
        assert (drawn[name][[one.x, one.y]] > 0).all(axis=None), "a logarithmic axis has no nought"


def test_a_curve_is_the_median_of_the_seeds_of_its_figure(config, material, drawn):
    rows = REGISTRY["ladder"].data(material.studies["core"], config.claims.rules)
    rows = rows[~rows["diverged"]]
    for row in drawn["ladder"].itertuples():
        (norm,) = [name for name, arm in style.ARMS.items() if arm.label == row.curve]
        same = (rows["regime"] + " data" == row.panel) & (rows["norm"] == norm) & np.isclose(rows["lr"], row.lr)
        values = rows.loc[same, "final_loss"].tolist()
        found = (row.final_loss, row.lowest, row.highest, row.seeds)
        assert found == pytest.approx((statistics.median(values), min(values), max(values), len(values)), rel=1e-5)
    assert len(drawn["ladder"]) == len(rows.groupby(["regime", "norm", "lr"]))


def test_a_missing_value_is_no_seed_and_no_nought():
    rows = pd.DataFrame({"panel": "a", "curve": "b", "lr": [1, 1, 1, 2], "loss": [3.0, np.nan, 1.0, np.nan]})
    assert medians(rows, "lr", "loss").to_dict("records") == [
        {"panel": "a", "curve": "b", "lr": 1, "loss": 2.0, "lowest": 1.0, "highest": 3.0, "seeds": 2}
    ]


def test_the_first_update_is_number_one(drawn, material):
    steps = sorted(material.studies["core"]["losses"]["step"].unique())
    assert sorted(drawn["loss"]["update"].unique()) == [step + 1 for step in steps]


def test_where_there_is_nothing_to_show_the_heading_stands_alone(config, material):
    elsewhere = dataclasses.replace(material, studies={"order": material.studies["core"]})
    headings = {name: f"panel,curve,{one.x},{one.y},lowest,highest,seeds\n" for name, one in CURVES.items()}
    assert curves(config, elsewhere) == {f"curves/{name}.csv": text for name, text in headings.items()}
    unseen = {name: rows.iloc[:0] if name == "shifts" else rows for name, rows in material.studies["core"].items()}
    found = curves(config, dataclasses.replace(material, studies={"core": unseen}))
    assert found["curves/drift.csv"] == headings["drift"] and found["curves/loss.csv"].count("\n") > 1


def test_a_run_that_diverged_is_left_out_of_the_ladder():
    rows = pd.DataFrame({"regime": "clean", "norm": "batch", "lr": 1.0, "final_loss": [0.1, 900.0]})
    found = CURVES["ladder"].rows(rows.assign(diverged=[False, True]))
    assert found["final_loss"].tolist() == [0.1] and found["panel"].tolist() == ["clean data"]
