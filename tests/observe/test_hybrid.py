"""Networks between two states."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from normshift import networks
from normshift.observe import hybrid
from tests.train.made_up import cell

NORMS = st.sampled_from(["none", "batch", "frozen", "layer"])
places = st.integers(1, 12).flatmap(lambda depth: st.tuples(st.just(depth), st.integers(0, depth - 1)))


def names(norm: str, depth: int) -> list[str]:
    one = cell(norm, depth=depth, width=2)
    return [name for name, _ in networks.build(one.model, one.norm, (3,), 2).named_parameters()]


@pytest.mark.parametrize(
    ("name", "layer"),
    [("hidden.0.linear.weight", 0), ("hidden.2.affine.gamma", 2), ("hidden.10.linear.bias", 10), ("output.bias", None)],
)
def test_a_parameter_belongs_to_its_layer_and_the_output_to_none(name, layer):
    assert hybrid.layer_of(name) == layer


@given(NORMS, places)
def test_what_is_below_a_layer_and_what_is_its_own_equal_the_naive_twin(norm, place):
    depth, layer = place
    everything = names(norm, depth)
    kinds = ["linear.weight", "linear.bias"] + ([] if norm == "none" else ["affine.gamma", "affine.beta"])
    assert hybrid.below(everything, layer) == {f"hidden.{one}.{kind}" for one in range(layer) for kind in kinds}
    assert hybrid.own(everything, layer) == {f"hidden.{layer}.{kind}" for kind in kinds}
    assert hybrid.affine(everything, layer) == {f"hidden.{layer}.{kind}" for kind in kinds[2:]}


@given(NORMS, places)
def test_every_parameter_is_in_exactly_one_of_the_three_groups_and_they_follow_the_data(norm, place):
    depth, layer = place
    everything = names(norm, depth)
    lower, middle, upper = hybrid.groups(everything, layer)
    assert sorted([*lower, *middle, *upper]) == sorted(everything)
    assert middle == hybrid.affine(everything, layer)
    assert lower - hybrid.below(everything, layer) == {f"hidden.{layer}.linear.{kind}" for kind in ("weight", "bias")}
    assert {"output.weight", "output.bias"} <= upper
    assert all(hybrid.layer_of(name) is None or hybrid.layer_of(name) > layer for name in upper)


@given(st.sets(st.sampled_from(names("batch", 3))))
def test_a_hybrid_has_what_moved_from_the_later_state_and_the_rest_from_the_earlier(moved):
    before = {name: torch.zeros(1) for name in names("batch", 3)}
    after = {name: torch.ones(1) for name in before}
    made = hybrid.hybrid(before, after, moved)
    assert list(made) == list(before) and {name for name in made if made[name] is after[name]} == moved
    assert all(made[name] is before[name] for name in made.keys() - moved)
