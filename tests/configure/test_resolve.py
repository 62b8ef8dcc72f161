import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from normshift.configure.resolve import dumped, resolved
from normshift.configure.sources import Sources, sources
from normshift.grid import planned
from normshift.params import Config, Refused, typed

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found() -> Sources:
    """The project's own sources, with study core alone."""
    own = sources(ROOT)
    return dataclasses.replace(own, params={**own.params, "studies": ["core"]})


def with_grids(found: Sources, *grids) -> Sources:
    return dataclasses.replace(found, groups={**found.groups, "study": {"core": {"grids": list(grids)}}})


def refusal(found: Sources, *overrides: str, single: bool = False) -> list[str]:
    with pytest.raises(Refused) as caught:
        resolved(found, overrides, single)
    return caught.value.lines


def test_what_is_written_is_read_back():
    config = resolved(sources(ROOT))
    assert typed(Config, json.loads(dumped(config))) == config


def test_the_file_is_the_same_each_time_and_sorted():
    text = dumped(resolved(sources(ROOT)))
    assert text == dumped(resolved(sources(ROOT)))
    assert text == json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def test_the_default_core_has_1152_cells(found):
    points = planned(resolved(found, ["studies=[core]", "profile=full"]).studies["core"])
    assert len(points) == 1152
    assert {point.role for point in points} == {"judged", "tuning"}
    assert {point.cell.seed for point in points} == {*range(12), *range(1000, 1004)}


def test_the_profile_fills_only_what_is_left_open(found):
    filled = resolved(found, ["profile=smoke"]).studies["core"]
    profile = found.groups["profile"]["smoke"]
    assert filled.cell.steps == profile["steps"]
    assert filled.seeds.judged == list(range(profile["seeds"]["judged"]))
    assert filled.seeds.tuning == list(range(1000, 1000 + profile["seeds"]["tuning"]))
    said = resolved(found, ["profile=smoke", "steps=7", "seeds.judged=1", "seeds.tuning=1"]).studies["core"]
    assert (said.cell.steps, said.seeds.judged, said.seeds.tuning) == (7, [0], [1000])


def test_a_profile_keeps_only_some_values(found):
    for grid in resolved(found, ["profile=smoke", "studies=[core]"]).studies["core"].grids:
        assert grid["lr"] == found.groups["profile"]["smoke"]["keep"]["lr"]


def test_a_profile_adds_axes_to_every_grid_that_does_not_vary_them(found):
    own = with_grids(found, {"lr": [0.1]}, {"model": ["mlp_tanh"]}, {"lr": [0.2], "model.depth": [1, 10]})
    config = resolved(own, ["profile=thorough"])
    assert [grid.get("model") for grid in config.studies["core"].grids] == [
        ["mlp", "mlp_sigmoid"],
        ["mlp_tanh"],
        ["mlp", "mlp_sigmoid"],
    ]
    deep = {(point.cell.model.activation, point.cell.model.depth) for point in planned(config.studies["core"])}
    assert deep == {("relu", 3), ("sigmoid", 3), ("tanh", 3)} | {
        (activation, depth) for activation in ("relu", "sigmoid") for depth in (1, 10)
    }


def test_a_key_of_a_model_that_a_grid_varies_leaves_other_grids_alone(found):
    deep = {"model": ["mlp"], "model.depth": [10]}
    for grids in ([deep, {"model": ["mlp"], "lr": [0.2]}], [{"model": ["mlp"], "lr": [0.2]}, deep]):
        points = planned(resolved(with_grids(found, *grids)).studies["core"])
        assert {(point.cell.lr, point.cell.model.depth) for point in points} == {(0.1, 10), (0.2, 3)}


def test_the_reference_cell_is_the_same_under_every_profile(found):
    config = resolved(found, ["profile=thorough", "studies=[core]"])
    assert config.studies["core"].cell.model == resolved(found, ["studies=[core]"]).studies["core"].cell.model


def test_an_axis_that_a_profile_adds_is_checked(checkout):
    text = "{steps: 9, seeds: {judged: 1, tuning: 1}, keep: {}, add: {model: [cnn], depth: [1], lr: []}}"
    (checkout / "conf" / "profile" / "own.yaml").write_text(text)
    lines = refusal(sources(checkout), "profile=own")
    for start in ("model=cnn: must be one of", "depth=[1]: unknown axis", "lr=[]: empty"):
        assert any(line.startswith(f"profile.add.{start}") for line in lines), lines


