"""Every figure: registered, drawn without a display, the same twice, honest about nothing, its words true."""

import importlib
import math
import re
import statistics
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib.pyplot
import pandas as pd
import pytest

import normshift.figures
from normshift.figures import REGISTRY, ladder, style
from normshift.figures.numbers import counted, factor, measured, setting, share
from normshift.figures.plot import NotMeasured
from normshift.figures.svg import svg
from tests.figures import made_up

RULES = made_up.RULES
FOLDER = Path(normshift.figures.__file__).parent
each = pytest.mark.parametrize("name", REGISTRY)


def test_every_file_with_a_figure_is_registered_under_its_name():
    modules = {path.stem: importlib.import_module(f"normshift.figures.{path.stem}") for path in FOLDER.glob("[!_]*.py")}
    assert {name: module.PLOT for name, module in modules.items() if hasattr(module, "PLOT")} == REGISTRY


@each
def test_a_figure_leaves_no_state_and_is_the_same_twice(tables, name):
    plot = REGISTRY[name]
    frame = plot.data(tables, RULES)
    one, other = (svg(plot.figure(frame), name, plot.title, plot.describe(frame)) for _ in range(2))
    assert one == other
    assert ET.fromstring(one).find(".//*[@id]") is not None
    assert matplotlib.pyplot.get_fignums() == []
    assert len(one) < 27_000  # the page has room for 2 MB


@each
def test_the_order_of_the_rows_changes_nothing(tables, name):
    plot = REGISTRY[name]
    shuffled = {key: table.sample(frac=1, random_state=1) for key, table in tables.items() if key != "parts"}
    frame, again = (plot.data({**tables, **rows}, RULES) for rows in ({}, shuffled))
    if name != "effects":
        pd.testing.assert_frame_equal(frame, again)
    assert plot.describe(frame) == plot.describe(again)


@each
def test_empty_tables_are_not_measured_for_a_reason(tables, name):
    empty = {key: table.iloc[:0] for key, table in tables.items()}
    with pytest.raises(NotMeasured, match=r"\w+ \w+"):
        REGISTRY[name].data(empty, RULES)


@each
def test_a_run_of_one_arm_one_rate_and_one_seed_is_drawn_or_not_measured(tables, name):
    cells = tables["cells"]
    cells = cells[(cells["norm"] == "batch") & (cells["lr"] == 0.3) & (cells["seed"] == 0)]
    one = {key: table[table["cell"].isin(cells["cell"])] if "cell" in table else table for key, table in tables.items()}
    plot = REGISTRY[name]
    frame = plot.data({**one, "cells": cells}, RULES)
    assert svg(plot.figure(frame), name, plot.title, plot.describe(frame))


@each
def test_every_axis_says_what_it_shows(tables, name):
    plot = REGISTRY[name]
    for axes in plot.figure(plot.data(tables, RULES)).axes:
        assert axes.get_xlabel(), name
        assert axes.get_ylabel() or [label.get_text() for label in axes.get_yticklabels()], name


def joined(tables, name, **where):
    """Return the rows of judged cells, plainly: the oracle of what figures select."""
    wanted = {"role": "judged", "order": "reshuffle", **where}
    rows = tables[name].merge(tables["cells"], on="cell")
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    return rows


def medians(rows, column, *keys):
    found = {}
    for key, group in rows.groupby(list(keys)):
        values = [value for value in group[column] if not math.isnan(value)]
        if values:
            found[key] = statistics.median(values)
    return found


def words(tables, name):
    plot = REGISTRY[name]
    return plot.describe(plot.data(tables, RULES))


# In the made-up study every arm learns from .03 to .3, so that the figures compare arms at .3.
LR = 0.3


