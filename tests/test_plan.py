from pathlib import Path

import pytest

from normshift.configure.resolve import resolved
from normshift.configure.sources import sources
from normshift.grid import planned
from normshift.plan import IMAGES, OBSERVING, duration, placed, plan, sentence, weight
from tests.engines.clusters import engine

FOUND = sources(Path(__file__).parents[1])


DIGITS = resolved(FOUND, ["studies=[core]"]).data


def core(*overrides: str):
    return resolved(FOUND, ["studies=[core]", "profile=full", *overrides], single=True).studies["core"]


def test_core_is_as_much_as_it_says():
    amount = plan(core())
    assert (amount.cells, amount.cell_steps) == (1152, 1_152_000)
    assert amount.work == pytest.approx(1152 * (1000 + OBSERVING))


def test_the_reference_network_weighs_one():
    # 64-100-100-100-10: multiply-adds per sample, counted layer by layer
    reference = 64 * 100 + 100 * 100 + 100 * 100 + 100 * 10
    deeper = 64 * 50 + 4 * 50 * 50 + 50 * 10
    assert weight(core().cell) == 1
    amount = plan(core("model.depth=5", "model.width=50", "batch_size=30"))
    assert amount.work == pytest.approx(1152 * (1000 + OBSERVING) * deeper * 30 / (reference * 60))


def test_more_inputs_are_more_products_and_networks_of_images_cost_as_timed():
    one, many = (weight(core().cell, inputs) for inputs in (64, 784))
    assert many / one == pytest.approx((784 * 100 + 2 * 100 * 100 + 1000) / (64 * 100 + 2 * 100 * 100 + 1000))
    lenet = core("data=mnist", "model=lenet", "batch_size=120").cell
    assert weight(lenet, 28 * 28) == 2 * IMAGES["lenet"][0]
    cells, observed = 1152, IMAGES["lenet"][1]
    assert plan(core("data=mnist", "model=lenet"), 28 * 28).work == pytest.approx(
        cells * (1000 + observed) * IMAGES["lenet"][0]
    )


def test_a_start_from_the_end_of_another_run_is_two_runs_and_observed_once():
    amount = plan(core("norm=[batch,start_final]", "order=sorted", "regime=clean", "lr=0.1"))
    assert (amount.cells, amount.cell_steps) == (32, 16 * 3000)
    assert amount.work == pytest.approx(16 * (1000 + OBSERVING) + 16 * (2000 + OBSERVING))


def test_a_replay_counts_the_training_of_its_source():
    plain, replaying = (plan(core(f"norm={name}")) for name in ("batch", "yoked_1"))
    assert (replaying.cells, replaying.cell_steps) == (plain.cells, 2 * plain.cell_steps)
    assert replaying.work == pytest.approx(plain.work * (2000 + OBSERVING) / (1000 + OBSERVING))


def test_a_single_cell_is_one_cell():
    study = core("norm=batch", "lr=0.1", "order=sorted", "regime=clean", "seed=0", "steps=10")
    assert sentence(study, DIGITS, engine("local")).startswith("1 cell, 10 cell-steps, about 8 s on ")


def test_more_workers_elsewhere_take_less_time():
    seconds = [sentence(core(), DIGITS, engine("dask", workers)).partition("about ")[2] for workers in (1, 100)]
    assert seconds[0].endswith("on 1 core") and seconds[1].endswith("on 100 cores")
    assert int(seconds[1].split()[0]) < 20 < 60 * int(seconds[0].split()[0]) and seconds[0].split()[1] == "min"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (engine("local", 3), "engine local: 3 workers, 4 GiB together; finished cells in build/cells"),
        (
            engine("dask", 1, address="tls://head:8786", store="s3://bucket/cells"),
            "engine dask: 1 worker of tls://head:8786, 4 GiB each; finished cells in s3://bucket/cells",
        ),
        (
            engine("dask", None, address="tcp://127.0.0.1:8786"),
            "engine dask: the workers of tcp://127.0.0.1:8786, 4 GiB each; finished cells in build/cells",
        ),
        (engine("slurm", 16, memory=2.5), "engine slurm: 16 workers, 2.5 GiB each; finished cells in build/cells"),
    ],
)
def test_who_trains_is_said(settings, said):
    assert placed(settings) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "1 s"), (89, "89 s"), (90, "2 min"), (3599, "60 min"), (7200, "2.0 h")]
)
def test_durations_are_said_as_people_say_them(seconds, said):
    assert duration(seconds) == said


def test_what_profiles_cost_is_documented():
    text = (Path(__file__).parents[1] / "docs" / "training.md").read_text(encoding="utf-8")
    for profile in ("full", "thorough"):
        studies = resolved(FOUND, [f"profile={profile}"]).studies.values()
        cells = {point.cell for study in studies for point in planned(study)}  # of two studies trained once
        steps = sum(cell.updates * weight(cell) for cell in cells)
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{profile}` |")]
        assert f"| {len(cells):,} | {steps / 1e6:.1f} million |" in row
