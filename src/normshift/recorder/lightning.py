"""The recorder as a callback of Lightning (`pip install normshift[lightning]`), of which this file alone knows."""

from collections.abc import Mapping
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from normshift.recorder.batch import mapped
from normshift.recorder.recorder import ShiftRecorder


class ShiftCallback(Callback):
    """Records a module while a trainer fits it; ``probe``, ``batches`` and what else there is as of `ShiftRecorder`.

    ``recorder`` is there once training has begun. What is recorded is the module's own ``forward``, at the trainer's
    precision, on its device. Losses are those the trainer descends on: over accumulated batches their mean.
    """

    recorder: ShiftRecorder

    def __init__(self, probe: Any, batches: Any = None, **how: Any):
        self._given, self._how = (probe, batches), how

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Attach a recorder to the module, which is on its device now."""
        probe, batches = (mapped(one, lambda tensor: tensor.to(pl_module.device)) for one in self._given)
        with trainer.precision_plugin.forward_context():
            self.recorder = ShiftRecorder(pl_module, probe, batches, **self._how)
        self._updates, self._loss = trainer.global_step, None

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, outputs: Any, *_: Any) -> None:
        """Tell the recorder of the update, if this batch brought one; losses of accumulated batches add up."""
        loss = outputs.get("loss") if isinstance(outputs, Mapping) else outputs
        if isinstance(loss, Tensor):
            self._loss = loss if self._loss is None else self._loss + loss
        if trainer.global_step == self._updates:
            return
        with trainer.precision_plugin.forward_context():
            self.recorder.step(self._loss)
        self._updates, self._loss = trainer.global_step, None
