"""Figures of single claims: their words and marks against a plain reading of the tables."""

import math
import re
import statistics

import numpy as np
import pandas as pd
import pytest

from normshift.figures import REGISTRY, style
from normshift.figures.numbers import measured, setting, share
from tests.figures import made_up
from tests.figures.test_figures import LR, joined, medians, words

RULES = made_up.RULES


def renamed(tables, **arms):
    """Return the study with some of its arms under other names."""
    cells = tables["cells"]
    return {**tables, "cells": cells.assign(norm=cells["norm"].replace(arms))}


def drawn(tables, name):
    plot = REGISTRY[name]
    return plot.figure(plot.data(tables, RULES)).axes


def dots(axes):
    """Return the places of all dots of a panel, from left to right."""
    places = [tuple(place) for marks in axes.collections for place in marks.get_offsets().data.tolist()]
    return sorted(place for place in places if not math.isnan(place[1]))


def test_words_of_settling(tables):
    rows = joined(tables, "remaining", norm="batch", lr=LR, regime="fresh", parameter="beta")
    rows = rows[rows["step"] == 200]  # a fifth of the run
    seeds = medians(rows, "remaining", "seed").values()
    text = f"{share(statistics.median(seeds))} ({share(min(seeds))} to {share(max(seeds))})"
    assert "Left after 200 updates, median and range over the seeds: gamma" in words(tables, "settling")
    assert f"beta, fresh data: {text}" in words(tables, "settling")


def test_every_seed_and_the_median_are_drawn_as_settling_curves(tables):
    (clean, _) = drawn(tables, "settling")
    faint, median = [line.get_xydata() for line in clean.get_lines() if line.get_color() == style.INK["beta"]]
    rows = joined(tables, "remaining", norm="batch", lr=LR, regime="clean", parameter="beta")
    seeds = medians(rows, "remaining", "seed", "step")
    shown = [tuple(place) for place in faint if not math.isnan(place[0]) and not math.isnan(place[1])]
    np.testing.assert_allclose(shown, [(step, seeds[seed, step]) for seed in range(12) for step in range(0, 1001, 50)])
    middle = [(step, statistics.median(seeds[seed, step] for seed in range(12))) for step in range(0, 1001, 50)]
    np.testing.assert_allclose(median, middle)
    breaks = [number for number, place in enumerate(faint) if math.isnan(place[1])]
    assert breaks == [22 * (seed + 1) - 1 for seed in range(12)]


def test_words_of_freeze(tables):
    own = renamed(tables, none="frozen_at_10")
    own["cells"] = own["cells"][own["cells"]["lr"] <= LR]
    text, lr = words(own, "freeze"), LR
    assert f"learning rate {setting(lr)}" in text
    for since, told in ((0.1, "10 %"), (0.3, "30 %")):
        rows = joined(own, "areas", regime="fresh", lr=lr, since=since)
        (part,) = re.findall(rf"fresh data, from {told} of the run on: ([^;]*)", text)
        found = medians(rows.assign(loss=np.exp(rows["log_loss"])), "loss", "norm")
        assert part.startswith(f"nothing {measured(found['batch',])}")
        assert f"γ and β at once {measured(found['frozen',])}" in part
        assert (f", γ and β {measured(found['frozen_at_10',])}" in part) == (since == 0.1)
    assert "as many weights" not in text.split(": ", 1)[1].split("learning rate")[1]


def test_the_freeze_test_shows_every_seed_and_counts_what_diverged(tables):
    own, areas = renamed(tables, none="frozen_at_10"), tables["areas"]
    cells = own["cells"] = own["cells"][own["cells"]["lr"] < 1]  # beyond, arm none diverges
    lost = cells["cell"][(cells["norm"] == "frozen_at_10") & (cells["seed"] < 2)]
    own["areas"] = areas.assign(log_loss=areas["log_loss"].mask(areas["cell"].isin(lost)))
    (clean, *_) = drawn(own, "freeze")
    assert [label.get_text() for label in clean.get_xticklabels()] == ["nothing", "γ and β", "γ and β\nat once"]
    assert [text.get_text() for text in clean.texts] == ["†2"]
    rows = joined(own, "areas", regime="clean", lr=LR, since=0.1)
    expected = sorted(math.exp(value) for value in rows["log_loss"] if not math.isnan(value))
    np.testing.assert_allclose(sorted(place[1] for place in dots(clean)), expected)
    assert len(expected) == 34