def test_a_later_override_wins(found):
    assert resolved(found, ["seeds.root=3", "seeds.root=4"]).root == 4


def test_options_hold_the_names_in_use_and_no_other(found):
    config = resolved(with_grids(found, {"norm": ["none", "beta"], "model": ["mlp_tanh"]}))
    used = config.studies["core"].options
    assert {group: set(names) for group, names in used.items()} == {"norm": {"none", "beta"}, "model": {"mlp_tanh"}}
    assert used["norm"]["beta"] == found.groups["norm"]["beta"]


def test_a_learning_rate_more_leaves_the_streams_alone(found):
    few = with_grids(found, {"lr": [0.1], "order": ["sorted", "iid"]})
    more = with_grids(found, {"lr": [0.1, 0.2], "order": ["sorted", "iid"]})
    assert resolved(few).streams == resolved(more).streams


def test_a_stream_is_as_long_as_the_longest_cell_that_reads_it(found):
    config = resolved(
        with_grids(found, {"batch_size": [30, 60], "steps": [10, 20]}, {"order": ["sorted"], "steps": [5]})
    )
    lengths = {(stream.order.name, stream.batch_size): stream.steps for stream in config.streams}
    assert lengths == {("reshuffle", 30): 20, ("reshuffle", 60): 20, ("sorted", 60): 5}


def test_a_single_override_replaces_the_axis_in_every_grid(found):
    study = resolved(found, ["norm=batch", "lr=0.25", "seed=3", "steps=9", "model.depth=2"], single=True).studies[
        "core"
    ]
    cells = [point.cell for point in planned(study)]
    assert {(c.norm.name, c.lr, c.seed, c.steps, c.model.depth) for c in cells} == {("batch", 0.25, 3, 9, 2)}
    assert {(c.order.name, c.regime) for c in cells} == {
        ("reshuffle", "clean"),
        ("reshuffle", "fresh"),
        ("sorted", "clean"),
    }


def test_a_single_override_may_hold_several_values_and_escapes_the_profile(found):
    study = resolved(found, ["profile=smoke", "lr=[0.25,0.5]"], single=True).studies["core"]
    assert {point.cell.lr for point in planned(study)} == {0.25, 0.5}


@pytest.mark.parametrize(("text", "value"), [("1e-5", 1e-5), ("1", 1.0), ("1e5", 1e5)])
def test_numbers_are_read_as_numbers(found, text, value):
    study = resolved(found, [f"lr={text}"], single=True).studies["core"]
    assert {point.cell.lr for point in planned(study)} == {value}


@pytest.mark.parametrize("text", ["batch_size=60", "steps=40", "model=mlp", "seed=0"])
def test_an_axis_may_be_set_to_what_params_yaml_says(found, text):
    said = dataclasses.replace(found, params={**found.params, "steps": 40})
    axis, _, value = text.partition("=")
    study = resolved(said, [text], single=True).studies["core"]
    assert {str(grid[axis]) for grid in study.grids if axis in grid} <= {f"[{value}]", f"['{value}']"}
    assert (study.cell.batch_size, study.cell.steps, study.cell.model.name) == (60, 40, "mlp")


def test_one_sample_is_enough_without_batch_statistics(found):
    study = resolved(found, ["batch_size=1", "norm=[none,layer,none_noisy]"], single=True).studies["core"]
    assert {point.cell.batch_size for point in planned(study)} == {1}


@pytest.mark.parametrize("norm", ["noisy", "steady_detached", "free_detached", "free_full", "yoked_1"])
def test_one_sample_is_too_few_for_whatever_divides_by_the_batch(found, norm):
    (line,) = refusal(found, "batch_size=1", f"norm={norm}", single=True)
    assert line.startswith(f"batch_size=1: must be at least 2 with norm={norm}")


@pytest.mark.parametrize("grids", [3, "norm", {"norm": ["none"]}, [3], ["norm"], [None], None])
def test_grids_that_are_not_a_list_of_mappings_get_one_line(found, grids):
    broken = dataclasses.replace(found, groups={**found.groups, "study": {"core": {"grids": grids}}})
    (line,) = refusal(broken)
    assert line.startswith("conf/study/core.yaml: ") and "empty grid: must" in line


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_cuda_is_refused_where_there_is_none(found):
    assert refusal(found, "train.device=cuda") == [
        "train.device=cuda: no CUDA device can be used here: choose train.device=cpu"
    ]


