"""Trains with a recorder until it is killed: `python -m tests.recorder.killed FOLDER`. Prints a line per update."""

import sys
from pathlib import Path

from normshift import ShiftRecorder
from tests.recorder.models import CASES
from tests.recorder.trained import proceed

if __name__ == "__main__":
    case = CASES["cnn"]
    model = case.model()
    recorder = ShiftRecorder(model, case.probe, every=4, path=Path(sys.argv[1]) / "run.npz")
    while True:
        proceed(recorder, model, case, 4)
        print("four updates", flush=True)