def test_runs_are_linked_with_the_run_of_their_seed(tables):
    own = renamed(tables, none="frozen_at_10")
    own["cells"] = own["cells"][own["cells"]["lr"] < 1]
    (clean, *_) = drawn(own, "freeze")
    (line, *_) = clean.get_lines()
    rows = joined(own, "areas", regime="clean", lr=LR, since=0.1).set_index(["norm", "seed"])["log_loss"]
    expected = []
    for seed in range(12):
        expected += [math.exp(rows[norm, seed]) for norm in ("batch", "frozen_at_10", "frozen")] + [math.nan]
    np.testing.assert_allclose(line.get_ydata(), expected)


def test_words_of_landscape(tables):
    rows = joined(tables, "variation", regime="fresh", lr=LR)
    found = medians(rows, "predictiveness", "norm", "step")
    (part,) = re.findall(r"predictiveness, fresh data: ([^;]*)", words(tables, "landscape"))
    for norm in ("none", "batch", "frozen"):
        assert f"{style.arm(norm).label} from {measured(found[norm, 0])} to {measured(found[norm, 900])}" in part


def test_what_smoothness_would_be_as_an_artefact_is_drawn(tables):
    axes = drawn(tables, "landscape")
    shortest = joined(tables, "variation", regime="clean", lr=LR)["shortest"].iloc[0]
    lines = [line for line in axes[2].get_lines() if set(line.get_ydata()) == {shortest}]
    assert len(lines) == 1 and "smoothness" in axes[2].get_title(loc="left")


def test_words_of_gap(tables):
    own = renamed(tables, frozen="ema_001")
    own = {**own, "cells": own["cells"][own["cells"]["lr"] < 10]}
    text, lr = words(own, "gap"), 3.0
    for order, told in (("reshuffle", "Shuffled"), ("sorted", "Sorted")):
        rows = joined(own, "discrepancies", regime="clean", lr=lr, order=order)
        seeds = medians(rows, "tid_mean", "norm", "seed")
        missed = {norm: statistics.median(seeds[norm, seed] for seed in range(12)) for norm in ("batch", "ema_001")}
        assert (
            f"{told}: {measured(missed['batch'])} with m = 0.1 and {measured(missed['ema_001'])} with m = 0.01" in text
        )
        right = medians(joined(own, "outcomes", regime="clean", lr=lr, order=order), "test_accuracy_ema", "norm")
        assert f"running m = 0.01 {share(right['ema_001',])} and exact" in text


def test_accuracy_has_a_place_for_every_statistics_and_a_dot_for_every_seed(tables):
    own = renamed(tables, frozen="ema_001")
    own["cells"] = own["cells"][own["cells"]["lr"] < 10]
    _, shuffled, _ = drawn(own, "gap")
    labels = [label.get_text() for label in shuffled.get_xticklabels()]
    assert labels == ["own\nbatch", "running\nm = 0.1", "running\nm = 0.01", "exact"]
    assert len(dots(shuffled)) == 4 * 12


