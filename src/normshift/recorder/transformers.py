"""The recorder as a callback of Hugging Face's Trainer (`pip install normshift[transformers]`), known here alone."""

from typing import Any

from torch import nn
from transformers import TrainerCallback

from normshift.recorder.batch import mapped
from normshift.recorder.recorder import ShiftRecorder


class ShiftCallback(TrainerCallback):
    """Records a model while a Trainer trains it; ``probe``, ``batches`` and what else there is as of `ShiftRecorder`.

    ``recorder`` is there once training has begun. A probe is a dict of what the model takes, without ``labels``. The
    Trainer tells a callback no loss of an update: there is none in the recording.
    """

    recorder: ShiftRecorder

    def __init__(self, probe: Any, batches: Any = None, **how: Any):
        self._given, self._how = (probe, batches), how

    def on_train_begin(self, args: Any, state: Any, control: Any, *, model: nn.Module, **_: Any) -> None:
        """Attach a recorder to the model, which is on its device now."""
        probe, batches = (mapped(one, lambda tensor: tensor.to(args.device)) for one in self._given)
        self.recorder = ShiftRecorder(model, probe, batches, **self._how)

    def on_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Tell the recorder of an update, while there are gradients; accumulated batches are one."""
        self.recorder.step()
