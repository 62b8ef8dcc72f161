"""params.yaml, conf/, dvc.yaml and the code agree."""

import dataclasses
import importlib
import json
import re
from pathlib import Path

import pytest
import torch
import yaml
from omegaconf import OmegaConf

from normshift.configure.fitting import fitted
from normshift.configure.overrides import flattened
from normshift.configure.resolve import dumped, resolved
from normshift.configure.sources import content, sources
from normshift.grid import planned
from normshift.judge.areas import FROZEN
from normshift.judge.claims import c13, c29
from normshift.judge.controls.negative_control import SCALE
from normshift.launch import STAGES
from normshift.params import Data, Refused, typed

ROOT = Path(__file__).parents[1]
FOUND = sources(ROOT)
OPTIONS = [(group, name) for group, options in FOUND.groups.items() for name in options if group != "reproduction"]
PACKAGES = {
    "data": "fetch.readers",
    "engine": "engines",
    "model": "networks.architectures",
    "norm": "networks.normalisers",
    "optimizer": "train.optimizers",
    "order": "shuffle.orders",
    "schedule": "train.schedules",
}
PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
NEITHER_BITS_NOR_RESULTS = {"engine"}  # which engine runs the stacks is in no stage's parameters
MORE = {("data", "folder"): ["data.path=mine"], ("model", "lenet"): ["data=mnist"]}  # what options cannot do without
# Another value for each choice: what it changes in the resolved configuration.
OTHERS = {
    "profile": "smoke",
    "data": "mnist",
    "model": "mlp_tanh",
    "batch_size": 30,
    "steps": 7,
    "seeds.root": 1,
    "seeds.judged": 5,
    "seeds.tuning": 5,
    "train.program": "serial",
    "train.device": "cuda",
}


@pytest.mark.parametrize(("group", "name"), OPTIONS)
def test_every_option_composes(group, name):
    if group == "study" and name.startswith("repro_"):
        pytest.skip("of a reproduction, which says on what data (tests/reproductions/test_recipes.py)")
    overrides = [f"studies=[{name}]"] if group == "study" else [f"{group}={name}"]
    config, _ = fitted(FOUND, [*overrides, *MORE.get((group, name), [])], single=group != "study")
    assert all(planned(study) for study in config.studies.values())


@pytest.mark.parametrize(("group", "name"), [option for option in OPTIONS if option[0] in PACKAGES])
def test_the_kind_of_every_option_is_registered(group, name):
    registry = importlib.import_module(f"normshift.{PACKAGES[group]}").REGISTRY
    assert FOUND.groups[group][name]["kind"] in registry


@pytest.mark.parametrize("group", PACKAGES)
def test_every_kind_can_be_chosen(group):
    registry = importlib.import_module(f"normshift.{PACKAGES[group]}").REGISTRY
    assert {option["kind"] for option in FOUND.groups[group].values()} == set(registry)


def test_every_registered_claim_is_judged_and_no_other():
    claims = importlib.import_module("normshift.judge.claims").REGISTRY
    assert set(FOUND.claims["claims"]) == set(claims)


def test_every_choice_has_one_home():
    config = content(ROOT / "conf" / "config.yaml")
    for key in (text.partition("=")[0] for text in flattened(FOUND.params)):
        if key not in FOUND.groups:
            assert OmegaConf.is_missing(OmegaConf.create(_parent(config, key)), key.rpartition(".")[2]), key


def _parent(config: dict, key: str) -> dict:
    for step in key.split(".")[:-1]:
        config = config[step]
    return config


def test_every_choice_is_used():
    default = dumped(resolved(FOUND))
    for key in (text.partition("=")[0] for text in flattened(FOUND.params)):
        if key == "train.device" and not torch.cuda.is_available():
            with pytest.raises(Refused, match="no CUDA device"):
                resolved(FOUND, [f"{key}={OTHERS[key]}"])
        elif key in OTHERS:
            assert dumped(fitted(FOUND, [f"{key}={OTHERS[key]}"])[0]) != default, key
        else:  # a list of names or a group with one option only: its name must show
            names = FOUND.params[key] if isinstance(FOUND.params[key], list) else [FOUND.params[key]]
            assert all(re.search(rf"\b{name}\b", default) for name in names), key


