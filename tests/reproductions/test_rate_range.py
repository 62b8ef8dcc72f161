import numpy as np
import pandas as pd
import pytest

from normshift.params import Refused
from normshift.reproductions import rate_range
from normshift.reproductions.run import Run

RATES = (0.1, 1.0, 10.0)


def run(top, depth=10):
    """Return a run of which each (arm, seed) trains up to a rate, the next learns nothing, and the last diverges."""
    cells, outcomes = [], []
    for (norm, seed), highest in top.items():
        for lr in RATES:
            number = len(cells)
            cells.append({"cell": number, "norm": norm, "seed": seed, "lr": lr, "model": "net", "depth": depth})
            trains, lost = lr <= highest, lr > 10 * highest
            diverged, accuracy = (3.0 if lost else np.nan), (0.9 if trains or lost else 0.1)
            own = {"cell": number, "span": "all", "diverged_step": diverged, "learning_accuracy": accuracy}
            outcomes += [own, own | {"span": "half", "diverged_step": 0.0}]
    return Run([], None, {"cells": pd.DataFrame(cells), "outcomes": pd.DataFrame(outcomes)}, [])


def test_the_ratio_is_that_of_the_highest_rates_that_train_seed_by_seed():
    lines, tables = rate_range.found(run({("none", 0): 0.1, ("none", 1): 1.0, ("batch", 0): 10.0, ("batch", 1): 1.0}))
    told = {line.says.split(": ")[1].split(",")[0]: line for line in lines}
    assert told["with / without batch norm"].found == pytest.approx([100.0, 1.0])
    assert told["with / without batch norm"].low == 3.0
    shares = pd.DataFrame(tables["trains"]).set_index(["norm", "lr"])["trains"]
    assert shares["none"].tolist() == [1.0, 0.5, 0.0] and shares["batch"].tolist() == [1.0, 1.0, 0.5]


def test_of_a_shallow_network_nothing_is_claimed_and_what_never_trains_is_missing():
    lines, _ = rate_range.found(run({("none", 0): 0.01, ("batch", 0): 1.0}, depth=3))
    (ratio,) = (line for line in lines if "with / without" in line.says)
    assert ratio.found == [None] and ratio.passed is None


def test_a_run_without_one_of_the_arms_is_refused_in_a_line():
    with pytest.raises(Refused, match="norm=none: missing: the ratio is of both arms"):
        rate_range.found(run({("batch", 0): 1.0}))
