"""The callback of Lightning sees what a recorder in a plain loop sees, and changes nothing."""

import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from normshift import ShiftRecorder
from tests.recorder.extras.asked import only_for

only_for("lightning")

import lightning.pytorch as pl  # noqa: E402

from normshift.recorder.lightning import ShiftCallback  # noqa: E402

# What Lightning warns of (few workers, no logger) is shown.
pytestmark = [pytest.mark.extra, pytest.mark.filterwarnings("default")]
STEPS, BATCH, RATE = 24, 16, 0.1
PROBE = torch.randn(32, 6, generator=torch.Generator().manual_seed(2))


class Network(pl.LightningModule):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 3))

    def forward(self, inputs):
        return self.layers(inputs)

    def training_step(self, batch, _):
        inputs, labels = batch
        return functional.cross_entropy(self(inputs), labels)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=RATE)


def data() -> TensorDataset:
    draw = torch.Generator().manual_seed(1)
    return TensorDataset(
        torch.randn(STEPS * BATCH, 6, generator=draw), torch.randint(3, (STEPS * BATCH,), generator=draw)
    )


def fitted(folder, *callbacks, **how):
    model = Network()
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    trainer = pl.Trainer(
        accelerator="cpu", max_epochs=1, callbacks=list(callbacks), default_root_dir=folder, **quiet, **how
    )
    torch.manual_seed(3)
    trainer.fit(model, DataLoader(data(), BATCH))
    return model


def looped(accumulated: int = 1) -> ShiftRecorder:
    model = Network()
    optimizer = model.configure_optimizers()
    recorder = ShiftRecorder(model, PROBE, every=8)
    torch.manual_seed(3)
    sums = torch.zeros(())
    for number, batch in enumerate(DataLoader(data(), BATCH), 1):
        loss = model.training_step(batch, number) / accumulated
        loss.backward()
        sums = sums + loss.detach()
        if number % accumulated == 0:
            optimizer.step()
            optimizer.zero_grad()
            recorder.step(sums)
            sums = torch.zeros(())
    return recorder


@pytest.mark.parametrize("accumulated", [1, 3])
def test_the_callback_records_what_a_plain_loop_records(tmp_path, accumulated):
    callback = ShiftCallback(PROBE, every=8)
    fitted(tmp_path, callback, accumulate_grad_batches=accumulated)
    found, expected = callback.recorder.tables(), looped(accumulated).tables()
    assert callback.recorder.recording.steps[-1] == STEPS // accumulated
    assert found["losses"]["training_loss"].notna().sum() > 2 and not found["shifts"].empty
    for name, table in expected.items():
        pd.testing.assert_frame_equal(found[name], table, rtol=1e-6)


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_training_is_bit_identical_with_the_callback(tmp_path, precision):
    plain = fitted(tmp_path, precision=precision)
    watched = fitted(tmp_path, ShiftCallback(PROBE, every=8), precision=precision)
    for name, value in plain.state_dict().items():
        assert torch.equal(value, watched.state_dict()[name]), name


def test_the_callback_looks_at_the_trainers_precision(tmp_path):
    whole, half = ShiftCallback(PROBE, every=8), ShiftCallback(PROBE, every=8)
    fitted(tmp_path, whole, precision="32-true", max_steps=1)
    fitted(tmp_path, half, precision="bf16-mixed", max_steps=1)
    first = [one.recorder.recording.snapshots[0]["moments.batch.1"] for one in (whole, half)]
    assert abs(first[0] - first[1]).max() > 1e-5  # weights are the same: it is rounding to 8 bits