def test_a_matrix_runs_over_a_choice():
    lists = {axis for stage in PIPELINE.values() for axis in stage.get("matrix", {}).values()}
    assert {text.strip("${}") for text in lists} <= set(FOUND.params)


@pytest.mark.parametrize("stage", STAGES)
def test_the_parameters_of_a_stage_exist(stage):
    config = json.loads(dumped(resolved(FOUND)))
    for key in _parameters(stage):
        for study in FOUND.params["studies"]:
            part = config
            for step in key.replace("${item.study}", study).split("."):
                assert step in part, key
                part = part[step]


@pytest.mark.parametrize("stage", STAGES[1:])
def test_a_stage_declares_the_keys_it_reads(stage):
    code = "\n".join(path.read_text() for path in (ROOT / "src" / "normshift" / stage).rglob("*.py"))
    read = set(re.findall(r"\bconfig\.([a-z]\w*)", code)) - NEITHER_BITS_NOR_RESULTS  # capitals: Numba's own settings
    assert read == {key.partition(".")[0] for key in _parameters(stage)}


def _parameters(stage: str) -> list[str]:
    return [key for entry in PIPELINE[stage].get("params", []) for keys in entry.values() for key in keys]


def test_arms_are_what_claims_take_their_names_for():
    def own(arm, key):
        return FOUND.groups["norm"][arm][key]

    for share in FROZEN.values():
        for what, kind in (("frozen_at", "affine"), ("weights_frozen_at", "weights")):
            arm = f"{what}_{round(100 * share)}"
            assert own(arm, "frozen_from") == share and FOUND.groups["norm"][arm].get("freezes", "affine") == kind
    assert [own(arm, "gamma0") for arm in c13.FAR["gamma"].values()] == [0.1, 3.0]
    assert [own(arm, "beta0") for arm in c13.FAR["beta"].values()] == [-3.0, 3.0]
    assert own("rate_0", "rate") == 0 and own(c29.LONG, "momentum") == 0.01
    assert "momentum" not in FOUND.groups["norm"][c29.SHORT] and own("eps_0_scaled", "scale") == SCALE


WHERE = {"mirror", "mirrors", "root", "folder"}  # a data set's files are, never what they are
SPLIT = {"train", "heldout", "split", "inputs"}  # what shuffle alone reads


def test_what_a_data_set_is_is_declared_and_where_it_is_is_not():
    fields = {field.name for field in dataclasses.fields(Data)}
    declared = {
        stage: {key.partition(".")[2] for key in _parameters(stage) if "." in key} for stage in ("fetch", "shuffle")
    }
    assert declared["fetch"] == fields - WHERE - SPLIT
    assert declared["shuffle"] == SPLIT | {"name", "shape"}


@pytest.mark.parametrize("key", ["mirror", "root"])
def test_where_a_data_set_is_changes_no_key_that_a_stage_declares(key):
    before, after = (json.loads(dumped(resolved(FOUND, given))) for given in ([], [f"data.{key}=/elsewhere"]))
    assert before["data"].pop(key) is None and after["data"].pop(key) == "/elsewhere"
    assert before == after


@pytest.mark.parametrize("name", FOUND.groups["data"])
def test_every_data_set_states_its_terms_and_how_to_know_its_files(name):
    data = typed(Data, FOUND.groups["data"][name])
    assert data.licence or data.kind == "openml"
    assert data.citation or data.kind == "openml"
    assert bool(data.files) == bool(data.mirrors)
    assert data.mirrors[:1] == [mirror for mirror in data.mirrors[:1] if mirror.startswith("https://")]
