"""Attach to any PyTorch model in training, and see how the inputs of its layers drift.

`ShiftRecorder` looks at a model and changes nothing; a `Recording` is what it saw, on disk or in memory.
"""

from normshift.recorder.recorder import ShiftRecorder
from normshift.recorder.recording import Recording, load

__all__ = ["Recording", "ShiftRecorder", "load"]