def test_orders_stand_from_the_most_alike_batches_and_failures_are_marked(tables):
    outcomes, cells = tables["outcomes"], tables["cells"]
    fails = cells["cell"][(cells["order"] == "sorted") & (cells["lr"] == LR) & (cells["seed"] == 5)]
    own = {**tables, "outcomes": outcomes.assign(learned=outcomes["learned"] & ~outcomes["cell"].isin(fails))}
    beta, gamma = drawn(own, "orders")
    assert [label.get_text() for label in beta.get_yticklabels()] == ["reshuffle", "sorted"]
    told = {text.get_position(): text.get_text() for text in gamma.texts}
    for row, order in enumerate(("reshuffle", "sorted")):
        for column, lr in enumerate(made_up.RATES):
            rows = joined(own, "motion", norm="batch", regime="clean", order=order, lr=lr, window="early")
            seeds = medians(rows[rows["parameter"] == "gamma"], "fluctuation", "seed").values()
            number = measured(1000 * statistics.median(seeds), 2) if seeds else ""
            learned = joined(own, "outcomes", norm="batch", regime="clean", order=order, lr=lr)["learned"].all()
            assert told[column, row] == number + ("" if learned else "†")
    assert told[3, 1].endswith("†") and not told[3, 0].endswith("†") and told[7, 0] == "†"


def test_a_darker_cell_fluctuates_more(tables):
    beta, _ = drawn(tables, "orders")
    shades = {(patch.get_x() + 0.5, patch.get_y() + 0.5): patch.get_alpha() for patch in beta.patches}
    values = {text.get_position(): float(text.get_text().rstrip("†") or "nan") for text in beta.texts}
    ordered = sorted(shades, key=values.get)
    assert [shades[place] for place in ordered] == sorted(shades.values()) and len(set(shades.values())) > 3


def test_words_of_orders(tables):
    text = words(tables, "orders")
    assert "from the most alike batches to the least: reshuffle and sorted" in text
    assert re.findall(r"Not every seed learns: (.*)\.", text)[0].startswith(
        "reshuffle at 0.01, reshuffle at 10, reshuffle"
    )
    rows = joined(tables, "motion", norm="batch", regime="clean", window="early", parameter="beta", order="reshuffle")
    seeds = medians(rows[rows["lr"].isin([0.03, 3.0])], "fluctuation", "lr", "seed")
    low, high = (statistics.median(value for (lr, _), value in seeds.items() if lr == rate) for rate in (0.03, 3.0))
    ends = re.findall(r"beta: between the rates of an order up to ×(\S+),", text)
    assert float(ends[0].replace(",", "")) >= float(f"{high / low:.3g}") * 0.99


def test_words_of_affine(tables):
    rows = joined(tables, "outcomes", regime="clean", norm="batch")
    loss = medians(rows[rows["lr"] <= 3], "final_loss", "lr")
    rate = min(loss, key=loss.get)
    assert f"batch norm, ReLU: loss {measured(loss[rate])} at {setting(rate[0])}, accuracy" in words(tables, "affine")


def test_words_and_panels_of_starts(tables):
    own = renamed(tables, frozen="gamma0_01", none="beta0_3")
    own["cells"] = own["cells"][own["cells"]["lr"] <= LR]
    found = medians(joined(own, "losses", regime="clean", lr=LR), "loss", "norm", "step")
    told = f"γ = 0.1, ReLU: {measured(found['gamma0_01', 0])}, {measured(found['gamma0_01', 90])} and "
    assert told + measured(found["gamma0_01", 990]) in words(own, "starts")
    titles = [axes.get_title(loc="left") for axes in drawn(own, "starts")]
    assert titles == ["gamma far off, ReLU, not judged", "beta far off, ReLU, not judged"]


def batches(tables):
    """Return the study as if sorted samples were dealt by labels, and tuning seeds had batches of another size."""
    cells, known = tables["cells"], tables["heterogeneity"]
    cells = cells.assign(
        order=cells["order"].replace("sorted", "blocked"),
        batch_size=np.where(cells["role"] == "tuning", 16, 60),
        seed=cells["seed"] % 1000,
        role="judged",
    )
    cells = cells[(cells["batch_size"] == 60) | (cells["order"] == "reshuffle")]
    small = known[known["order"] == "reshuffle"].assign(batch_size=16, measured=known["measured"] * 4)
    known = pd.concat([known.assign(order=known["order"].replace("sorted", "blocked")), small])
    outcomes = tables["outcomes"].assign(memorised=False)
    return {**tables, "cells": cells, "outcomes": outcomes, "heterogeneity": known}


