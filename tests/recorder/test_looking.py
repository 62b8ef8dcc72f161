"""Which layers are found, where their units are, when they are looked at."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from normshift import ShiftRecorder
from normshift.networks import positions
from normshift.recorder.batch import concatenated
from normshift.recorder.rows import at_most, rows, sampled
from normshift.recorder.schedule import Schedule
from tests.recorder.models import CASES


def layers(name: str, **how) -> list[tuple[str, str]]:
    recorder = ShiftRecorder(CASES[name].model(), CASES[name].probe, **how)
    return [(layer.name, "".join(layer.sites)) for layer in recorder.recording.layers]


def test_layers_are_found_in_the_order_in_which_they_run():
    assert layers("mlp") == [("1", "uya"), ("4", "uya")]
    assert layers("cnn") == [("0.1", "uxya"), ("2", "uxya")]
    assert layers("lstm") == [("lstm", "a")]
    # The sum is made in place: what the second ReLU gets is the normaliser's tensor, but no longer its output.
    block = [("bn1", "uxya"), ("bn2", "uxy"), ("relu#2", "uya")]
    assert layers("resnet") == [(f"{number}.{name}", sites) for number in (1, 2) for name, sites in block]
    assert layers("parametrised") == [("1", "uya"), ("4", "uya")]
    assert layers("tied") == [("norm", "uxya"), ("norm#2", "uxya")]
    assert layers("transformer") == [(f"encoder.layers.{one}.norm{two}", "uy") for one in (0, 1) for two in (1, 2)]


def test_layers_are_chosen_by_pattern_and_by_type():
    assert layers("resnet", layers="1.bn*") == [("1.bn1", "uxy"), ("1.bn2", "uxy")]
    assert layers("cnn", layers=nn.ReLU) == [("0.2", "uya"), ("3", "uya")]
    assert layers("mlp", layers=["0", nn.Sigmoid]) == [("0", "a"), ("4", "uya")]


class Added(nn.Module):
    """A residual block of series, channels second, the sum a new tensor."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.act = nn.Conv1d(5, 5, 3, padding=1), nn.BatchNorm1d(5), nn.ReLU()

    def forward(self, x):
        return self.act(self.norm(self.conv(x)) + x)


def test_what_gets_a_sum_has_units_where_its_terms_have_them():
    sites = [
        (layer.name, layer.axis, layer.units) for layer in ShiftRecorder(Added(), torch.randn(4, 5, 9)).recording.layers
    ]
    assert sites == [("norm", 1, 5), ("act", 1, 5)]


class Force(nn.Module):
    """Asks for gradients in its forward pass, and knows a mean that no variance belongs to."""

    def __init__(self):
        super().__init__()
        self.inner, self.act = nn.Linear(6, 4), nn.Tanh()
        self.register_buffer("running_mean", torch.zeros(6))

    def forward(self, x):
        with torch.enable_grad():
            x = (x - self.running_mean).requires_grad_()
            return torch.autograd.grad(self.act(self.inner(x)).sum(), x, create_graph=True)[0]


def test_a_model_that_asks_for_gradients_in_its_forward_pass_is_seen():
    several = [torch.randn(8, 6) for _ in range(30)]
    recorder = ShiftRecorder(Force(), torch.randn(8, 6), several)
    assert [(layer.name, layer.sites) for layer in recorder.recording.layers] == [("act", ("u", "y", "a"))]
    assert recorder.recording.about["missing"]["population"] == "the model has no batch norm"


class Rms(nn.Module):
    """RMS norm as language models have it, by its name alone."""

    def __init__(self, width: int):
        super().__init__()
        self.weight, self.variance_epsilon = nn.Parameter(torch.full((width,), 2.0)), 1e-6

    def forward(self, x):
        return self.weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.variance_epsilon)


class LlamaRMSNorm(Rms):
    """The same, called as there."""


class Asks(nn.Module):
    """Takes words by name and gives a dict, channels last in four dimensions."""

    def __init__(self):
        super().__init__()
        self.inner, self.norm, self.act = nn.Linear(4, 7), LlamaRMSNorm(7), nn.SiLU()

    def forward(self, *, images, scale=1.0):
        return {"hidden": self.act(self.norm(self.inner(images))) * scale}