def test_torch_is_not_loaded_for_the_processor():
    code = "import sys; from normshift.configure.__main__ import compose; from pathlib import Path; "
    code += "compose(Path('.')); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


BAD = {
    "lr=-1": "lr=-1: must be a number above 0, at most 1e+06",
    "lr=inf": "lr=inf: must be a number above 0, at most 1e+06",
    "lr=nan": "lr=nan: must be a number above 0, at most 1e+06",
    "lr=true": "lr=True: must be a number above 0, at most 1e+06",
    "lr=abc": "lr=abc: must be a number above 0, at most 1e+06",
    "lr=[]": "lr=[]: empty grid: must be a list of at least one value",
    "norm=foo": "norm=foo: must be one of batch, batch_renorm, ",
    "seed=-1": "seed=-1: must be a whole number from 0 to 1e+06",
    "seeds.judged=0": "seeds.judged=0: must be a whole number from 1 to 1000",
    "seeds.judged=1.5": "seeds.judged=1.5: must be a whole number from 1 to 1000",
    "seeds=0": "seeds=0: must be a mapping of judged, root, tuning",
    "steps=0": "steps=0: must be a whole number from 1 to 1e+07",
    "batch_size=3000": "batch_size=3000: must be at most data.train=1197, the samples there are to train on",
    "batch_size=1": "batch_size=1: must be at least 2 with norm=batch, frozen: one sample has no batch statistics",
    "studies=[[core]]": "studies=['core']: must be one of affine",
    "batch_size=null": "batch_size=None: must be a whole number from 1 to 1e+06",
    "train.program=fast": "train.program=fast: must be text that is one of stacked, mapped, serial",
    "data=foo": "data=foo: must be one of cifar10, digits",
    "studies=[]": "studies=[]: must be a list with at least one of affine",
    "studies=core": "studies=core: must be a list with at least one of affine",
    "studies=[foo]": "studies=foo: must be one of affine",
    "studies=[core,core]": "studies=core: named twice",
    "engine.workers=0": "engine.workers=0: must be a whole number from 1 to 1024",
    "+unknown=1": "+unknown=1: must be KEY=VALUE",
    "unknown=1": "unknown=1: unknown key; allowed: profile",
    "lr=0.1,0.3": "lr=0.1,0.3: must be KEY=VALUE",
    "engine.workers=${foo}": "engine.workers=${foo}: Interpolation key 'foo' not found",
}


@pytest.mark.parametrize(("text", "line"), BAD.items())
def test_a_bad_override_gets_one_line(found, text, line):
    (only,) = refusal(found, text, single=True)
    assert only.startswith(line) and "\n" not in only


def test_all_faults_are_listed_at_once(found):
    texts = ["lr=-1", "norm=foo", "seeds.judged=0", "batch_size=3000", "+unknown=1", "data=foo", "studies=[foo]"]
    lines = refusal(found, *texts, single=True)
    assert len(lines) == len(texts)
    assert {line.partition("=")[0] for line in lines} == {text.partition("=")[0] for text in texts}


