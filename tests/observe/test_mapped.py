"""Observers are written for one network: `torch.func.vmap` over several gives what a loop over them gives."""

import pytest
import torch
from torch.func import vmap

from normshift.networks.layer import Sites
from normshift.observe.examples import examples
from normshift.observe.identity import discrepancy, predicted, residual
from normshift.observe.moments import (
    ascending,
    constant,
    floor,
    known,
    median,
    moments,
    noise,
    order_statistics,
    shift,
    site_moments,
    standardised,
)

CELLS, SAMPLES, UNITS = 3, 24, 5


def drawn(*shape, seed=0, positive=False):
    found = torch.randn(CELLS, *shape, generator=torch.Generator().manual_seed(seed))
    return found.abs() + 0.1 if positive else found


def acts(seed=0):
    """Return activations with a constant unit and a number that is none."""
    found = drawn(SAMPLES, UNITS, seed=seed)
    found[1, :, 2] = 3.0
    found[2, 0, 1] = torch.nan
    return found


def spreads(*axes, seed=0):
    return torch.stack([drawn(*axes, UNITS, seed=seed), drawn(*axes, UNITS, seed=seed + 1, positive=True)], dim=-2)


OBSERVERS = {
    "ascending": (lambda values: ascending(values, -2), (acts(),)),
    "constant": (constant, (spreads(),)),
    "discrepancy": (discrepancy, (spreads(), drawn(UNITS), drawn(UNITS, positive=True))),
    "examples": (examples, (acts(), acts(1))),
    "floor": (floor, (drawn(UNITS),)),
    "known": (lambda found: known(found, True), (spreads(4),)),
    "median": (median, (acts(),)),
    "moments": (moments, (acts(),)),
    "noise": (lambda batches: noise(batches, True), (spreads(7, 4),)),
    "order_statistics": (lambda sample: order_statistics(sample, torch.tensor([0.1, 0.5, 0.9])), (acts(),)),
    "predicted": (
        lambda u, gamma, beta, mean, variance: predicted(u, gamma, beta, mean, variance, 1e-5),
        (spreads(), drawn(UNITS), drawn(UNITS, seed=1), drawn(UNITS, seed=2), drawn(UNITS, positive=True)),
    ),
    "residual": (residual, (spreads(), spreads(seed=2), drawn(UNITS), drawn(UNITS, seed=1))),
    "shift": (shift, (spreads(), spreads(seed=2))),
    "site_moments": (lambda u, x, y, a: site_moments(Sites(u, x, y, a)), (acts(), acts(1), acts(2), acts(3))),
    "standardised": (standardised, (drawn(UNITS, 4), spreads().mT)),
}


@pytest.mark.parametrize("name", OBSERVERS)
def test_an_observer_mapped_over_networks_equals_a_loop(name):
    observer, inputs = OBSERVERS[name]
    loop = torch.stack([observer(*(each[cell] for each in inputs)) for cell in range(CELLS)])
    torch.testing.assert_close(vmap(observer)(*inputs), loop, rtol=1e-6, atol=1e-6, equal_nan=True)
