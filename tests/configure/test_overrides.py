import math

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import example, given
from hypothesis import strategies as st

from normshift.configure.overrides import apart, flattened, grammar, parsed

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3), max_leaves=6)


def same(one, other):
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and math.isnan(one):
        return math.isnan(other)
    return type(one) is type(other) and one == other


@example("\\0")
@example('\\"')
@example("a\\")
@example("\n\\\n")
@given(VALUES)
def test_a_value_survives_hydras_grammar(value):
    override = OverridesParser.create().parse_override(f"key={grammar(value)}")
    assert same(override.value(), value)


def test_nested_choices_become_dotted_overrides():
    params = {"data": "digits", "seeds": {"root": 0, "judged": None}, "studies": ["core", "ladder"]}
    assert list(flattened(params)) == [
        'data="digits"',
        "seeds.root=0",
        "seeds.judged=null",
        'studies=["core","ladder"]',
    ]


def test_a_mapping_is_taken_apart():
    good, _ = parsed(["seeds={judged: 24, root: 1}"], ["seeds", "seeds.judged"])
    assert apart(good[0]) == ["seeds.judged=24", "seeds.root=1"]


@pytest.mark.parametrize(
    "text", ["+lr=1", "++lr=1", "~lr", "~lr=0.1", "lr=0.1,0.3", "lr=range(1,3)", "norm@x=batch", "lr", "lr=(", ""]
)
def test_only_key_equals_value_is_taken(text):
    good, faults = parsed([text], ["lr", "norm"])
    assert not good
    assert len(faults) == 1 and faults[0].startswith(text) and "KEY=VALUE" in faults[0] and "\n" not in faults[0]


def test_an_unknown_key_is_answered_with_the_keys_beside_it():
    _, faults = parsed(["train.programm=serial"], ["train", "train.program", "train.device", "lr"])
    assert faults == [
        "train.programm=serial: unknown key; did you mean train.program? allowed: train.program, train.device"
    ]


def test_a_key_below_a_single_value_is_answered_with_the_choices():
    _, faults = parsed(["data.train=5000"], ["data", "train", "train.program"])
    assert faults == ["data.train=5000: unknown key; data takes one value, no keys; allowed: data, train"]