def test_words_of_composition(tables):
    rows = joined(tables, "composition", regime="clean", lr=LR)
    text = words(tables, "composition")
    for lag, told in (("step", "one update"), ("ten", "ten updates"), ("epoch", "an epoch")):
        own = rows[rows["lag"] == lag]
        for column, name in (("total", "all"), ("affine", "gamma and beta"), ("interference", "only together")):
            for norm, value in medians(own, column, "norm").items():
                (part,) = re.findall(rf"{told} with {style.arm(norm[0]).label}: ([^;]*)", text)
                assert f"{name} {measured(value)}" in part
    assert "gamma and beta" not in re.findall(r"one update with no normalisation: ([^;]*)", text)[0]


def test_words_of_the_published_figure(tables):
    text = words(tables, "published")
    for norm, rise in (("none", 9000), ("batch", 3000)):
        here = 1 - 0.9 * math.exp(-50_000 / rise) - 0.01
        published = 1 - 0.9 * math.exp(-50_000 / rise) + 0.003
        told = f"accuracy ends at {measured(here)} here and {measured(published)} as published"
        assert f"{style.arm(norm).label}: {told}, the band's width at 4.40 here and 6.60 as published" in text


def test_words_of_diffusion(tables):
    rows = joined(tables, "diffusion", regime="fresh", norm="batch", coordinates="raw", lr=30.0)
    for (parameter, layer), value in medians(rows, "exponent", "parameter", "layer").items():
        assert f"{parameter} of layer {layer} {measured(value)}" in words(tables, "diffusion")


def taken_apart(tables):
    """Return the study as if `frozen` were batch norm taken apart, some of whose runs diverged."""
    cells, outcomes = tables["cells"], tables["outcomes"]
    lost = cells["cell"][(cells["norm"] == "frozen") & (cells["seed"] < 2)]
    outcomes = outcomes.assign(diverged_step=outcomes["diverged_step"].mask(outcomes["cell"].isin(lost), 5))
    outcomes = outcomes.assign(final_loss=outcomes["final_loss"].mask(outcomes["cell"].isin(lost)))
    return tables | {"outcomes": outcomes}, lambda name: cells.assign(norm=cells["norm"].replace("frozen", name))


def test_words_of_mechanism(tables):
    own, renamed = taken_apart(tables)
    own["cells"] = renamed("free_full")
    text = words(own, "mechanism")
    for regime in ("clean", "fresh"):
        (part,) = re.findall(rf"{regime} data, rate 0.3: ([^;]*)", text)
        rows = joined(own, "outcomes", regime=regime, lr=LR)
        found = {norm: measured(value) for (norm,), value in medians(rows, "final_loss", "norm").items()}
        assert f"free and full {found['free_full']} (2 runs diverged)" in part
        assert f"steady and full {found['batch']}" in part and f"none {found['none']}" in part


def test_runs_that_diverged_are_counted_in_the_drawing(tables):
    own, renamed = taken_apart(tables)
    own["cells"] = renamed("free_full")
    drawn = REGISTRY["mechanism"].figure(REGISTRY["mechanism"].data(own, RULES))
    (panel,) = [axes for axes in drawn.axes if axes.get_title(loc="left") == "fresh data, rate 0.3"]
    assert [text.get_text() for text in panel.texts] == ["†2"]


def test_words_of_replayed(tables):
    own, renamed = taken_apart(tables)
    own["cells"] = renamed("yoked_3")
    found = medians(joined(own, "outcomes", regime="fresh", lr=LR), "final_loss", "norm")
    assert f"3 times {measured(found['yoked_3',])} (2 runs diverged)" in words(own, "replayed")
    assert f"batch norm {measured(found['batch',])}" in words(own, "replayed")


def test_an_arm_of_which_every_run_diverged_is_said_to(tables):
    lost = tables["outcomes"].assign(diverged_step=5.0, final_loss=math.nan)
    own = tables | {"outcomes": lost}
    assert "batch norm none left (12 runs diverged)" in words(own, "replayed")
    assert "steady and full diverges" in words(own, "mechanism")


