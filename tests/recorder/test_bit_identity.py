"""Training is the same to the last bit whether a recorder is attached or not."""

import random
from collections import deque

import numpy as np
import pytest
import torch

from normshift import ShiftRecorder
from tests.recorder.models import CASES, Case, Padded, loss_of

STEPS = 12
MODES = ("batch", "ema", "population")


def trained(case: Case, recorded: bool) -> dict[str, object]:
    """Train some steps; return every bit that training could leave: losses, state, generators, flags, hooks."""
    torch.manual_seed(11), random.seed(11), np.random.seed(11)
    model = case.model()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    recorder = None
    if recorded:
        several = [case.batch(100 + number)[0] for number in range(30)]
        recorder = ShiftRecorder(model, case.probe, several, every=4, full=4, epoch=6, modes=MODES)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(case, model, step)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if recorder:
            recorder.step(loss)
            recorder.tables()
    modules = list(model.modules())
    return {
        "losses": losses,
        "state": {name: value.clone() for name, value in model.state_dict().items()},
        "gradients": [value.grad.clone() for value in model.parameters()],
        "versions": [value._version for value in (*model.parameters(), *model.buffers())],
        "torch": torch.get_rng_state(),
        "python": random.getstate(),
        "numpy": np.random.get_state()[1],
        "training": [module.training for module in modules],
        "hooks": [len(module._forward_hooks) + len(module._forward_pre_hooks) for module in modules],
        "attributes": [sorted(vars(module)) for module in modules],
        "own": [_plain(module) for module in modules],
    }


def _plain(module: torch.nn.Module) -> dict[str, object]:
    kinds = (int, float, list, deque, np.ndarray, torch.Tensor)
    found = {name: value for name, value in vars(module).items() if type(value) in kinds and name[0] != "_"}
    drawn = [value.get_state() for value in vars(module).values() if isinstance(value, torch.Generator)]
    drawn += [value.bit_generator.state for value in vars(module).values() if isinstance(value, np.random.Generator)]
    drawn += [value.getstate() for value in vars(module).values() if isinstance(value, random.Random)]
    return {**found, "generators": drawn}


def same(one: object, other: object) -> bool:
    if isinstance(one, torch.Tensor | np.ndarray):
        return one.dtype == other.dtype and bool((torch.as_tensor(one) == torch.as_tensor(other)).all())
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@pytest.mark.parametrize("name", CASES)
def test_training_leaves_the_same_bits_with_and_without_the_recorder(name):
    without, recorded = (trained(CASES[name], attached) for attached in (False, True))
    different = [what for what in without if not same(without[what], recorded[what])]
    assert not different
    assert any(loss != without["losses"][0] for loss in without["losses"])


@pytest.mark.parametrize("name", ["cnn", "compiled"])
def test_in_evaluation_too_the_model_is_what_it_was(name):
    case = CASES[name]
    model = case.model().eval()
    before = model(case.probe)
    recorder = ShiftRecorder(model, case.probe, layers=torch.nn.BatchNorm2d)
    torch.testing.assert_close(model(case.probe), before, rtol=0, atol=0)
    assert not any(module.training for module in model.modules())
    assert recorder.recording.steps == [0]


def test_a_look_that_fails_leaves_nothing_behind():
    case = CASES["cnn"]
    model = case.model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    with pytest.raises(ValueError, match="the model does not take the probe"):
        ShiftRecorder(model, torch.randn(4, 2, 5, 5, generator=torch.Generator()))
    assert same(before, dict(model.state_dict())) and torch.equal(state, torch.get_rng_state())
    assert all(module.training and not module._forward_hooks for module in model.modules())


def test_inside_an_open_autocast_a_look_sees_the_weights_as_they_are_now():
    """Autocast keeps the weights that it has cast until it ends: those of before the update."""
    model = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        recorder = ShiftRecorder(model, torch.ones(4, 6))
        model(torch.ones(4, 6)).float().sum().backward()
        assert all(value.grad is not None for value in model.parameters())
        torch.optim.SGD(model.parameters(), lr=1.0).step()
        recorder.step()
    before, after = (recorder.recording.snapshots[step]["moments.batch.1"][0, 0] for step in (0, 1))
    assert (before != after).any()


def test_an_encoder_that_skips_padding_runs_its_modules_all_the_same():
    padding = torch.zeros(4, 5, dtype=torch.bool)
    padding[:, 4] = True
    model = Padded()
    recorder = ShiftRecorder(model, {"series": torch.randn(4, 5, 8), "padding": padding})
    assert [layer.name for layer in recorder.recording.layers] == [f"encoder.layers.0.norm{one}" for one in (1, 2)]


def test_modules_that_are_compiled_inside_a_model_are_seen_after_it_has_run():
    case = CASES["partly compiled"]
    model = case.model()
    loss_of(case, model, 0).backward()
    loss_of(case, model, 1).backward()
    recorder = ShiftRecorder(model, case.probe)
    assert [layer.sites for layer in recorder.recording.layers] == [("u", "x", "y", "a"), ("u", "x", "y", "a")]


@pytest.mark.gpu
def test_on_a_gpu_too_training_leaves_the_same_bits():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    case, ends = CASES["mlp"], []
    for recorded in (False, True):
        torch.manual_seed(11)
        model = case.model().cuda()
        several = [case.batch(100 + number)[0].cuda() for number in range(30)]
        recorder = ShiftRecorder(model, case.probe.cuda(), several, every=4) if recorded else None
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for step in range(STEPS):
            inputs, labels = (value.cuda() for value in case.batch(step))
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()
            if recorder:
                recorder.step(loss)
        ends.append([*(value.detach().cpu() for value in model.parameters()), torch.cuda.get_rng_state()])
    assert same(*ends)
    assert np.isfinite(recorder.tables()["noise"]["mean_noise"]).any()
