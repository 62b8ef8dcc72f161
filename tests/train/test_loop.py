"""Divergence, noise, motion and addresses of cells."""

import copy
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path

import grimp
import numpy as np
import pytest
import torch

from normshift import records
from normshift.networks.normalisers import REGISTRY as NORMALISERS
from normshift.params import PACKAGE, Model, Train
from normshift.train import digest, where
from normshift.train.loop import train
from normshift.train.motion import Motion
from normshift.train.optimizers import REGISTRY as OPTIMIZERS
from normshift.train.programs import PROGRAMS
from normshift.train.samples import Samples
from normshift.train.stacks import start
from tests.train.made_up import NORMS, cell, shuffled

DATA = shuffled(range(4))


def test_a_diverged_cell_is_recorded_and_does_not_touch_its_neighbours():
    wild, calm = cell("none", lr=100.0), cell("none", lr=0.1)
    (lost, kept), parameters = train([wild, calm], DATA)
    step = int(lost["diverged_step"])
    assert 0 < step < 10 and kept["diverged_step"] == -1
    assert np.isfinite(lost["training_loss"][:step]).all() and np.isnan(lost["training_loss"][step + 1 :]).all()
    assert np.isnan(lost["test_accuracy"]).all() and np.isnan(lost["subset_loss"][lost["points"] >= step]).all()
    (alone,), ended = train([calm], DATA)
    assert all(np.array_equal(alone[name], kept[name], equal_nan=True) for name in alone)
    assert all((parameters[name][1] == ended[name][0]).all() for name in ended)


def test_records_hold_what_the_schema_names_and_nothing_else():
    for norm in NORMS:
        (record,), _ = train([cell(norm)], DATA)
        assert set(record) <= {*records.PLAN, *records.CELL}
        needed = {name for name, (_, meaning) in records.CELL.items() if not meaning.endswith(("?", "!"))}
        sketches = {"y_quantiles", "y_quantiles_after"}  # where they do not follow from those of u
        assert needed - set(record) == (sketches if NORMALISERS[NORMS[norm].kind].y_from_u else set())
        for name, (axes, _) in {**records.PLAN, **records.CELL}.items():
            assert name not in record or record[name].ndim == len(axes.split()), name


@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_a_linear_network_is_observed_like_any_other(norm):
    one = cell(norm, lr=0.03, steps=40)
    one = replace(one, model=Model("linear", "linear", 1, 12, "identity", "squared"))
    (record,), parameters = train([one], DATA)
    (mapped,), _ = train([one], DATA, "mapped", dtype=torch.float64)
    (serial,), _ = train([one], DATA, dtype=torch.float64)
    assert all(np.allclose(mapped[name], serial[name], rtol=1e-5, atol=1e-7, equal_nan=True) for name in serial)
    inputs = Samples(DATA, [one], torch.float32, "cpu").fixed("probe").inputs[0].numpy()
    kept = record["kept"][0]
    means = record["moments"][:, :, 0, :, 0]
    assert means == pytest.approx(np.broadcast_to(inputs.mean(0)[kept], means.shape), abs=1e-6)
    assert (record["shift"][:, 0, 0, 0] == 0).all() and record["training_loss"][-1] < record["training_loss"][0]
    assert parameters["hidden.0.linear.weight"].shape == (1, 4, 12)


@pytest.mark.parametrize("norm", NORMS)
def test_identity_a_is_recorded_where_it_holds_and_nowhere_else(norm):
    (record,), _ = train([cell(norm, lr=0.3)], DATA, dtype=torch.float64)
    undisturbed = norm in ("batch", "frozen", "gamma", "steady_detached")
    by_batch = undisturbed or norm in ("noisy", "yoked")
    assert ("identity" in record) == undisturbed and ("mode_identity" in record) == by_batch
    assert ("y_quantiles" in record) == (norm not in ("none", "batch", "frozen", "gamma", "steady_detached"))
    for name in {"identity", "mode_identity"} & record.keys():
        assert record[name].max() < 1e-6