def test_words_of_bands(tables):
    rows = joined(tables, "bands", regime="clean", lr=LR, layer=3, site="y", unit=4, seed=0)
    for norm, arm in rows.groupby("norm"):
        arm = arm.sort_values("step")
        first, last = arm.iloc[0], arm.iloc[-1]
        text = (
            f"{style.arm(norm).label}: the width of the band goes from {measured(first.q85 - first.q15)} to "
            f"{measured(last.q85 - last.q15)}, last seen at update 990, "
            f"the median lies between {measured(min(arm.q50))} and "
            f"{measured(max(arm.q50))}"
        )
        assert text in words(tables, "bands")


def test_words_of_bounce(tables):
    reached = joined(tables, "targets", regime="clean", level=0.1)
    fast = medians(reached, "step", "norm", "lr")
    rises = medians(joined(tables, "outcomes", regime="clean"), "increases", "norm", "lr")
    for norm in ("none", "batch", "frozen"):
        lr = min((lr for arm, lr in fast if arm == norm), key=lambda lr: fast[norm, lr])
        text = f"fastest at {setting(lr)} with {measured(fast[norm, lr])} updates, where {share(rises[norm, lr])}"
        assert text in words(tables, "bounce")


def test_words_of_drift(tables):
    rows = joined(tables, "shifts", lr=LR, layer=3, site="y", horizon="step", probe="first", mode="batch")
    drift = medians(rows, "mean_shift", "regime", "norm", "step_x" if "step_x" in rows else "step")
    loss = medians(joined(tables, "losses", lr=LR), "loss", "regime", "norm", "step")
    for regime in ("clean", "fresh"):
        ends = [(found[regime, "batch", 0], found[regime, "batch", 990]) for found in (drift, loss)]
        text = ", ".join(
            f"{what} from {measured(start)} to {measured(end)}"
            for what, (start, end) in zip(("drift", "loss"), ends, strict=True)
        )
        assert f"batch norm, {regime} data: {text}" in words(tables, "drift")


def test_residuals_of_exactly_nought_are_written_where_a_logarithmic_axis_has_no_place_for_them(tables):
    frame = REGISTRY["effects"].data(tables, RULES)
    frame = frame.assign(definition=True, unit="nats", effect=0.0, estimate=0.0)
    (axes,) = REGISTRY["effects"].draw(frame).axes
    rows = frame.groupby(["level", "part"], sort=False).size()
    assert [text.get_text() for text in axes.texts] == [f"0 in {counted(int(seeds), 'seed')}" for seeds in rows]


def test_words_of_effects(tables):
    text = words(tables, "effects")
    assert (
        "early, one: ×1.65 (ln 0.500), interval ×1.49 to ×1.82, 12 of 12 seeds above the margin ×1.22, 0 below" in text
    )
    assert (
        "early, two: −2.00 grid steps, interval −2.50 to −1.50, 0 of 12 seeds above the margin 1.00, 12 below" in text
    )
    assert "late, one: not measured, interval not measured, 0 of 12 seeds above" in text


@pytest.mark.parametrize(
    ("name", "column", "window"), [("steps", "mean_step", "early"), ("fluctuation", "fluctuation", "late")]
)
def test_words_of_steps_and_fluctuation(tables, name, column, window):
    rows = joined(tables, "motion", norm="batch", regime="clean", parameter="beta", window=window)
    seeds = medians(rows, column, "lr", "seed")
    low, high = (statistics.median(value for (lr, _), value in seeds.items() if lr == rate) for rate in (0.03, 3.0))
    assert f"beta, clean data, {window}: {factor(math.log(high / low))} from learning rate 0.03 to 3" in words(
        tables, name
    )


def test_words_of_heterogeneity(tables):
    rows = tables["heterogeneity"]
    for order in ("reshuffle", "sorted"):
        mine = rows[(rows["order"] == order) & (rows["quantity"] == "label_share")]
        ratio = statistics.median(one / other for one, other in zip(mine["measured"], mine["expected"], strict=True))
        assert f"{order}: {measured(ratio)} for label shares" in words(tables, "heterogeneity")