def test_words_of_batches(tables):
    own = batches(tables)
    cells = own["cells"]
    own["cells"] = cells[cells["lr"] == LR]
    rows = joined(own, "outcomes", regime="clean", norm="batch", batch_size=60, order="blocked")
    fall = -rows["late_slope"] * 0.2 * 1000 / rows["late_loss"]
    text = words(own, "batches")
    (part,) = re.findall(r"batch norm, clean data, order varied: ([^;]*)", text)
    assert part.endswith(f"and blocked {measured(statistics.median(fall))}") and part.startswith("reshuffle")
    assert re.search(r"batch size varied: 60 samples \S+ and 16 samples", text)


def test_a_run_that_diverged_falls_by_nothing_and_memorised_windows_are_left_out(tables):
    own = batches(tables)
    own["cells"] = own["cells"][own["cells"]["lr"] == LR]
    cells = own["cells"]
    some = cells["cell"][(cells["norm"] == "batch") & (cells["regime"] == "clean") & (cells["seed"] == 0)]
    outcomes = own["outcomes"]
    lost = {
        **own,
        "outcomes": outcomes.assign(diverged_step=outcomes["diverged_step"].mask(outcomes["cell"].isin(some), 5.0)),
    }
    frame = REGISTRY["batches"].data(lost, RULES)
    gone = frame[(frame["norm"] == "batch") & (frame["regime"] == "clean") & (frame["seed"] == 0)]
    assert len(gone) and (gone["fall"] == 0).all() and (frame["fall"] != 0).any()
    known = {**own, "outcomes": outcomes.assign(memorised=outcomes["cell"].isin(some))}
    frame = REGISTRY["batches"].data(known, RULES)
    assert not ((frame["norm"] == "batch") & (frame["regime"] == "clean")).any()
    assert set(frame["norm"]) == {"batch", "none"}


def test_words_of_regression(tables):
    cells = tables["cells"]
    single = cells.assign(order=cells["order"].replace("sorted", "single"))
    small = single["batch_size"].where(single["regime"] == "fresh", 57)
    own = {**tables, "cells": single.assign(batch_size=small, regime="clean")}
    own["cells"] = own["cells"][(own["cells"]["batch_size"] == 57) | (own["cells"]["order"] == "reshuffle")]
    text = words(own, "regression")
    for size, order, column, told in (
        (60, "reshuffle", "excess", "full batch"),
        (57, "reshuffle", "excess", "reshuffled"),
        (57, "single", "excess", "shuffled once"),
        (57, "single", "distorted", "optimum of these"),
    ):
        (value,) = medians(joined(own, "regression", lr=LR, order=order, batch_size=size), column, "lr").values()
        assert f"{told} {measured(value)}" in text.split("learning rate 0.3: ")[1]


@pytest.mark.parametrize("name", ["affine", "starts"])
def test_figures_by_nonlinearity_tell_networks_apart(tables, name):
    cells = tables["cells"]
    twins = cells.assign(cell=cells["cell"] + len(cells), model="mlp_sigmoid", activation="sigmoid")
    twice = {
        key: pd.concat([rows, rows.assign(cell=rows["cell"] + len(cells))])
        for key, rows in tables.items()
        if "cell" in rows
    }
    if name == "starts":
        cells, twins = (each.assign(norm=each["norm"].replace("none", "gamma0_3")) for each in (cells, twins))
        cells, twins = (each[each["lr"] == LR] for each in (cells, twins))
    frame = REGISTRY[name].data({**tables, **twice, "cells": pd.concat([cells, twins])}, RULES)
    assert set(frame["activation"]) == {"relu", "sigmoid"}
    text = REGISTRY[name].describe(frame)
    assert "sigmoid: " in text and "ReLU: " in text
