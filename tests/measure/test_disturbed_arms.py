"""Arms whose batch mode is disturbed from outside: y has sketches of its own, identity A no rows of batch mode."""

from dataclasses import replace

import numpy as np

from normshift.measure.identities import identities
from normshift.measure.sites import AFTER, BEFORE, sketches
from normshift.metrics.sketch import activated

from .made_up import RULES, group


def disturbed(kind: str):
    """A group with sketches of y, and without what holds only where nothing disturbs it."""
    seen, other = group(kind), group("layer").record
    own = {name: other[name] for name in ("y_quantiles", "y_quantiles_after")}
    kept = {name: array for name, array in seen.record.items() if name != "identity"}
    return replace(seen, record=kept | own)


def test_noise_without_a_normaliser_has_its_own_y_and_no_x():
    seen = disturbed("none")
    for state, name in ((BEFORE, "y_quantiles"), (AFTER, "y_quantiles_after")):
        found = sketches(seen, state, exact=True)
        assert found.keys() == {"u", "y", "a"}
        np.testing.assert_array_equal(found["y"], seen.array(name))
        np.testing.assert_array_equal(found["a"], activated(seen.array(name), seen.cells["activation"]))
        assert not np.array_equal(found["u"], found["y"], equal_nan=True)


def test_noise_after_batch_norm_has_its_own_y_and_an_x_that_is_missing():
    found = sketches(disturbed("batch"), BEFORE)
    np.testing.assert_array_equal(found["y"], disturbed("batch").array("y_quantiles"))
    assert np.isnan(found["x"]).all()


def test_identities_of_a_disturbed_arm_are_those_of_evaluation():
    whole, found = identities(group("batch"), RULES), identities(disturbed("batch"), RULES)
    expected = whole[whole["mode"] != "batch"].reset_index(drop=True)
    assert len(expected) and set(found["mode"]) == {"ema", "population"}
    assert found.equals(expected)