def test_words_of_identity(tables):
    rows = tables["identities"].merge(tables["cells"], on="cell").merge(tables["outcomes"], on="cell")
    rows = rows[(rows["role"] == "judged") & rows["diverged_step"].isna()]
    for mode, column in (("batch", "mean_residual"), ("ema", "tid_mean"), ("population", "tid_mean")):
        largest = max(rows.loc[rows["mode"] == mode, column])
        assert f"{mode} statistics: at most {measured(largest)} in the mean" in words(tables, "identity")


def test_words_of_ladder(tables):
    text = words(tables, "ladder")
    assert "no normalisation, clean data: every seed learns from 0.03 to 0.3, some diverge from 1 on" in text
    rows = joined(tables, "outcomes", regime="clean", norm="batch")
    lowest = measured(min(medians(rows, "final_loss", "lr").values()))
    assert f"from 0.03 to 3, some diverge from 10 on, the lowest median loss is {lowest}" in text


def test_words_of_march(tables):
    rows = joined(tables, "trajectories", regime="clean", lr=LR, layer=3, seed=0)
    rows = rows[rows["step"].isin(sorted(set(rows["step"]))[::3])]  # every third one is shown
    ends = [unit.sort_values("step")["gamma"].iloc[-1] for _, unit in rows.groupby("unit")]
    assert (
        f"clean data, last seen at update 990: gamma lies between {measured(min(ends))} and {measured(max(ends))}"
        in words(tables, "march")
    )


def test_words_of_noise(tables):
    rows = joined(tables, "noise", regime="clean", lr=LR, layer=3)
    seeds = medians(rows[rows["step"] > 0], "mean_noise", "norm", "site", "seed")
    for norm in ("none", "batch"):
        at = statistics.median(value for (arm, site, _), value in seeds.items() if (arm, site) == (norm, "a"))
        text = words(tables, "noise").split(f"{style.arm(norm).label}: ")[1].split(";")[0].rstrip(".")
        assert text.endswith(f"{measured(at)} at a")


def test_words_of_pace(tables):
    rows = joined(tables, "shifts", norm="batch", regime="clean", site="y", horizon="step", probe="first", mode="batch")
    rows = rows[rows["step"] >= 0.8 * rows["steps"]]
    seeds = medians(rows, "mean_shift", "lr", "seed")
    low, high = (statistics.median(value for (lr, _), value in seeds.items() if lr == rate) for rate in (0.03, 3.0))
    assert f"batch norm, clean data, late: {measured(low)} at 0.03 and {measured(high)} at 3" in words(tables, "pace")


def test_words_of_ratio(tables):
    rows = joined(tables, "noise", regime="clean", lr=LR, layer=3, site="u", norm="batch")
    assert f"batch norm: {measured(statistics.median(rows['ratio_step']))} over one update" in words(tables, "ratio")


def test_words_of_split(tables):
    rows = joined(tables, "shifts", regime="clean", lr=LR, layer=3, site="y", horizon="epoch", norm="batch")
    seeds = [group["w2"].mean() for _, group in rows.groupby("seed")]
    distance = measured(statistics.fmean(seeds))
    text = f"batch norm: 60.0 % location, 25.0 % scale and 15.0 % shape of a distance of {distance}"
    assert text in words(tables, "split")


def test_figures_show_only_judged_seeds(tables):
    for name, plot in REGISTRY.items():
        frame = plot.data(tables, RULES)
        assert "seed" not in frame or frame["seed"].max() < 1000, name


@pytest.mark.parametrize("name", ["drift", "pace"])
def test_a_drift_of_rounding_is_told_and_not_drawn(tables, name):
    shifts = tables["shifts"]
    frozen = shifts["cell"].isin(tables["cells"].loc[tables["cells"]["norm"] == "frozen", "cell"])
    still = {**tables, "shifts": shifts.assign(mean_shift=shifts["mean_shift"].mask(frozen, 6e-8))}
    plot = REGISTRY[name]
    assert "rounding" not in plot.describe(plot.data(tables, RULES))
    frame = plot.data(still, RULES)
    assert "Drifts up to 10⁻⁶ sigma are rounding and are not drawn." in plot.describe(frame)
    drifts = [axes for axes in plot.figure(frame).axes if "drift" in axes.get_ylabel()]
    assert drifts and all(axes.get_ylim()[0] > 1e-6 for axes in drifts)


