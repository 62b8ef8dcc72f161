"""The stage's pieces around training: tasks, gathering, progress, worker processes."""

import dataclasses
import logging
import os
import re
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from normshift import records, tables
from normshift.crew import Crew, Died, Done, Lost, Unlike
from normshift.engines.store import Folder
from normshift.grid import Planned
from normshift.params import Refused, Train
from normshift.train import finish, gather, progress, tasks, worker
from normshift.train.digest import digests
from normshift.train.finish import finished
from normshift.train.stacks import work
from normshift.train.where import machine
from tests.engines.clusters import engine
from tests.train.made_up import cell, shuffled

ROOT = Path(__file__).parents[2]
HERE = Train("stacked", "cpu")
CELLS = [cell(norm, lr=lr, seed=seed) for norm in ("none", "batch") for lr in (0.1, 0.3) for seed in (0, 1)]


MACHINE = machine("cpu")
CREW = Crew(1, 2**32, MACHINE, run=lambda work, tasks: iter(()))


def planned(cells, addresses, data, store, crew=CREW) -> list[worker.Task]:
    todo = tasks.missing(cells, addresses, store)
    return tasks.stacked(todo, lambda cell: 32, data, store, HERE, crew) if todo else []


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """What `shuffle` would have written."""
    folder, made = tmp_path_factory.mktemp("shuffled"), shuffled(range(2), steps=30)
    np.save(folder / "inputs.npy", made.inputs)
    np.save(folder / "labels.npy", made.labels)
    np.savez(folder / "splits.npz", **made.splits)
    (folder / "streams").mkdir()
    np.savez(folder / "streams" / "reshuffle-16.npz", **made.streams["reshuffle", 16])
    return folder


@pytest.fixture
def addresses(data) -> list[str]:
    return digests(CELLS, worker.opened(data, CELLS), HERE, MACHINE)


def test_only_what_is_not_stored_is_a_task_and_the_longest_comes_first(data, addresses, tmp_path):
    Folder(tmp_path).put(addresses[0], {"epoch": np.array(1)})
    todo = planned(CELLS, addresses, data, Folder(tmp_path))
    assert [len(task.cells) for task in todo] == [4, 3] and todo[0].cells[0].norm.name == "batch"
    assert {digest for task in todo for digest in task.digests} == set(addresses[1:])
    for digest in addresses:
        Folder(tmp_path).put(digest, {"epoch": np.array(1)})
    assert planned(CELLS, addresses, data, Folder(tmp_path)) == []


def test_a_worker_stores_what_training_records(data, addresses, tmp_path):
    for task in planned(CELLS, addresses, data, Folder(tmp_path)):
        assert worker.run(task) == task.digests
    files = dict(gather.gathered(CELLS, lambda number: Folder(tmp_path).take(addresses[number])))
    assert set(files) == {"small-3x20-none-16-30", "small-3x20-batch-16-30"}
    assert files["small-3x20-batch-16-30"]["cell"].tolist() == [4, 5, 6, 7]
    assert files["small-3x20-batch-16-30"]["training_loss"].shape == (4, 30)
    for name, record in files.items():
        records.write(record, tmp_path / f"{name}.npz")
        assert records.read(tmp_path / f"{name}.npz").keys() == record.keys()


def test_a_worker_without_the_disk_is_lent_the_data_by_the_store(data, addresses, tmp_path):
    far = dataclasses.replace(CREW, far=True)
    lent, near = (
        planned(CELLS, addresses, data, Folder(tmp_path), far),
        planned(CELLS, addresses, data, Folder(tmp_path)),
    )
    assert [task.digests for task in lent] == [task.digests for task in near] and near[0].data == data.resolve()
    assert [name for name, _ in lent[0].data] == ["inputs.npy", "labels.npy", "splits.npz", "streams/reshuffle-16.npz"]
    worker.run(lent[0])
    own = {digest: Folder(tmp_path).path(digest).read_bytes() for digest in lent[0].digests}
    worker.run(near[0])
    assert own == {digest: Folder(tmp_path).path(digest).read_bytes() for digest in lent[0].digests}


def test_lent_data_that_were_altered_are_refused(data, addresses, tmp_path):
    task = planned(CELLS, addresses, data, Folder(tmp_path), dataclasses.replace(CREW, far=True))[0]
    path = tmp_path / "lent" / task.data[1][1]
    path.write_bytes(path.read_bytes()[:-1])
    worker._brought.cache_clear()
    with pytest.raises(records.BadRecord, match="is altered: run the same command again"):
        worker.run(task)


@pytest.mark.parametrize("key", ["code", "torch", "processor"])
def test_what_is_not_as_it_was_when_the_task_was_made_trains_nothing(data, addresses, tmp_path, key):
    task = planned(CELLS, addresses, data, Folder(tmp_path))[0]
    with pytest.raises(Unlike, match=f"^{key} .* instead of another: the same code, libraries and processor"):
        worker.run(dataclasses.replace(task, where={**task.where, key: "another"}))
    assert not list(tmp_path.rglob("*.npz"))


def test_cells_are_addressed_by_the_machine_that_trains_them(data, addresses, tmp_path, monkeypatch):
    other = {**MACHINE, "processor": "another"}
    elsewhere = digests(CELLS, worker.opened(data, CELLS), HERE, other)
    Folder(tmp_path).put(elsewhere[0], {"epoch": np.array(1)})
    given = []
    crew = Crew(1, 2**32, other, run=lambda work, tasks: iter(given.extend(tasks) or ()))
    monkeypatch.setitem(finish.ENGINES, "local", lambda settings, needs: nullcontext(crew))
    assert finish.finished("core", CELLS, data, Folder(tmp_path), HERE, engine("local")) == elsewhere
    assert {digest for task in given for digest in task.digests} == set(elsewhere[1:])
    assert all(task.where["processor"] == "another" for task in given) and not set(elsewhere) & set(addresses)


