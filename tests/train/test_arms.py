"""What an arm makes of gamma, beta, weights and running averages, by every program."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from normshift import networks
from normshift.train import arms, stacks
from normshift.train.loop import train
from normshift.train.optimizers import REGISTRY as OPTIMIZERS
from normshift.train.programs import PROGRAMS
from normshift.train.samples import Samples
from tests.train.made_up import ARMS, NORMS, cell, shuffled

DATA = shuffled(range(3))
WEIGHTS = [f"hidden.{layer}.linear.weight" for layer in range(3)]
GAMMAS, BETAS = ([f"hidden.{layer}.affine.{name}" for layer in range(3)] for name in ("gamma", "beta"))
everywhere = pytest.mark.parametrize("program", PROGRAMS)
by_every_optimiser = pytest.mark.parametrize("optimizer", OPTIMIZERS)


def arm(of: str = "batch", **changes):
    return replace(ARMS[of], **changes)


def of(norm, **changes):
    return replace(cell(**changes), norm=norm)


def ended(cells, program: str = "stacked", **how) -> dict:
    return train(cells, DATA, program=program, observing=False, **how)[1]


def equal(one: dict, two: dict, number: int = 0, other: int = 0) -> bool:
    return all((one[name][number] == two[name][other]).all() for name in one)


@by_every_optimiser
@everywhere
def test_gamma_and_beta_at_rate_0_are_the_arm_frozen_bit_for_bit(program, optimizer):
    cells = [of(norm, lr=0.01, optimizer=optimizer) for norm in (arm("rate_0"), arm("frozen"))]
    made = [train([one], DATA, program=program) for one in cells]
    assert equal(made[0][1], made[1][1])
    (one,), (two,) = (records for records, _ in made)
    assert all(np.array_equal(one[name], two[name], equal_nan=True) for name in two)


@everywhere
def test_a_frozen_share_of_0_is_the_arm_frozen_and_of_1_the_arm_batch(program):
    cells = [of(norm) for norm in (arm(frozen_from=0.0), arm("frozen"), arm(frozen_from=1.0), arm())]
    made = [ended([one], program) for one in cells]
    assert equal(made[0], made[1]) and equal(made[2], made[3])


@by_every_optimiser
@everywhere
def test_until_it_freezes_a_run_is_the_one_that_never_does_and_then_gamma_and_beta_stay(program, optimizer):
    how = {"lr": 0.03, "optimizer": optimizer}
    uninterrupted, until = of(arm(), steps=40, **how), of(arm(), steps=12, **how)
    frozen, control = (of(arm(frozen_from=0.3, freezes=what), steps=40, **how) for what in ("affine", "weights"))
    losses = {}
    for name, one in (("never", uninterrupted), ("affine", frozen), ("weights", control)):
        (record,), _ = train([one], DATA, program=program)
        losses[name] = record["training_loss"]
    for what in ("affine", "weights"):
        assert (losses[what][:13] == losses["never"][:13]).all() and (losses[what][14:] != losses["never"][14:]).all()
    at_freeze, after = ended([until], program), ended([frozen], program)
    for name in (*GAMMAS, *BETAS):
        assert (after[name] == at_freeze[name]).all()
    assert all((after[name] != at_freeze[name]).float().mean() > 0.9 for name in WEIGHTS)


@by_every_optimiser
@everywhere
def test_as_many_entries_of_the_weights_stay_as_there_are_gammas_and_betas(program, optimizer):
    how = {"lr": 0.03, "optimizer": optimizer, "activation": "tanh"}
    at_freeze = ended([of(arm(), steps=12, **how)], program, dtype=torch.float64)
    after = ended([of(arm(frozen_from=0.3, freezes="weights"), steps=40, **how)], program, dtype=torch.float64)
    for name in WEIGHTS:
        assert (after[name] == at_freeze[name]).sum() == 2 * 20
    assert all((after[name] != at_freeze[name]).all() for name in (*GAMMAS, *BETAS, "output.weight"))


def test_what_stays_is_drawn_per_seed_and_layer_and_is_the_same_for_every_arm():
    network = networks.build(cell().model, NORMS["batch"], (12,), 4)
    kinds = [("weights_frozen_at_10", 0), ("weights_frozen_at_30", 0), ("weights_frozen_at_10", 1)]
    one, same, other = (arms.held(cell(norm, seed=seed), network) for norm, seed in kinds)
    assert all(np.array_equal(one[name], same[name]) and not np.array_equal(one[name], other[name]) for name in WEIGHTS)
    assert not np.array_equal(one[WEIGHTS[1]], one[WEIGHTS[2]])
    assert all(
        len(set(places)) == 40 and max(places) < network.get_parameter(name).numel() for name, places in one.items()
    )


def test_no_entry_stays_where_there_is_no_gamma_or_beta_and_never_more_than_there_are():
    alone = replace(NORMS["none"], freezes="weights", frozen_from=0.0)
    bare = networks.build(cell("none").model, alone, (12,), 4)
    assert all(len(places) == 0 for places in arms.held(of(alone), bare).values())
    narrow = networks.build(cell(depth=2, width=1).model, NORMS["batch"], (12,), 4)
    places = arms.held(cell("weights_frozen_at_10", depth=2, width=1), narrow)
    assert [len(own) for own in places.values()] == [2, 1]


def test_gamma_and_beta_begin_as_given():
    names = ("gamma0_01", "gamma0_3", "beta0_minus_3", "batch")
    _, parameters, _ = stacks.start([cell(name) for name in names], (12,), 4, torch.float32, "cpu")
    for layer in range(3):
        assert parameters[GAMMAS[layer]][:, 0].tolist() == pytest.approx([0.1, 3, 1, 1])
        assert parameters[BETAS[layer]][:, 0].tolist() == [0, 0, -3, 0]
        assert (parameters[WEIGHTS[layer]] == parameters[WEIGHTS[layer]][:1]).all()


def permuted(final: dict, one) -> dict:
    """Return gamma and beta of a cell, their units in the order that the seed says."""
    from normshift.seeds import generator

    orders = {layer: generator(one.root, "permuted", one.seed, f"hidden.{layer}.affine") for layer in range(3)}
    orders = {layer: torch.from_numpy(draw.permutation(20)) for layer, draw in orders.items()}
    return {name: final[name][0][orders[int(name.split(".")[1])]] for name in (*GAMMAS, *BETAS)}


@pytest.mark.parametrize("start", ["final", "permuted"])
@everywhere
def test_a_start_from_the_end_equals_one_made_by_hand(program, start):
    one = cell(f"start_{start}", lr=0.3, seed=1)
    final = ended([cell("batch", lr=0.3, seed=1)], program)
    network, parameters, buffers = stacks.start([cell("batch", lr=0.3, seed=1)], (12,), 4, torch.float32, "cpu")
    begin = {name: final[name][0] for name in (*GAMMAS, *BETAS)} if start == "final" else permuted(final, one)
    for name, value in begin.items():
        parameters[name][0] = value
    running = PROGRAMS[program](network, [one], parameters, buffers, Samples(DATA, [one], torch.float32, "cpu"), None)
    running.advance(0, one.steps)
    assert equal(ended([one], program), running.parameters)
    assert not equal(running.parameters, final)


def test_a_permuted_start_keeps_a_units_gamma_and_beta_together():
    given, kept = cell("batch", lr=0.3), [cell(f"start_{how}", lr=0.3) for how in ("final", "permuted")]
    final = {name: value[0] for name, value in ended([given]).items()}
    _, parameters, _ = stacks.start(kept, (12,), 4, torch.float32, "cpu", {given_source(kept[0]): final})
    orders = []
    for gamma, beta in zip(GAMMAS, BETAS, strict=True):
        order = [(final[gamma] == value).nonzero().item() for value in parameters[gamma][1]]
        assert (parameters[beta][1] == final[beta][order]).all() and (parameters[gamma][0] == final[gamma]).all()
        assert sorted(order) == list(range(20)) != order
        orders.append(order)
    assert orders[0] != orders[1] != orders[2]


def given_source(one):
    (found,) = arms.sources([one])
    return found


def test_what_is_trained_first_learns_both_and_freezes_nothing_and_is_shared():
    kinds = ("start_final", "start_permuted", "batch", "frozen")
    cells = [cell(kind) for kind in kinds]
    held = of(arm("frozen", start="final", frozen_from=0.1, freezes="weights", gamma0=0.3))
    first, second = arms.sources([*cells, held])
    assert first == of(arm("batch", name="source")) and second == of(arm("batch", name="source", gamma0=0.3))


def test_frozen_at_the_final_gamma_and_beta_they_stay():
    final = ended([cell("batch", lr=0.3)])
    after = ended([of(arm("frozen", start="final"), lr=0.3)])
    assert all((after[name] == final[name]).all() for name in (*GAMMAS, *BETAS))


def test_a_start_from_the_end_of_a_run_that_diverged_is_a_divergence_at_once():
    wild, calm = (cell("start_final", activation="sigmoid", lr=lr) for lr in (1e3, 0.1))
    (source,), parameters = train([cell("batch", activation="sigmoid", lr=1e3)], DATA)
    assert source["diverged_step"] > 0 and parameters[GAMMAS[0]].isfinite().all()
    (lost, kept), _ = train([wild, calm], DATA)
    assert lost["diverged_step"] == 0 and np.isnan(lost["subset_loss"]).all() and np.isnan(lost["test_accuracy"]).all()
    (alone,), _ = train([calm], DATA)
    assert all(np.array_equal(alone[name], kept[name], equal_nan=True) for name in alone)


@everywhere
def test_running_averages_move_by_the_arms_own_momentum(program):
    cells = [of(arm(momentum=momentum), lr=0.1) for momentum in (0.1, 0.01, 0.0, 1.0)]
    samples = Samples(DATA, cells, torch.float64, "cpu")
    network, parameters, buffers = stacks.start(cells, (12,), 4, torch.float64, "cpu")
    weight = parameters["hidden.0.linear.weight"][0].clone()
    running = PROGRAMS[program](network, cells, parameters, buffers, samples, None)
    running.advance(0, 1)
    u = (samples.batch(0)[0][0] @ weight.T).numpy()
    for number, one in enumerate(cells):
        for name, start, seen in (("mean", 0, u.mean(0)), ("var", 1, u.var(0, ddof=1))):
            found = running.buffers[f"hidden.0.normaliser.running_{name}"][number].numpy()
            assert found == pytest.approx(
                (1 - one.norm.momentum) * start + one.norm.momentum * seen, rel=1e-9, abs=1e-12
            )
    ends = [ended([one], program) for one in cells]
    assert all(equal(one, ends[0]) for one in ends)


def test_weights_three_times_as_long_that_learn_nine_times_as_fast_change_nothing_scale_free():
    plain, scaled = cell("batch"), cell("batch")
    plain = replace(plain, norm=replace(plain.norm, eps=1e-30))
    scaled = replace(scaled, norm=replace(scaled.norm, eps=1e-30, scale=3.0))
    for program in ("compiled", "serial", "mapped"):
        (one, two), _ = train([plain, scaled], DATA, program=program, dtype=torch.float64)
        for name in ("training_loss", "gamma", "beta", "subset_loss"):
            assert np.allclose(one[name], two[name], rtol=1e-6), name
        free, raw = one["shift"][..., :2], one["shift"][:, :, :, 0, 2]
        assert np.allclose(free, two["shift"][..., :2], rtol=1e-4, atol=1e-7, equal_nan=True)
        assert np.allclose(3 * raw, two["shift"][:, :, :, 0, 2], rtol=1e-4, atol=1e-7, equal_nan=True)


def test_eps_makes_a_stack_of_its_own():
    assert stacks.shape(cell("batch")) != stacks.shape(
        replace(cell("batch"), norm=replace(cell("batch").norm, eps=1e-30))
    )


def test_what_stays_at_an_update_is_what_its_arm_holds_once_it_freezes():
    norms = [arm("weights_frozen_at_10"), arm(), arm("frozen_at_10"), arm("weights_frozen_at_30")]
    cells = [of(norm, steps=20, seed=number) for number, norm in enumerate(norms)]
    network = networks.build(cells[0].model, cells[0].norm, (12,), 4)
    assert arms.staying(cells, network, 1) == {}
    for step, still in ((2, [0]), (5, [0]), (6, [0, 3]), (19, [0, 3])):
        found = arms.staying(cells, network, step)
        assert sorted(found) == WEIGHTS
        for name, entries in found.items():
            assert entries.shape == (4, *network.get_parameter(name).shape)
            for number, one in enumerate(cells):
                places = arms.held(one, network)[name] if number in still else []
                assert entries[number].flatten().nonzero().flatten().tolist() == sorted(places)