def test_kept_gamma_and_beta_are_those_of_the_network():
    (record,), parameters = train([cell("batch", steps=31)], DATA)
    kept = record["kept"][1]
    last = parameters["hidden.1.affine.beta"][0][torch.from_numpy(kept).long()]
    assert record["points"][-1] == 30
    assert (record["beta"][-1, 1, 1] == last.numpy()).all()
    steps = record["beta_increments"].astype(float)
    path = records.decoded(record["beta"][0, 0], steps, axis=0)
    # Half precision: each point is off by at most 2^-11 of its own last step.
    assert (np.abs(record["beta"][-1, 0, 1] - path[6, 1]) <= np.abs(steps[6, 1]) * 2**-10 + 1e-7).all()


def test_corners_split_into_sampling_and_drift():
    (record,), _ = train([cell("batch", lr=0.3)], DATA)
    corners = record["corners"].astype(float)
    change = corners[:, 1, 1] - corners[:, 0, 0]
    sampling = (corners[:, 0, 1] - corners[:, 0, 0] + corners[:, 1, 1] - corners[:, 1, 0]) / 2
    drift = (corners[:, 1, 0] - corners[:, 0, 0] + corners[:, 1, 1] - corners[:, 0, 1]) / 2
    assert np.abs(change - sampling - drift).max() < 1e-12
    assert np.abs(drift).max() > 1e-4 and np.abs(sampling).max() > 1e-2


def test_batch_norm_fixes_the_batch_mean_at_y_but_not_at_u_or_a():
    (record,), _ = train([cell("frozen", lr=0.3)], DATA)
    at = dict(zip("uxya", range(4), strict=True))
    mean_shift, noise = record["shift"][:, 0, :, :, 0], record["noise"][..., 0]
    assert mean_shift[..., at["y"]].max() < 1e-5 < mean_shift[..., at["a"]].max()
    assert noise[..., at["y"]].max() < 1e-5 and noise[..., at["u"]].min() > 0.01 and noise[..., at["a"]].min() > 0.01


def test_shift_equals_what_two_forward_passes_say():
    cells = [cell("none", lr=0.3, steps=steps) for steps in (30, 31)]
    (record,), after = train(cells[1:], DATA, dtype=torch.float64)
    _, before = train(cells[:1], DATA, dtype=torch.float64)
    inputs = Samples(DATA, cells[:1], torch.float64, "cpu").fixed("probe").inputs

    def u(parameters):
        return (inputs[0] @ parameters["hidden.0.linear.weight"][0].T + parameters["hidden.0.linear.bias"][0]).numpy()

    one, two = u(before), u(after)
    sigma = np.sqrt((one.var(0) + two.var(0)) / 2)
    assert record["shift"][-1, 0, 0, 0, 0] == pytest.approx(
        np.median(np.abs(two.mean(0) - one.mean(0)) / sigma), rel=1e-4
    )


def test_fresh_noise_is_paired_between_arms_new_at_every_step_and_absent_when_clean():
    cells = [cell("none", regime="fresh"), cell("batch", regime="fresh", lr=1.0), cell("batch")]
    samples = Samples(DATA, cells, torch.float32, "cpu")
    first, second = samples.batch(0)[0], samples.batch(1)[0]
    assert (first[0] == first[1]).all() and (first[0] != first[2]).all()
    plain = Samples(DATA, cells[2:], torch.float32, "cpu")
    noises = [seen[0] - plain.batch(step)[0][0] for step, seen in enumerate((first, second))]
    assert (noises[0] != noises[1]).all() and noises[0].std().item() == pytest.approx(1, rel=0.1)
    assert (first[2] == plain.batch(0)[0][0]).all()
    assert (samples.batch(0)[0] == first).all()


def test_batches_are_cut_from_the_stream():
    one = cell(seed=2)
    inputs, labels = Samples(DATA, [one], torch.float32, "cpu").batch(3)
    places = DATA.part("train", 2)[DATA.stream(one)[48:64]]
    assert (labels[0].numpy() == DATA.labels[places]).all()
    assert (inputs[0].numpy() == DATA.standardised(places, 2)).all()


@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
@pytest.mark.parametrize("batch_size", [1, 159, 160])
def test_a_batch_may_be_one_sample_or_the_whole_training_set(batch_size, norm):
    if norm == "batch" and batch_size == 1:
        pytest.skip("refused: one sample has no batch statistics")
    data, one = shuffled(range(1), batch_size, 30), cell(norm, batch_size=batch_size, regime="fresh")
    (record,), _ = train([one], data, dtype=torch.float64)
    (naive,), _ = train([one], data, program="serial", dtype=torch.float64)
    assert all(np.allclose(record[name], naive[name], rtol=1e-5, atol=1e-7, equal_nan=True) for name in naive)
    assert record["epoch"] == max(1, round(160 / batch_size)) and np.isfinite(record["test_loss"][0])