def test_a_start_from_the_end_of_another_run_is_work_for_two():
    assert work([cell("start_final")]) == 2 * work([cell("batch")])


@pytest.mark.parametrize("late", [{"steps": 31}, {"seed": 7}])
def test_a_cell_that_shuffle_did_not_know_of_is_refused(data, late):
    with pytest.raises(records.BadRecord, match="older than the configuration"):
        worker.opened(data, [cell(**late)])


@pytest.mark.parametrize("name", ["splits.npz", "streams/reshuffle-16.npz", "inputs.npy", "labels.npy"])
def test_cut_data_are_said_in_one_line(data, tmp_path, name):
    shutil.copytree(data, tmp_path / "cut")
    whole = (data / name).read_bytes()
    (tmp_path / "cut" / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(records.BadRecord, match=f"{name} cannot be read"):
        worker.opened(tmp_path / "cut", CELLS)


def test_every_cell_has_its_row():
    points = [Planned(one, "judged") for one in CELLS]
    table = tables.checked(gather.cells_table(points, list("abcdefgh")), "cells")
    assert table["lr"].tolist() == [one.lr for one in CELLS]
    assert table["record"].nunique() == 2 and table["norm"].tolist() == ["none"] * 4 + ["batch"] * 4


def test_cells_that_kill_their_worker_are_named_one_line_each(data, addresses, tmp_path):
    task = planned(CELLS[:2], addresses[:2], data, Folder(tmp_path))[0]
    with pytest.raises(Refused) as refused, tasks.named():
        raise Died([task])
    assert len(refused.value.lines) == 3 and all("lr=0.1" in line for line in refused.value.lines[1:])


def test_weights_are_those_that_training_ends_with(data, tmp_path):
    worker.weights(CELLS[4], data, HERE, tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz") as weights:
        assert weights["hidden.0.linear.weight"].shape == (20, 12)
        assert np.abs(weights["hidden.0.affine.beta"]).max() > 0


STACKS = [worker.Task(CELLS[:count], [], Path(), "", HERE, {}) for count in (2, 1)]
OUTCOMES = [Lost(STACKS[0]), Done(STACKS[0], []), Done(STACKS[1], [])]


def test_without_a_terminal_progress_is_a_line_a_stack(caplog):
    with caplog.at_level(logging.INFO, logger="normshift"):
        assert list(progress.shown("core", iter(OUTCOMES), 3)) == OUTCOMES
    assert [re.sub(r"[\d.]+ (cells/s|s left)", r"\1", line) for line in caplog.messages] == [
        "core: 0/3 cells, cells/s, 2 lost and tried again, none done yet",
        "core: 2/3 cells, cells/s, 2 lost and tried again, s left",
        "core: 3/3 cells, cells/s, 2 lost and tried again, s left",
    ]


@pytest.mark.parametrize(("rate", "said"), [(1234.5, "1234.5"), (1.0, "1.0"), (0.0042, "0.0042"), (0.0, "0")])
def test_a_slow_rate_is_not_said_to_be_none(rate, said):
    assert str(progress.Reached(0, rate, 0)) == f"{said} cells/s"


def test_on_a_terminal_progress_is_a_bar():
    code = "from tests.train.test_stage import OUTCOMES, progress; list(progress.shown('core', iter(OUTCOMES), 3))"
    leader, follower = os.openpty()
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "TERM": "xterm", "COLUMNS": "100"}
    subprocess.run([sys.executable, "-c", code], stderr=follower, env=environment, check=True)
    os.close(follower)
    text = os.read(leader, 100_000).decode()
    os.close(leader)
    assert "3/3" in text and "cells/s, 2 lost and tried again" in text


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/dev/full").exists(), reason="needs the right to mount a tmpfs")
def test_a_full_disk_leaves_no_half_entry(data, addresses, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60k", "tmpfs", str(small)], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        task = planned(CELLS, addresses, data, Folder(small))[0]
        with pytest.raises(OSError, match=f"No space left .*'{small}/"):
            worker.run(task)
        assert not list(small.rglob("*.part")) and not list(small.rglob("*.sum"))
        assert len(Folder(small).present(addresses)) == len(list(small.rglob("*.sha256")))
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_what_is_left_of_a_study_is_shared_among_all_workers(data, tmp_path, caplog):
    store, here = Folder(tmp_path), engine("local", 2)
    with caplog.at_level(logging.INFO, logger="normshift"):
        finished("first", CELLS[:6], data, store, HERE, here)
        caplog.clear()
        finished("all", CELLS, data, store, HERE, here)
    assert [re.sub(r", .*", "", line) for line in caplog.messages] == [
        "train all: 6 of 8 cells are stored",
        "all: 1/2 cells",
        "all: 2/2 cells",
    ]


def test_no_engine_is_started_for_what_is_stored(data, tmp_path, addresses):
    for digest in addresses:
        Folder(tmp_path).put(digest, {"epoch": np.array(1)})
    nowhere = engine("dask", address="tcp://127.0.0.1:9", patience=1.0)
    assert finished("core", CELLS, data, Folder(tmp_path), HERE, nowhere) == addresses