FILES = {
    "an unknown arm": ([{"norm": ["none", "batchh"]}], "grids.0.norm=batchh: must be one of batch, batch_renorm, "),
    "no grid": ([], "empty grid"),
    "an empty axis": ([{"lr": []}], "grids.0.lr=[]: empty grid"),
    "an empty mapping": ([{}], "grids.0={}: empty grid"),
    "an unknown axis": ([{"rate": [1.0]}], "grids.0.rate=[1.0]: unknown axis; allowed: model"),
    "not a list": ([{"lr": 0.1}], "grids.0.lr=0.1: must be a list"),
    "a negative rate": ([{"lr": [0.1, -1]}], "grids.0.lr=-1: must be a number above 0"),
    "seeds": ([{"seed": [1]}], "grids.0.seed: how many seeds"),
    "a batch too large": ([{"batch_size": [60, 2000]}], "batch_size=2000: must be at most data.train=1197"),
    "a negative share": ([{"share": [-1]}], "grids.0.share.0=-1: must be a number above 0"),
    "a size no order has": ([{"order.sizes": [3]}], "grids.0.order.sizes=[3]: unknown axis"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_bad_study_gets_one_line(found, case):
    grids, line = FILES[case]
    (only,) = refusal(with_grids(found, *grids))
    assert line in only


def test_an_axis_of_which_a_profile_keeps_nothing_keeps_its_first_value(found):
    (grid,) = resolved(with_grids(found, {"lr": [0.02, 0.01]}), ["profile=smoke"]).studies["core"].grids
    assert grid["lr"] == [0.02]


@pytest.mark.parametrize(("kind", "need"), [("buffer", "size"), ("dirichlet", "concentration")])
def test_an_order_that_lacks_what_it_needs_is_refused(found, kind, need):
    orders = {**found.groups["order"], kind: {"name": kind, "kind": kind}}
    bare = dataclasses.replace(found, groups={**found.groups, "order": orders})
    (line,) = refusal(with_grids(bare, {"order": [kind]}))
    assert line.startswith(f"order={kind}: order.{need} is missing")


@pytest.mark.parametrize(("kind", "order"), [("yoked", "nothing"), ("batch", "ordered")])
def test_only_an_arm_that_replays_is_told_what(found, kind, order):
    norms = {**found.groups["norm"], "odd": {**found.groups["norm"]["yoked_1"], "name": "odd", "kind": kind}}
    norms["odd"]["replay"] = order
    odd = dataclasses.replace(found, groups={**found.groups, "norm": norms})
    (line,) = refusal(with_grids(odd, {"norm": ["odd"]}))
    assert line.startswith(f"norm=odd: norm.replay={order}: kind yoked replays something, and no other kind does")


@pytest.mark.parametrize(
    ("name", "grid"),
    [
        ("order=buffer", {"order": ["buffer"], "order.size": [100, 200]}),
        ("norm=frozen_at_10", {"norm": ["frozen_at_10"], "norm.frozen_from": [0.1, 0.2]}),
    ],
)
def test_one_name_cannot_have_two_meanings(found, name, grid):
    (line,) = refusal(with_grids(found, grid))
    assert line.startswith(f"{name}: two meanings")


def test_what_params_yaml_leaves_out_is_named(found):
    params = {key: value for key, value in found.params.items() if key not in {"data", "batch_size"}}
    lines = refusal(dataclasses.replace(found, params=params))
    assert [line.split(":")[:2] for line in lines] == [
        ["data", " missing from params.yaml"],
        ["batch_size", " missing from params.yaml"],
    ]


def with_file(found: Sources, **file) -> Sources:
    return dataclasses.replace(found, groups={**found.groups, "study": {"core": file}})


def test_a_study_may_have_seeds_of_its_own_and_a_share_of_the_steps(found):
    file = {"grids": [{"share": [0.25]}], "seeds": {"judged": 2, "tuning": 0, "first": 500}}
    study = resolved(with_file(found, **file), ["steps=40", "seeds.judged=3"]).studies["core"]
    assert study.seeds.judged == list(range(500, 506)) and study.seeds.tuning == []
    assert {point.cell.steps for point in planned(study)} == {10}


def test_a_single_runs_network_is_its_reference_and_its_arm_is_not(found):
    config = resolved(found, ["model=mlp_sigmoid", "norm=none", "lr=[0.1,0.3]"], single=True)
    cell = config.studies["core"].cell
    assert (cell.model.name, cell.model.activation, cell.norm.name) == ("mlp_sigmoid", "sigmoid", "batch")
    assert {plan.cell.model.name for plan in planned(config.studies["core"])} == {"mlp_sigmoid"}


def test_cells_named_under_detail_are_watched_in_detail(found):
    file = {"grids": [{"lr": [0.1, 0.3]}], "detail": [{"lr": [0.3], "norm": ["batch"], "seed": [0, 1]}]}
    cells = [point.cell for point in planned(resolved(with_file(found, **file)).studies["core"])]
    assert {(cell.lr, cell.seed) for cell in cells if cell.watch == "detail"} == {(0.3, 0), (0.3, 1)}


def test_what_a_study_cannot_say_is_refused_in_one_line(found):
    (line,) = refusal(with_file(found, grids=[{"lr": [0.1]}], seed=[1]))
    assert "seed=[1]: unknown key; allowed: grids, detail, tested, seeds" in line
