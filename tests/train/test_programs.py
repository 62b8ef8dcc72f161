"""Every program against the plain loop over `nn.Module` and `torch.optim`."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from normshift.networks.layer import ACTIVATIONS
from normshift.train import stacks
from normshift.train.compiled import activations, descending, normalisers
from normshift.train.loop import train
from normshift.train.optimizers import REGISTRY as OPTIMIZERS
from normshift.train.programs import PROGRAMS, chosen
from normshift.train.samples import Samples
from normshift.train.schedules import REGISTRY as SCHEDULES
from tests.train.made_up import ARMS, NORMS, cell, shuffled

RATES = [0.01, 0.1, 0.3, 1.0, 3.0]
DATA = shuffled(range(2))
FAST = ["compiled", "mapped"]
# At which a step of each moves the network about as far.
SCALE = {"sgd": 1.0, "momentum": 0.1, "adam": 0.05}
OF_BATCH = ("batch", "frozen", "gamma")
# Each normaliser, and each nonlinearity with those that need no other.
PAIRS = [
    (norm, name) for norm in NORMS for name in ACTIVATIONS if norm in (*OF_BATCH, "none", "layer") or name == "relu"
]


def distance(one: dict, other: dict, number: int) -> float:
    """Return ||d theta|| / ||theta|| over all parameters of a cell."""
    apart = sum(((one[name][number] - other[name][number]) ** 2).sum() for name in one)
    return float((apart / sum((other[name][number] ** 2).sum() for name in one)).sqrt())


def determined(parameters: dict, cells: list) -> dict:
    """Return parameters without the biases that batch norm takes away.

    Their gradient is rounding, of which Adam makes steps like any other: it divides the gradient by its own size.
    """
    taken_away = cells[0].optimizer.kind == "adam" and cells[0].norm.kind == "batch"
    return {name: value for name, value in parameters.items() if not (taken_away and name.endswith("linear.bias"))}


def ended(cells, program, **how):
    return train(cells, DATA, program=program, observing=False, **how)[1]


def nudged(cells, monkeypatch):
    """Train the plain loop from weights that differ in their last bit."""
    from normshift.networks import initial

    drawn = initial.draw

    def nudge(network, *names):
        return {name: value * (1 + 2**-23) for name, value in drawn(network, *names).items()}

    monkeypatch.setattr(initial, "draw", nudge)
    parameters = ended(cells, "serial", dtype=torch.float64)
    monkeypatch.setattr(initial, "draw", drawn)
    return parameters


@pytest.mark.slow
@pytest.mark.parametrize(("norm", "activation"), PAIRS)
def test_programs_equal_the_plain_loop_in_double_precision_for_300_steps(norm, activation, monkeypatch):
    cells = [cell(norm, activation, lr=lr, steps=300, regime="fresh") for lr in RATES]
    serial = ended(cells, "serial", dtype=torch.float64)
    # Where training is chaotic no two programs agree: what a change of 1e-7 grows to says where, rounding is 1e-16.
    other = nudged(cells, monkeypatch)
    regular = [number for number in range(len(cells)) if distance(other, serial, number) < 1e-3]
    assert len(regular) >= 3
    for program in FAST:
        parameters = ended(cells, program, dtype=torch.float64)
        assert all(distance(parameters, serial, number) < 1e-9 for number in regular)


@pytest.mark.parametrize("program", FAST)
@pytest.mark.parametrize(("norm", "activation"), PAIRS)
def test_programs_equal_the_plain_loop_in_single_precision_for_10_steps(norm, activation, program):
    cells = [cell(norm, activation, lr=lr, steps=10) for lr in RATES[:3]]
    parameters, serial = ended(cells, program), ended(cells, "serial")
    assert all(distance(parameters, serial, number) < 1e-5 for number in range(len(cells)))


@pytest.mark.parametrize("program", FAST)
@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_programs_equal_the_plain_loop_by_every_optimiser_and_schedule(optimizer, schedule, norm, program):
    rates = [lr * SCALE[optimizer] for lr in (0.03, 0.3)]
    cells = [cell(norm, lr=lr, optimizer=optimizer, schedule=schedule, regime="fresh", steps=40) for lr in rates]
    parameters, serial = (determined(ended(cells, name, dtype=torch.float64), cells) for name in (program, "serial"))
    assert all(distance(parameters, serial, number) < 1e-10 for number in range(len(cells)))


@pytest.mark.parametrize("program", FAST)
@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_optimisers_equal_the_plain_loop_in_single_precision_for_10_steps(norm, optimizer, program):
    cells = [cell(norm, "tanh", lr=lr * SCALE[optimizer], optimizer=optimizer, steps=10) for lr in RATES[:3]]
    parameters, serial = (determined(ended(cells, name), cells) for name in (program, "serial"))
    assert all(distance(parameters, serial, number) < 1e-5 for number in range(len(cells)))


@pytest.mark.parametrize("program", FAST)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_arm_of_batch_norm_equals_the_plain_loop_in_one_stack(optimizer, program):
    cells = [cell(arm, "sigmoid", lr=0.3 * SCALE[optimizer], optimizer=optimizer, steps=40) for arm in ARMS]
    assert len({stacks.shape(one) for one in cells}) == 1 and len(cells) >= 19
    mine, parameters = train(cells, DATA, program=program, dtype=torch.float64)
    other, serial = train(cells, DATA, program="serial", dtype=torch.float64)
    parameters, serial = determined(parameters, cells), determined(serial, cells)
    assert all(distance(parameters, serial, number) < 1e-10 for number in range(len(cells)))
    for one, two in zip(mine, other, strict=True):
        assert all(np.allclose(one[name], two[name], rtol=1e-5, atol=1e-7, equal_nan=True) for name in two)


@pytest.mark.parametrize(("depth", "width", "batch_size"), [(1, 1, 2), (2, 7, 3), (5, 16, 16)])
def test_the_compiled_program_equals_the_plain_loop_at_other_shapes(depth, width, batch_size):
    data = shuffled(range(1), batch_size=batch_size, steps=20)
    one = cell("batch", "tanh", depth=depth, width=width, batch_size=batch_size, steps=20)
    made = [train([one], data, program=name, dtype=torch.float64) for name in ("compiled", "serial")]
    assert distance(made[0][1], made[1][1], 0) < 1e-9


def test_a_program_that_forgot_the_mask_would_be_found():
    frozen, learnt = cell("frozen", lr=0.3), cell("batch", lr=0.3)
    assert distance(ended([frozen], "compiled"), ended([learnt], "compiled"), 0) > 1e-2


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_what_an_arm_does_not_learn_stays(program, optimizer):
    parameters = ended([cell(arm, optimizer=optimizer) for arm in ("gamma", "frozen", "batch")], program)
    gamma, beta = parameters["hidden.1.affine.gamma"], parameters["hidden.1.affine.beta"]
    assert (beta[:2] == 0).all() and (gamma[1] == 1).all()
    assert (gamma[0] != 1).any() and (beta[2] != 0).any()


@pytest.mark.parametrize("program", FAST)
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
@pytest.mark.parametrize("norms", [OF_BATCH, *((norm,) for norm in NORMS if norm not in OF_BATCH)], ids="-".join)
def test_programs_record_the_same(norms, activation, program):
    kinds = [(norm, lr, regime) for norm in norms for lr in (0.1, 0.3) for regime in ("clean", "fresh")]
    cells = [cell(norm, activation, lr=lr, regime=regime, seed=1) for norm, lr, regime in kinds]
    if norms == ("none",):
        cells.append(cell("none", activation, lr=1e3))  # at 1e4 what saturated units leave of a spread is rounding
    mine, _ = train(cells, DATA, program=program, dtype=torch.float64)
    other, _ = train(cells, DATA, program="serial", dtype=torch.float64)
    for one, two in zip(mine, other, strict=True):
        assert one.keys() == two.keys()
        # Through batch norm above, a unit that is active on all samples gets a gradient whose sum over the batch is 0
        # but for rounding: its beta's updates have no sign. Only some arms have such units.
        for name in one.keys() - ({"sign_changes"} if norms in (("free_full",), ("yoked",)) else set()):
            half = one[name].dtype == np.float16  # may round to its neighbour
            rtol, atol = (2**-9, 1e-6) if half else (1e-5, 1e-7)
            assert np.allclose(one[name], two[name], rtol=rtol, atol=atol, equal_nan=True), name


def test_stacked_is_the_fastest_program_that_can_train_a_cell():
    assert chosen("stacked", "cpu", cell("batch")) == "compiled"
    assert chosen("stacked", "cuda", cell("batch")) == "mapped"
    group, shampoo = replace(NORMS["batch"], kind="group"), replace(cell().optimizer, kind="shampoo")
    squared = replace(cell().model, loss="squared")
    for unknown in ({"norm": group}, {"optimizer": shampoo}, {"model": squared}):
        assert chosen("stacked", "cpu", replace(cell(), **unknown)) == "serial"
    assert chosen("serial", "cpu", cell()) == "serial"


def test_compiled_loops_are_of_normalisers_activations_and_optimisers_that_there_are():
    from normshift.networks import normalisers as written

    assert normalisers.CODES.keys() <= written.REGISTRY.keys()
    assert activations.CODES.keys() <= ACTIVATIONS.keys()
    assert descending.CODES.keys() <= OPTIMIZERS.keys()


def test_a_longer_run_begins_with_the_shorter_one():
    short, long = (train([replace(cell(), steps=steps)], DATA)[0][0] for steps in (20, 40))
    assert (short["training_loss"] == long["training_loss"][:20]).all()


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_mapped_trains_by_squared_loss_as_the_plain_loop_does(norm):
    one = cell(norm, lr=0.03)
    one = replace(one, model=replace(one.model, loss="squared"))
    (mine, parameters), (other, serial) = (
        train([one], DATA, program=name, dtype=torch.float64) for name in ("mapped", "serial")
    )
    assert distance(parameters, serial, 0) < 1e-9
    assert all(np.allclose(mine[0][name], other[0][name], rtol=1e-5, atol=1e-7, equal_nan=True) for name in other[0])


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("norm", NORMS)
def test_a_gpu_gives_what_the_processor_gives(norm):
    cells = [cell(norm, lr=lr, regime="fresh") for lr in RATES[:3]]
    agreed(cells)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_gpu_gives_what_the_processor_gives_for_every_arm(optimizer):
    agreed([cell(arm, lr=0.3 * SCALE[optimizer], optimizer=optimizer) for arm in ARMS])


def agreed(cells):
    """Compare what the GPU and the processor make of a stack."""
    there, here = (train(cells, DATA, device=device, dtype=torch.float64) for device in ("cuda", "cpu"))
    moved = {name: value.cpu() for name, value in there[1].items()}
    assert all(distance(moved, here[1], number) < 1e-9 for number in range(len(cells)))
    for one, two in zip(there[0], here[0], strict=True):
        assert all(np.allclose(one[name], two[name], rtol=1e-4, atol=1e-6, equal_nan=True) for name in two)


@pytest.mark.parametrize("norm", NORMS)
def test_loss_and_gradient_at_any_parameters_equal_the_plain_loop(norm):
    cells = [cell(norm, lr=lr, seed=seed, regime=regime) for lr, seed, regime in ((0.1, 0, "clean"), (0.3, 1, "fresh"))]
    found = {}
    for name, program in PROGRAMS.items():
        samples = Samples(DATA, cells, torch.float64, "cpu")
        network, parameters, buffers = stacks.start(cells, (12,), 4, torch.float64, "cpu")
        running = program(network, cells, parameters, buffers, samples, None)
        running.advance(0, 5)
        before = {key: value.clone() for key, value in {**running.parameters, **running.buffers}.items()}
        elsewhere = {key: value + 0.01 for key, value in running.parameters.items()}
        loss, gradient = running.slope([5, 7], elsewhere)
        scored, _ = running.score(samples.fixed("test"), None, elsewhere)
        found[name] = {"loss": loss, "scored": scored, **gradient}
        after = {**running.parameters, **running.buffers}
        assert all((before[key] == after[key]).all() for key in before)
    for name in FAST:
        assert found[name].keys() == found["serial"].keys()
        assert all(torch.allclose(found[name][key], value, atol=1e-12) for key, value in found["serial"].items())
