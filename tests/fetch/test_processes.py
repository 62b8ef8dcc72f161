"""Fetching as people call it: what a process that is killed, full or not alone leaves behind."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.fetch import server as answers
from tests.fetch.made_up import ARRAYS, ROLES, configured, contents, idx, on_disk

ROOT = Path(__file__).parents[2]
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]  # in which anyone may mount a small disk


@pytest.fixture
def fetching(checkout, server):
    """Start fetching the tiny set in a checkout whose only code for it is conf/data/tiny.yaml."""
    configured(checkout / "conf")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "NORMSHIFT_DATA_MIRROR": server.address}
    environment["NORMSHIFT_DATA_ROOT"] = str(checkout / "cache")

    def started(*arguments, before=(), **variables):
        command = [*before, sys.executable, "-m", "normshift.fetch", "data=tiny", "--root", "out", *arguments]
        return subprocess.Popen(
            command, env=environment | variables, stderr=subprocess.PIPE, text=True, preexec_fn=interruptible
        )

    return started


def interruptible():
    """Hear an interrupt, even where the tests run in the background, where a shell silences it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def ended(process):
    """Return the exit code and the lines that say a fault."""
    lines = process.communicate(timeout=120)[1].splitlines()
    return process.returncode, [line for line in lines if line.startswith("fetch: ") and not line.endswith("data/raw")]


def left(folder):
    return {path.name for path in folder.iterdir()} - {".lock"} if folder.exists() else set()


@pytest.mark.slow
def test_a_set_of_a_known_format_needs_no_code(fetching, checkout):
    assert ended(fetching()) == (0, [])
    raw = checkout / "out" / "data" / "raw"
    both = np.concatenate([ARRAYS["train_images"], ARRAYS["test_images"]])
    np.testing.assert_array_equal(np.load(raw / "images.npy"), both.reshape(150, 20))
    assert left(raw) == {"images.npy", "labels.npy", "source.json"} and left(raw.parent) == {"raw"}


@pytest.mark.slow
def test_without_the_files_one_line_says_what_to_do_and_nothing_is_left(fetching, checkout, server):
    server.answers = [answers.status(404)]
    code, (line,) = ended(fetching())
    assert code == 1
    assert re.match(
        rf"fetch: tiny: {re.escape(ROLES['test_images'])} could not be had: .* answered 404 .*: check", line
    )
    assert left(checkout / "out" / "data") == set() and left(checkout / "cache" / "tiny") == set()


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_download_starts_anew_and_leaves_no_half_file(fetching, checkout, server, end):
    server.answers = [answers.stall, answers.whole]
    first = fetching()
    assert server.stalled.wait(60)
    first.send_signal(end)
    code, lines = ended(first)
    assert code == (130 if end == signal.SIGINT else -end)
    assert lines == (["fetch: interrupted; the same command goes on where it stopped"] if end == signal.SIGINT else [])
    assert left(checkout / "cache" / "tiny").isdisjoint(ROLES.values())
    assert ended(fetching()) == (0, [])
    assert left(checkout / "cache" / "tiny") == set(ROLES.values())


@pytest.mark.slow
def test_of_two_processes_one_downloads(fetching, checkout, server):
    server.answers = [answers.slow]
    both = [fetching("--root", f"out_{number}") for number in range(2)]
    assert [ended(process) for process in both] == [(0, [])] * 2
    assert server.asked == {f"/tiny/{name}": 1 for name in ROLES.values()}
    assert left(checkout / "cache" / "tiny") == set(ROLES.values())


@pytest.mark.slow
@pytest.mark.skipif(
    not shutil.which("unshare") or subprocess.run([*NAMESPACE, "true"], stderr=subprocess.DEVNULL).returncode != 0,
    reason="no small disk can be mounted here",
)
@pytest.mark.parametrize("full", ["cache", "out"])
@pytest.mark.parametrize("by_network", [True, False], ids=["server", "folder"])
def test_a_full_disk_is_said_with_the_place_and_holds_no_half_file(fetching, checkout, server, full, by_network):
    images = np.random.default_rng(0).integers(0, 256, (120, 100, 100), np.uint8)
    large = contents() | {"train_images": idx(images), "test_images": idx(images[:30])}
    configured(checkout / "conf", large, [1, 100, 100])
    mirror = on_disk(checkout / "mirror")
    for role, content in large.items():
        server.files[f"/tiny/{ROLES[role]}"] = content
        (mirror / "tiny" / ROLES[role]).write_bytes(content)
    (checkout / full).mkdir()
    script = (
        f'mount -t tmpfs -o size=256k tmpfs {full} && {{ "$@"; code=$?; find {full} -type f -size +0; exit $code; }}'
    )
    where = {} if by_network else {"NORMSHIFT_DATA_MIRROR": str(mirror)}
    process = fetching(before=[*NAMESPACE, "sh", "-c", f"{{ {script}; }} >&2", "sh"], **where)
    lines = process.communicate(timeout=120)[1].splitlines()
    place = checkout / ("cache/tiny/" + ROLES["test_images"] if full == "cache" else "out/data/raw")
    assert process.returncode == 1
    assert f"fetch: no space left on the disk while writing {place}: free some and run the same command again" in lines
    kept = [line for line in lines if line.startswith(full)]
    assert kept == ([] if full == "cache" else ["out/build/config.json"])
