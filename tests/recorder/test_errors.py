"""What people get wrong is said in one line."""

import numpy as np
import pytest
import torch
from torch import nn

from normshift import ShiftRecorder
from normshift.recorder import load
from tests.recorder.models import CASES, loss_of
from tests.recorder.trained import proceed

CNN = CASES["cnn"]


def refused(match: str, **how) -> None:
    model = how.pop("model", None) or CNN.model()
    with pytest.raises(ValueError, match=match) as caught:
        ShiftRecorder(model, how.pop("probe", CNN.probe), how.pop("batches", None), **how)
    assert "\n" not in str(caught.value)


def several(count: int = 30, samples: int = 12) -> list[torch.Tensor]:
    return [CNN.batch(number)[0][:samples] for number in range(count)]


def test_a_probe_of_the_wrong_shape():
    refused(r"does not take the probe, of shape \(4, 3, 8, 8\): .*channels", probe=torch.ones(4, 3, 8, 8))


def test_a_probe_that_is_none():
    refused("a probe or batch is a tensor, or a tuple or dict of what the model takes", probe=None)
    refused("samples first", probe=torch.tensor(1.0))


def test_a_probe_on_another_device():
    refused("the probe is on meta, the model on cpu: move it with .to\\('cpu'\\)", probe=CNN.probe.to("meta"))
    refused("the batch is on meta, the model on cpu", batches=[one.to("meta") for one in several()])


def test_a_probe_of_one_sample_with_batch_norm():
    refused("the probe has fewer than two samples", probe=CNN.probe[:1])
    ShiftRecorder(CASES["mlp"].model(), CASES["mlp"].probe[:1])


def test_no_layer_matched_lists_the_names_there_are():
    refused(r"no layer matched; the modules of this model are: 0 \(Sequential\), 0\.0 \(Conv2d\)", layers="features.*")
    refused(r"no layer matched; .*0 \(Linear\)", model=nn.Sequential(nn.Linear(6, 3)), probe=torch.ones(2, 6))


def test_modules_that_never_run():
    model = nn.Sequential(nn.Linear(6, 3), nn.ReLU())
    model[0].register_module("idle", nn.Tanh())
    refused(
        "none of the modules chosen runs on the probe: 0.idle", model=model, probe=torch.ones(2, 6), layers="0.idle"
    )


def test_what_is_no_module():
    refused("the model is a function: it must be a torch.nn.Module", model=lambda inputs: inputs)


def test_lazy_modules_that_have_not_run_are_refused_and_left_as_they_were():
    model = nn.Sequential(nn.LazyLinear(4), nn.ReLU())
    refused(r"parameters have no shape yet: run the model on a batch first \(0.weight, 0.bias\)", model=model)
    assert isinstance(model[0], nn.LazyLinear)


def test_batches_that_the_model_does_not_take(tmp_path):
    labelled = [(one, torch.zeros(12)) for one in several()]
    refused(r"does not take the batch, of shape \(12, 2, 8, 8\), \(12,\): ", batches=labelled, path=tmp_path / "run")
    assert not any(tmp_path.iterdir())


def test_a_model_that_is_elsewhere_or_of_another_type_at_a_later_look():
    model = CNN.model()
    recorder = ShiftRecorder(model, CNN.probe)
    proceed(recorder, model, CNN, 3)
    model.double()
    with pytest.raises(ValueError, match=r"does not take the probe, of shape \(12, 2, 8, 8\): "):
        recorder.step()
    model.to("meta")
    with pytest.raises(ValueError, match="the probe is on cpu, the model on meta"):
        recorder.step()


def test_batches_that_are_too_few_or_of_several_sizes():
    refused("batches: 29 are too few; it takes batches=: 30 training batches or more", batches=several(29))
    refused(r"batches have \[8, 12\] samples", batches=several(29) + several(1, 8))


def test_settings_that_make_no_sense():
    refused("every=0: must be a whole number of updates", every=0)
    refused("epoch=1.5: must be a whole number of updates", epoch=1.5)
    refused("memory=0: must be more than 0 MiB", memory=0)
    refused("modes: train is none of batch, ema, population", modes="train")
    refused("mode population: it takes batches=", modes=("batch", "population"))


def test_step_before_anything_was_trained():
    recorder = ShiftRecorder(CNN.model(), CNN.probe)
    with pytest.raises(ValueError, match=r"nothing has been trained: call step\(\) after each optimizer.step\(\)"):
        recorder.step()


def test_an_update_that_moves_nothing_is_one():
    """The first of a warm-up has rate 0, and a scaled one may be skipped."""
    model = CNN.model()
    recorder = ShiftRecorder(model, CNN.probe)
    proceed(recorder, model, CNN, 2, lr=0.0)
    shifts = recorder.tables()["shifts"]
    assert (shifts["mean_shift"].dropna() == 0).all() and shifts["mean_shift"].notna().any()


def test_a_fused_update_whose_gradients_are_gone_is_one():
    model = CNN.model()
    recorder = ShiftRecorder(model, CNN.probe)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    loss_of(CNN, model, 0).backward()
    optimizer.step()
    optimizer.zero_grad()
    recorder.step()
    assert recorder.recording.steps == [0, 1]


def test_a_loss_that_is_not_one_number():
    model = CNN.model()
    recorder = ShiftRecorder(model, CNN.probe)
    proceed(recorder, model, CNN, 1)
    with pytest.raises(ValueError, match="loss must be one number"):
        recorder.step(torch.ones(3))


def test_a_model_whose_structure_changes():
    model = CNN.model()
    recorder = ShiftRecorder(model, CNN.probe, every=1)
    proceed(recorder, model, CNN, 1)
    model[2] = nn.Identity()
    with pytest.raises(ValueError, match="the model has changed: 2 was a BatchNorm2d, now a Identity"):
        recorder.step()
    model[2] = nn.BatchNorm2d(5)
    whole = model.forward
    model.forward = lambda probe: model[0](probe)
    with pytest.raises(ValueError, match="the model has changed: 2 no longer runs on the probe"):
        recorder.step()
    model.forward = whole
    model[0][0], model[0][1], model[1] = nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Conv2d(3, 5, 3)
    with pytest.raises(ValueError, match="the model has changed: 0.1 had 4 units, now 3"):
        recorder.step()
    del model[1:]
    model[0] = nn.Flatten()
    with pytest.raises(ValueError, match="the model has changed: 0.1 is gone"):
        recorder.step()


@pytest.mark.parametrize("change", ["structure", "device"])
def test_what_was_recorded_is_not_lost_with_a_model_that_changes_after_training(change, tmp_path):
    model = CNN.model()
    recorder = ShiftRecorder(model, CNN.probe, every=100)
    proceed(recorder, model, CNN, 6)
    before = list(recorder._recording.steps)
    _ = model.to("meta") if change == "device" else model.__setitem__(2, nn.Identity())
    with pytest.warns(UserWarning, match="the last look is missing: ") as told:
        path = recorder.save(tmp_path / "run.npz")
    assert told[0].filename == __file__
    assert load(path).steps == before and 6 not in before


def test_what_is_compared_is_a_recording():
    recorder = ShiftRecorder(CNN.model(), CNN.probe)
    with pytest.raises(TypeError, match="a int is no recording: give a recorder, a recording or the path of one"):
        recorder.compare(3)


def test_whole_numbers_of_numpy_are_whole_numbers():
    assert ShiftRecorder(CNN.model(), CNN.probe, every=np.int64(5)).recording.about["every"] == 5