def test_drift_is_not_shown_where_a_network_does_not_learn(tables):
    shown = REGISTRY["pace"].data(tables, RULES)
    outcomes = joined(tables, "outcomes")
    for (norm, regime, lr), rows in outcomes.groupby(["norm", "regime", "lr"]):
        there = ((shown["norm"] == norm) & (shown["regime"] == regime) & (shown["lr"] == lr)).any()
        assert there == all(rows["learned"]), (norm, regime, lr)


@pytest.mark.parametrize("name", sorted(set(REGISTRY) - {"effects", "heterogeneity", "published"}))
def test_cells_that_differ_in_what_a_figure_does_not_tell_apart_are_not_pooled(tables, name):
    cells = tables["cells"]
    twins = cells.assign(cell=cells["cell"] + len(cells), model="mlp_sigmoid")
    twice = {
        key: pd.concat([rows, rows.assign(cell=rows["cell"] + len(cells))])
        for key, rows in tables.items()
        if "cell" in rows
    }
    with pytest.raises(NotMeasured, match="cells differ in model too"):
        REGISTRY[name].data({**tables, **twice, "cells": pd.concat([cells, twins])}, RULES)


@pytest.mark.parametrize("name", ["bands", "march"])
def test_words_about_what_was_last_seen_leave_out_runs_that_diverged(tables, name):
    cells, outcomes = tables["cells"], tables["outcomes"]
    lost = cells.loc[(cells["norm"] == "batch") & (cells["regime"] == "clean"), "cell"]
    broken = outcomes.assign(diverged_step=outcomes["diverged_step"].mask(outcomes["cell"].isin(lost), 7.0))
    text = words({**tables, "outcomes": broken}, name)
    assert "last seen at update 990" in text
    assert "batch norm: " not in text and "clean data" not in text


@pytest.mark.parametrize("name", sorted(set(REGISTRY) - {"effects", "published"}))
def test_a_study_in_which_every_run_diverges_is_drawn_without_a_warning_or_not_measured(name):
    plot, lost = REGISTRY[name], made_up.study(seeds=1, rates=(1000.0, 10000.0))
    try:
        frame = plot.data(lost, RULES)
    except NotMeasured:
        return
    assert svg(plot.figure(frame), name, plot.title, plot.describe(frame))


def test_a_panel_with_nothing_in_it_says_so():
    frame = REGISTRY["ladder"].data(made_up.study(seeds=1, rates=(1000.0, 10000.0)), RULES)
    texts = [text.get_text() for axes in REGISTRY["ladder"].figure(frame).axes for text in axes.texts]
    assert texts == ["not measured"] * 2
    assert "against the learning rate, 1 seed;" in REGISTRY["ladder"].describe(frame)


@pytest.mark.parametrize(
    ("holds", "closed", "onwards"),
    [
        ("-xxx-", "from 1 to 3", "from 1 to 3"),
        ("xx-x-", "from 0 to 1 and at 3", "from 0 to 1 and at 3"),
        ("x-xxx", "at 0 and from 2 to 4", "at 0 and from 2 on"),
        ("-x-x-x", "at 1, at 3 and at 5", "at 1, at 3 and from 5 on"),
    ],
)
def test_rates_with_gaps_between_them_are_listed(holds, closed, onwards):
    series = pd.Series([mark == "x" for mark in holds])
    assert (ladder.ranges(series), ladder.ranges(series, onwards=True)) == (closed, onwards)


def test_one_is_counted_in_the_singular():
    assert [counted(number, "seed") for number in (0, 1, 1200)] == ["0 seeds", "1 seed", "1,200 seeds"]