def test_what_takes_a_dict_and_has_a_normaliser_of_its_own_is_seen():
    recorder = ShiftRecorder(Asks(), {"images": torch.randn(5, 3, 2, 4), "scale": 2.0})
    (layer,) = recorder.recording.layers
    assert (layer.name, layer.axis, layer.units, layer.sites) == ("norm", -1, 7, ("u", "y", "a"))
    trajectories = recorder.tables()["trajectories"]
    assert (trajectories["gamma"] == 2).all() and trajectories["beta"].isna().all()


def test_what_a_model_draws_it_draws_alike_at_every_look():
    model = CASES["drawing"].model()
    recorder = ShiftRecorder(model, CASES["drawing"].probe)
    model(CASES["drawing"].probe).sum().backward()
    recorder.step()
    shifts = recorder.tables()["shifts"]
    assert (shifts["mean_shift"].dropna() == 0).all() and shifts["mean_shift"].notna().any()


def test_a_tuple_is_the_arguments_and_packed_sequences_are_seen():
    class Packed(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(3, 5, batch_first=True)

        def forward(self, series, lengths):
            packed = nn.utils.rnn.pack_padded_sequence(series, lengths, batch_first=True)
            return self.gru(packed)[1]

    recorder = ShiftRecorder(Packed(), (torch.randn(4, 6, 3), torch.tensor([6, 5, 4, 2])))
    assert np.isfinite(recorder.recording.snapshots[0]["moments.batch.1"][3]).all()


def test_rows_of_images_are_those_of_the_pipeline():
    image = torch.randn(3, 4, 5, 6)
    assert torch.equal(rows(image, 1), positions.rows(image))
    series = torch.randn(3, 7, 4)
    assert torch.equal(rows(series, -1), series.flatten(0, 1))
    assert torch.equal(rows(image.movedim(1, -1), -1), positions.rows(image))


def test_of_too_many_rows_some_are_taken_the_same_every_time():
    whole = torch.arange(1000.0)[:, None].expand(-1, 3)
    few = at_most(whole, 100)
    assert few.shape == (100, 3) and len(few.unique()) > 190 / 2
    assert torch.equal(few, at_most(whole, 100)) and at_most(whole, 1000) is whole
    assert abs(few.mean() - whole.mean()) < 15
    assert sampled(whole, 250).shape == (250, 3) and sampled(whole, 300).shape == (1000, 3)


def test_batches_become_one_with_equally_many_of_each():
    several = [(torch.full((6, 2), float(number)), {"mask": torch.ones(6, 1)}, "word") for number in range(3)]
    values, masks, word = concatenated(several, 6)
    assert values[:, 0].tolist() == [0, 0, 1, 1, 2, 2] and masks["mask"].shape == (6, 1) and word == "word"
    with pytest.raises(ValueError, match="different sizes"):
        concatenated([torch.ones(4, 2), torch.ones(4, 3)], 8)


@given(every=st.integers(1, 40), first=st.integers(1, 40), epoch=st.none() | st.integers(1, 30))
def test_looks_are_log_spaced_early_even_later_and_a_coarser_schedule_has_no_others(every, first, epoch):
    schedule = Schedule(every, first, epoch)
    points = [step for step in range(200) if schedule.point(step)]
    assert points == sorted({2**power for power in range(6) if 2**power < every} | set(range(0, 200, every)))
    full = [step for step in range(200) if schedule.full(step)]
    assert full == [0, *(first * 4**power for power in range(8) if first * 4**power < 200)]
    due = {step for step in range(230) if schedule.due(step)}
    lags = (1, 10, *([epoch // 4, epoch // 2, 3 * epoch // 4, epoch] if epoch else []))
    assert due >= {step + 1 for step in points} | {step + lag for step in full for lag in lags}
    assert {step for step in range(230) if schedule.coarser().due(step)} <= due


def test_importing_normshift_brings_no_torch_and_the_recorder_nothing_of_the_pipeline():
    import os
    import subprocess
    import sys
    from pathlib import Path

    code = (
        "import sys, normshift; assert 'torch' not in sys.modules; normshift.ShiftRecorder; "
        "print(sorted({'torch', 'dvc', 'hydra', 'omegaconf', 'yaml', 'matplotlib'} & set(sys.modules)))"
    )
    paths = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    done = subprocess.run([sys.executable, "-c", code], env=paths, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['torch']"
    import normshift

    with pytest.raises(AttributeError, match="no attribute 'Recoder'"):
        normshift.Recoder  # noqa: B018
