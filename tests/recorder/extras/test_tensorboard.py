"""TensorBoard reads back what was written."""

from collections import defaultdict

import pytest

from normshift.recorder.tensorboard import scalars, write
from tests.recorder.extras.asked import only_for
from tests.recorder.trained import run

only_for("tensorboard")

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: E402

# What the library warns of is shown.
pytestmark = [pytest.mark.extra, pytest.mark.filterwarnings("default")]


def test_tensorboard_reads_the_scalars_of_a_recording(tmp_path):
    recording = run(several=True).recording
    write(recording, tmp_path)
    read = EventAccumulator(str(tmp_path)).Reload()
    expected = defaultdict(list)
    for tag, step, value in scalars(recording):
        expected[tag].append((step, value))
    assert set(read.Tags()["scalars"]) == set(expected)
    for tag, points in expected.items():
        found = [(event.step, event.value) for event in read.Scalars(tag)]
        assert [step for step, _ in found] == [step for step, _ in points]
        assert [value for _, value in found] == pytest.approx([value for _, value in points], rel=1e-6)
