"""The callback of Hugging Face's Trainer records every update, and changes nothing."""

import numpy as np
import pytest
import torch

from normshift import ShiftRecorder
from tests.recorder.extras.asked import only_for

only_for("transformers")

from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments  # noqa: E402

from normshift.recorder.transformers import ShiftCallback  # noqa: E402

# What the libraries warn of is shown.
pytestmark = [pytest.mark.extra, pytest.mark.filterwarnings("default")]
STEPS, BATCH, WORDS, LENGTH = 12, 8, 30, 6
SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
PROBE = {"input_ids": torch.randint(WORDS, (20, LENGTH), generator=torch.Generator().manual_seed(2))}


def samples(count: int) -> list[dict]:
    draw = torch.Generator().manual_seed(1)
    words, labels = torch.randint(WORDS, (count, LENGTH), generator=draw), torch.randint(2, (count,), generator=draw)
    return [{"input_ids": one, "labels": label} for one, label in zip(words, labels, strict=True)]


def trained(folder, *callbacks, **how):
    torch.manual_seed(0)
    model = BertForSequenceClassification(BertConfig(vocab_size=WORDS, max_position_embeddings=LENGTH, **SIZES))
    quiet = {"report_to": "none", "save_strategy": "no", "disable_tqdm": True, "use_cpu": True}
    arguments = TrainingArguments(
        str(folder), max_steps=STEPS, per_device_train_batch_size=BATCH, learning_rate=1e-2, seed=0, **quiet, **how
    )
    Trainer(model, arguments, train_dataset=samples(STEPS * BATCH), callbacks=list(callbacks)).train()
    return model


@pytest.mark.parametrize("accumulated", [1, 2])
def test_the_callback_counts_updates_and_sees_the_model(tmp_path, accumulated):
    callback = ShiftCallback(PROBE, every=4)
    model = trained(tmp_path, callback, gradient_accumulation_steps=accumulated)
    recording = callback.recorder.recording
    assert recording.steps[-1] == STEPS and {0, 1, 2, 4, 8} <= set(recording.steps)
    assert [one.kind for one in recording.layers].count("LayerNorm") == 5
    after = ShiftRecorder(model, PROBE).recording.snapshots[0]
    for number in range(1, len(recording.layers) + 1):
        name = f"moments.batch.{number}"
        np.testing.assert_array_equal(recording.snapshots[STEPS][name], after[name])
    shifts = callback.recorder.tables()["shifts"]
    assert (shifts.loc[shifts["horizon"] == "start", "w2"] > 0).any()


@pytest.mark.parametrize("half", [False, True])
def test_training_is_bit_identical_with_the_callback(tmp_path, half):
    plain = trained(tmp_path, bf16=half)
    watched = trained(tmp_path, ShiftCallback(PROBE, every=4), bf16=half)
    for name, value in plain.state_dict().items():
        assert torch.equal(value, watched.state_dict()[name]), name
