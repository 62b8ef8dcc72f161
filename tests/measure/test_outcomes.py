import dataclasses
import math

import numpy as np
import pytest

from normshift.measure.losses import losses
from normshift.measure.outcomes import increases, outcomes, slope
from normshift.measure.targets import targets

from .compare import finite, same
from .made_up import POINTS, RULES, STEPS, group

KINDS = pytest.mark.parametrize("kind", ["none", "batch", "layer"])


def _mean(values):
    return sum(values) / len(values)


def _row(seen, place, cell, span):
    record = {
        name: finite(seen.record[name][place])
        for name in seen.record
        if name not in ("kept", "points", "full", "epoch", "eps")
    }
    steps = STEPS if span == "all" else STEPS // 2
    loss = record["training_loss"].tolist()[:steps]
    diverged = 0 <= record["diverged_step"] < steps
    accuracy = _mean(record["training_accuracy"].tolist()[steps - 20 : steps])
    if cell.order in ("sorted", "blocked"):
        at = max(point for point, step in enumerate(POINTS) if step < steps)
        accuracy = float(record["final_subset_accuracy"] if span == "all" else record["subset_accuracy"][at])
    ends = [(step, value) for step, value in enumerate(loss) if step >= 0.8 * steps]
    late = _mean([value for _, value in ends])
    rose = [later > earlier for earlier, later in zip(loss, loss[1:], strict=False)]
    test = record["test_accuracy"] if span == "all" else [math.nan] * 3
    return {
        "cell": cell.cell,
        "span": span,
        "diverged_step": record["diverged_step"] if diverged else math.nan,
        "learning_accuracy": accuracy,
        "learned": not diverged and bool(accuracy >= {"clean": 0.9, "fresh": 0.75}[cell.regime]),
        "final_loss": _mean(loss[-20:]),
        "area": math.nan if diverged else _mean(loss),
        "late_loss": late,
        "late_slope": math.nan if math.isnan(late) else np.polyfit(*zip(*ends, strict=True), 1)[0],
        "memorised": bool(late <= 0.05),
        "increases": math.nan if diverged else _mean(rose),
        "test_accuracy_batch": test[0],
        "test_accuracy_ema": test[1],
        "test_accuracy_population": test[2],
    }


@KINDS
def test_outcomes_equal_a_plain_loop(kind):
    seen = group(kind)
    cells = list(enumerate(seen.cells.itertuples()))
    rows = [_row(seen, place, cell, span) for place, cell in cells for span in ("all", "half")]
    same(outcomes(seen, RULES), rows, "outcomes", ("cell", "span"))
    assert {row["learned"] for row in rows} == {True, False}


def test_a_run_whose_last_update_diverges_has_not_learned_and_has_no_area():
    seen = group("batch")
    seen.record["diverged_step"][0] = STEPS - 1
    seen.record["training_accuracy"][0] = 1.0
    row = outcomes(seen, RULES).iloc[0]
    assert (row["learning_accuracy"], row["learned"]) == (1.0, False)
    assert np.isnan(row["area"]) and np.isnan(row["increases"]) and row["final_loss"] > 0


def test_a_late_loss_at_the_line_is_memorised():
    seen = group("batch")
    seen.record["training_loss"][0] = 0.0625
    assert outcomes(seen, dataclasses.replace(RULES, memorised=0.0625))["memorised"].iloc[0]
    assert not outcomes(seen, RULES)["memorised"].iloc[0]


def test_one_step_neither_rises_nor_falls():
    assert np.isnan(increases(np.ones((2, 1)))).all()
    assert np.isnan(slope(np.ones((2, 3)), np.array([False, False, True]))).all()


def test_a_run_that_stays_at_chance_to_its_end_has_not_learned():
    """The last clause of divergence: guessing over the last tenth of the run (measurement: claims, C27)."""
    seen = group("batch")
    seen.record["training_accuracy"][0] = 1.0
    seen.record["training_accuracy"][0, -max(20, STEPS // 10) :] = 0.1
    assert not outcomes(seen, RULES)["learned"].iloc[0]


@KINDS
def test_targets_equal_a_plain_loop(kind):
    seen = group(kind)
    rows = []
    for place, cell in enumerate(seen.record["cell"]):
        loss = seen.record["training_loss"][place].astype(float).tolist()
        for level in RULES.levels:
            ends = (step for step in range(19, STEPS) if _mean(loss[step - 19 : step + 1]) <= level)
            rows.append({"cell": cell, "level": level, "step": next(ends, math.nan)})
    same(targets(seen, RULES), rows, "targets", ("cell", "level"))
    assert {math.isnan(row["step"]) for row in rows} == {True, False}


def test_a_run_shorter_than_the_mean_reaches_nothing():
    seen = group("batch")
    seen.record["training_loss"] = np.zeros((5, 19), np.float32)
    assert targets(seen, RULES)["step"].isna().all()


@KINDS
def test_losses_equal_a_plain_loop(kind):
    seen = group(kind)
    rows = []
    for place, cell in enumerate(seen.record["cell"]):
        loss = finite(seen.record["training_loss"][place]).tolist()
        for number, step in enumerate(POINTS):
            since = loss[POINTS[number - 1] : step] if number else loss[:1]
            rows.append(
                {
                    "cell": cell,
                    "step": step,
                    "loss": seen.record["subset_loss"][place, number],
                    "accuracy": seen.record["subset_accuracy"][place, number],
                    "training_loss": _mean(since),
                }
            )
    same(losses(seen, RULES), rows, "losses", ("cell", "step"))
