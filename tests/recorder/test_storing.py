"""A recording is on disk what it was in memory, whatever happens to the run."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from normshift import ShiftRecorder
from normshift.recorder import load
from normshift.recorder.storing import BadRecording
from tests.recorder.models import CASES
from tests.recorder.trained import proceed, run

ROOT = Path(__file__).parents[2]


def equal(one, other) -> bool:
    same = one.about == other.about and one.layers == other.layers and one.steps == other.steps
    names = [sorted(one.snapshots[step]) == sorted(other.snapshots[step]) for step in one.steps]
    arrays = [
        np.array_equal(array, other.snapshots[step][name], equal_nan=True)
        for step in one.steps
        for name, array in one.snapshots[step].items()
    ]
    return same and all(names) and all(arrays)


@pytest.mark.parametrize("name", ["cnn", "lstm", "mlp"])
def test_a_saved_recording_is_what_it_was(name, tmp_path):
    recorder = run(name, several=True, epoch=6, modes=("batch", "ema", "population"))
    path = recorder.save(tmp_path / "folder" / "run")
    assert sorted(one.name for one in path.parent.iterdir()) == ["run.json", "run.npz"]
    read = load(path)
    assert equal(read, recorder.recording)
    for table, rows in recorder.tables().items():
        pd.testing.assert_frame_equal(read.tables()[table], rows)


def test_the_same_run_gives_the_same_bytes(tmp_path):
    one, other = (run().save(tmp_path / name).read_bytes() for name in ("one", "other"))
    assert one == other


def test_arrays_are_open_to_numpy_and_the_rest_to_json(tmp_path):
    path = run().save(tmp_path / "run.npz")
    with np.load(path, allow_pickle=False) as arrays:
        assert len(arrays["moments.batch.1"]) == len(arrays["steps.moments.batch"])
        assert np.isfinite(arrays["losses"]).all()
    about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert [layer["name"] for layer in about["layers"]] == ["0.1", "2"]


def test_a_run_that_is_killed_leaves_what_it_saw(tmp_path):
    command = [sys.executable, "-m", "tests.recorder.killed", str(tmp_path)]
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    with subprocess.Popen(command, cwd=ROOT, env=paths, stdout=subprocess.PIPE, text=True) as running:
        for _ in range(6):
            assert running.stdout.readline()
        os.kill(running.pid, signal.SIGKILL)
    recording = load(tmp_path / "run.npz")
    assert {0, 1, 2, 3, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21} <= set(recording.steps)
    assert np.isfinite(recording.losses).all() and len(recording.losses) == recording.steps[-1]
    shifts = recording.tables()["shifts"]
    assert {"step", "ten", "start"} <= set(shifts["horizon"])
    assert equal(load(recording.save(tmp_path / "saved")), recording)


def test_a_file_that_was_being_written_is_passed_over(tmp_path):
    recording = run(path=tmp_path / "run.npz").recording
    (tmp_path / "run.parts" / "000000000099.npz.writing").write_bytes(b"half of it")
    assert load(tmp_path / "run.npz").steps == recording.steps


def test_saving_ends_what_was_kept_for_a_crash(tmp_path):
    recorder = run(path=tmp_path / "run.npz")
    assert (tmp_path / "run.parts").is_dir()
    recorder.save(tmp_path / "run.npz")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["run.json", "run.npz"]


def test_a_run_that_goes_on_after_it_was_saved_keeps_everything_for_a_crash(tmp_path):
    case = CASES["cnn"]
    model = case.model()
    recorder = ShiftRecorder(model, case.probe, every=4, path=tmp_path / "run.npz")
    proceed(recorder, model, case, 6)
    recorder.save(tmp_path / "half")
    proceed(recorder, model, case, 6)
    assert equal(load(tmp_path / "run.npz"), recorder.recording)
    recorder.save(tmp_path / "run")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["half.json", "half.npz", "run.json", "run.npz"]


def test_what_a_run_left_that_was_cut_off_is_not_overwritten(tmp_path):
    run(path=tmp_path / "run.npz")
    with pytest.raises(ValueError, match="run.parts is of a run that was cut off: load and save it"):
        run(path=tmp_path / "run.npz")


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(BadRecording, match=r"run.npz is missing"):
        load(tmp_path / "run")
    path = run().save(tmp_path / "run")
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(BadRecording, match=r"run.npz cannot be read"):
        load(path)


def test_beyond_its_memory_a_recording_drops_late_points_and_no_loss(tmp_path):
    whole = run(steps=120, every=4)
    few = run(steps=120, every=4, memory=0.08, path=tmp_path / "few.npz")
    kept = few.recording
    assert kept.bytes <= 0.08 * 2**20 < whole.recording.bytes
    assert set(kept.steps) < set(whole.recording.steps)
    assert {0, 1, 2, 3, 8, 9, 10, 18, 32, 33, 42, 120} <= set(kept.steps)
    np.testing.assert_array_equal(kept.losses, whole.recording.losses)
    assert equal(load(tmp_path / "few.npz"), kept)
    assert len(kept.tables()["shifts"]) > 100