@pytest.mark.parametrize("norm", ["batch", "weights_frozen_at_10"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_motion_is_what_each_optimiser_moved(program, optimizer, norm):
    """In a run of 20 steps every block is one update: the difference between runs that end before and after it."""
    how = {"lr": 0.01, "optimizer": optimizer}
    (record,), _ = train([cell(norm, steps=20, **how)], DATA, program, dtype=torch.float64)
    if norm == "batch":
        ends = [train([cell(steps=s, **how)], DATA, program, "cpu", torch.float64, False)[1] for s in (5, 6, 7)]
        updates = {name: [(two[name] - one[name])[0] for one, two in pairwise(ends)] for name in ends[0]}
        for number, name in enumerate(("affine.gamma", "affine.beta", "linear.weight")):
            first, second = updates[f"hidden.1.{name}"]
            for block, update in ((5, first), (6, second)):
                assert record["step_abs"][block, number, 1] == pytest.approx(update.abs().mean().item(), rel=1e-5)
                assert record["step_norm"][block, number, 1] == pytest.approx(update.norm().item(), rel=1e-5)
            if number < 2:
                flips = (first * second < 0).double().mean().item()
                assert record["sign_changes"][6, number, 1] == pytest.approx(flips)
    else:  # what stays has no motion: the other entries have all of it
        free, _ = train([cell(steps=20, **how)], DATA, program, dtype=torch.float64)
        assert (record["step_abs"][:2] == free[0]["step_abs"][:2]).all()
        assert (record["step_norm"][2, 2] < free[0]["step_norm"][2, 2]).all()


def test_motion_equals_its_naive_twin():
    steps, parameters = 43, None
    _, parameters, _ = start([cell("batch")], (12,), 4, torch.float64, "cpu")
    motion, now, path = Motion(parameters, steps), dict(parameters), []
    draw = torch.Generator().manual_seed(0)
    for step in range(steps):
        updates = {name: torch.randn(value.shape, generator=draw, dtype=value.dtype) for name, value in now.items()}
        now = {name: now[name] - updates[name] for name in now}
        motion.add(step, updates)
        if step + 1 in Motion.ends(steps):
            motion.close(step, now)
        path.append(updates["hidden.1.affine.beta"][0].numpy())
    arrays = {name: value[0].numpy() for name, value in motion.arrays([slice(0, 1)]).items()}
    blocks = [[i for i in range(steps) if i * 20 // steps == block] for block in range(20)]
    for block, members in enumerate(blocks):
        assert arrays["step_abs"][block, 1, 1] == pytest.approx(np.mean([np.abs(path[i]).mean() for i in members]))
        assert arrays["step_norm"][block, 1, 1] == pytest.approx(sum(np.linalg.norm(path[i]) for i in members))
        flips = [np.mean(path[i] * path[i - 1] < 0) for i in members if i > 0]
        assert arrays["sign_changes"][block, 1, 1] == pytest.approx(np.mean(flips))
    increments = np.array([-np.sum([path[i] for i in members], axis=0) for members in blocks])
    assert arrays["gram"][1, 1] == pytest.approx((increments @ increments.T)[np.triu_indices(20)])
    assert np.isnan(arrays["sign_changes"][:, 2]).all()


def test_an_arm_without_gamma_and_beta_has_no_motion_of_them():
    (record,), _ = train([cell("none")], DATA)
    assert np.isnan(record["step_abs"][:, :2]).all() and (record["step_abs"][:, 2] > 0).all()


BASE, HERE, MACHINE = cell(), Train("stacked", "cpu"), where.machine("cpu")


def address(one=BASE, data=DATA, how=HERE, machine=MACHINE) -> str:
    return digest.digests([one], data, how, machine)[0]


def test_whatever_changes_a_cell_changes_its_address():
    other_order = replace(DATA, streams={("reshuffle", 16): {"seed_0": DATA.streams["reshuffle", 16]["seed_0"][::-1]}})
    others = [
        address(replace(BASE, lr=0.2)),
        address(replace(BASE, seed=1)),
        address(replace(BASE, norm=replace(BASE.norm, learn_beta=False))),
        address(data=other_order),
        address(data=replace(DATA, inputs=DATA.inputs + 1)),
        address(how=Train("serial", "cpu")),
        address(machine={**MACHINE, "kernels": "others"}),
    ]
    assert len({address(), *others}) == 1 + len(others)


# Another value of everything that a cell is, but for its seed and data.
OTHERS = {
    "model": {
        "name": "m",
        "kind": "linear",
        "depth": 2,
        "width": 21,
        "activation": "tanh",
        "loss": "squared",
        "sd": 0.1,
    },
    "norm": {
        "name": "n",
        "kind": "layer",
        "learn_gamma": False,
        "learn_beta": False,
        "gamma0": 0.5,
        "beta0": 0.5,
        "rate": 0.5,
        "frozen_from": 0.5,
        "freezes": "weights",
        "momentum": 0.5,
        "eps": 0.5,
        "scale": 0.5,
        "start": "final",
        "replay": "ordered",
        "replayed": "mean",
        "gain": 0.5,
    },
    "optimizer": {"name": "adam", "kind": "adam"},
    "schedule": {"name": "cosine", "kind": "cosine"},
}


def test_every_field_of_what_is_chosen_counts_for_the_address():
    seen = {address()}
    for group, values in OTHERS.items():
        chosen = getattr(BASE, group)
        assert values.keys() == {field.name for field in fields(chosen)}
        for key, value in values.items():
            seen.add(address(replace(BASE, **{group: replace(chosen, **{key: value})})))
    assert len(seen) == 1 + sum(map(len, OTHERS.values()))


def test_a_longer_stream_with_the_same_beginning_keeps_the_address():
    longer = {"seed_0": np.append(DATA.streams["reshuffle", 16]["seed_0"], np.int32(0))}
    assert address(data=replace(DATA, streams={("reshuffle", 16): longer})) == address()


def test_comments_and_docstrings_do_not_change_the_address_and_code_does(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(where, "PACKAGE", tmp_path)
    (tmp_path / "train").mkdir()
    path = tmp_path / "train" / "step.py"
    seen = []
    for text in ('"""One."""\nx = 1\n', '"""Two."""\nx  =  1  # why\n', '"""One."""\nx = 2\n'):
        path.write_text(text)
        seen.append(where.code())
    assert seen[0] == seen[1] != seen[2]


def naive(one, steps: int) -> dict:
    """Train one cell of one hidden layer by the plain formulas; return its state before every update and after all."""
    samples = Samples(DATA, [one], torch.float64, "cpu")
    network, parameters, buffers = start([one], (12,), 4, torch.float64, "cpu")
    network.load_state_dict({name: value[0] for name, value in {**parameters, **buffers}.items()})
    states = []
    for step in range(steps):
        states.append(copy.deepcopy(network))
        inputs, labels = samples.batch(step)
        loss = torch.nn.functional.cross_entropy(network(inputs[0])[0], labels[0])
        network.zero_grad()
        loss.backward()
        with torch.no_grad():
            for value in network.parameters():
                value -= one.lr * value.grad
    return {"states": [*states, network], "samples": samples}


def own(samples: Samples, name: str, number: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Return inputs and labels of a fixed set as a cell reads them."""
    fixed = samples.fixed(name)
    return fixed.inputs[fixed.row_of[number]], fixed.labels[fixed.row_of[number]]


def site_moments(network, inputs):
    """Mean and sd per unit at u, x, y, a of the first hidden layer, batch mode, as NumPy says."""
    with torch.no_grad():
        _, sites = copy.deepcopy(network).train()(inputs)
    return [(site.numpy().mean(0), site.numpy().std(0)) for site in sites[0]]


@pytest.fixture(scope="module")
def looked():
    one = cell("batch", depth=1, lr=0.3, regime="fresh", seed=3, steps=40)
    (record,), _ = train([one], DATA, dtype=torch.float64)
    return record, naive(one, 40)


@pytest.mark.parametrize(("name", "part"), [("shift", "probe"), ("shift_second", "second")])
def test_one_step_shifts_are_those_of_the_right_probe(looked, name, part):
    record, seen = looked
    inputs = own(seen["samples"], part)[0]
    for place, point in enumerate(record["full"]):
        step = record["points"][point]
        rows = zip(*(site_moments(state, inputs) for state in seen["states"][step : step + 2]), strict=True)
        for site, ((mean, sd), (later, later_sd)) in enumerate(rows):
            sigma = np.sqrt((sd**2 + later_sd**2) / 2)
            expected = np.nanmedian(np.abs(later - mean)[sigma > 0] / sigma[sigma > 0])
            got = record[name][point, 0, 0, site, 0] if name == "shift" else record[name][place, 0, 0, site, 0]
            assert got == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_shifts_since_the_start_and_since_a_full_point_are_those_of_their_snapshots(looked):
    record, seen = looked
    inputs = own(seen["samples"], "probe")[0]
    full = record["points"][record["full"]]
    for point, step in enumerate(record["points"]):
        later, _ = site_moments(seen["states"][step], inputs)[3]
        followed = [(1, begin) for begin in full if step - begin in (10, int(record["epoch"]))]
        for horizon, begin in [(2, 0), *followed]:
            mean, _ = site_moments(seen["states"][begin], inputs)[3]
            assert record["shift"][point, horizon, 0, 3, 2] == pytest.approx(
                np.median(np.abs(later - mean)), rel=1e-4, abs=1e-7
            )


def test_accuracy_is_scored_on_the_test_set_and_the_subset_in_the_right_mode(looked):
    record, seen = looked
    network = seen["states"][-1]
    for part, mode, got in (
        ("test", True, record["test_accuracy"][0]),
        ("test", False, record["test_accuracy"][1]),
        ("subset", True, record["final_subset_accuracy"]),
    ):
        inputs, labels = own(seen["samples"], part)
        with torch.no_grad():
            logits, _ = copy.deepcopy(network).train(mode)(inputs)
        assert got == pytest.approx((logits.argmax(1) == labels).double().mean().item())


def test_held_out_inputs_are_noisy_when_fresh_and_every_seed_has_its_own_noise():
    fresh = Samples(DATA, [cell(regime="fresh", seed=seed) for seed in (0, 1)], torch.float32, "cpu")
    clean = Samples(DATA, [cell(seed=seed) for seed in (0, 1)], torch.float32, "cpu")
    for part in ("probe", "second", "test", "subset"):
        noise = torch.stack([own(fresh, part, number)[0] - own(clean, part, number)[0] for number in (0, 1)])
        assert noise.std().item() == pytest.approx(1, rel=0.1)
        assert (noise[0] != noise[1]).all()
    noise = fresh.batch(0)[0] - clean.batch(0)[0]
    assert (noise[0] != noise[1]).all()


def test_nothing_is_recorded_of_a_diverged_cell_after_it_diverged():
    (record,), _ = train([cell("none", lr=3.0, steps=40)], DATA)
    step = int(record["diverged_step"])
    assert 0 < step < 30
    before, after = record["points"] < step, record["points"] >= step
    assert np.isfinite(record["subset_loss"][before]).all() and np.isnan(record["subset_loss"][after]).all()
    ends = (np.arange(20) + 1) * 40 // 20
    assert (
        np.isfinite(record["step_norm"][ends < step, 2]).all() and np.isnan(record["step_norm"][ends >= step, 2]).all()
    )


def test_every_held_out_set_counts_for_the_address():
    for name in ("subset_0", "test_0", "probe_0", "second_0", "scale_0"):
        other = {**DATA.splits, name: DATA.splits[name][::-1].copy() if name != "scale_0" else DATA.splits[name] * 2}
        assert address(data=replace(DATA, splits=other)) != address(), name


def test_the_address_tells_of_all_code_that_trains_and_of_none_that_only_places():
    graph = grimp.build_graph("normshift", cache_dir=None)
    used, waiting = set(), ["normshift.train.worker", "normshift.train.loop"]
    while waiting:
        module = waiting.pop()
        if module not in used:
            used.add(module)
            waiting += graph.find_modules_directly_imported_by(module)
    counted = {path for pattern in where.CODE for path in PACKAGE.glob(pattern)} - {
        PACKAGE / name for name in where.PLACING
    }
    training = {path for path in counted if path.is_relative_to(PACKAGE / "train")}
    files = {PACKAGE / f"{module.partition('.')[2].replace('.', '/')}.py" for module in used}
    files |= {path.parent / "__init__.py" for path in files} | {path.with_suffix("") / "__init__.py" for path in files}
    assert {path for path in files if path.is_file() and path.is_relative_to(PACKAGE / "train")} == training
