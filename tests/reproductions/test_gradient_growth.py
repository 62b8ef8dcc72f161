"""Norms of gradients by PyTorch's own backward pass, and the factor by a series that has one."""

from itertools import product

import numpy as np
import pytest
from torch import nn

from normshift.reproductions import gradient_growth
from normshift.reproductions.cells import batches, begun
from normshift.reproductions.run import Run
from tests.train.made_up import cell, shuffled

DATA = shuffled(range(2))


@pytest.mark.parametrize("site", ["u", "x", "y", "a", "W"])
def test_norms_are_those_of_a_backward_pass(site):
    own = cell("batch", depth=4)
    network, (inputs, labels) = begun(own, DATA), next(batches(own, DATA))
    again = begun(own, DATA)
    outputs, sites = again(inputs)
    for layer in sites:
        getattr(layer, site.replace("W", "u")).retain_grad()
    nn.functional.cross_entropy(outputs, labels).backward()
    expected = [
        (layer.linear.weight if site == "W" else getattr(one, site)).grad.norm().item()
        for layer, one in zip(again.hidden, sites, strict=True)
    ]
    assert gradient_growth.norms(network, inputs, labels, site) == pytest.approx(expected, rel=1e-5)


def test_the_factor_is_that_of_a_geometric_series_towards_the_input_and_leaves_the_first_layer_out():
    series = 3.0 * 1.21 ** -np.arange(9.0)
    assert gradient_growth.factor(series) == pytest.approx(1.21)
    series[0] = 1e6
    assert gradient_growth.factor(series) == pytest.approx(1.21)


def test_lines_have_a_number_per_seed_and_batch_norm_alone_has_limits():
    points = product(("batch", "none"), (6, 12), (0, 1))
    cells = [cell(norm, width=60, depth=depth, seed=seed) for norm, depth, seed in points]
    lines, tables = gradient_growth.found(Run(cells, DATA, {}))
    assert [line.low for line in lines] == [1.15, 1.15, None, None]
    assert all(len(line.present) == 2 for line in lines)
    assert min(lines[0].found) > max(lines[-1].found)
    assert len(tables["gradients"]["layer"]) == 2 * 2 * (6 + 12)
