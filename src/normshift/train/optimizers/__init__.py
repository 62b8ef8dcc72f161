"""Optimisers: ``(gradient, rate, slots, step) -> (what is subtracted, slots)``, pure functions on stacked parameters.

``rate`` multiplies the update, so that a parameter whose rate is 0 stays, whatever its slots hold.
"""

from normshift.train.optimizers.adam import adam
from normshift.train.optimizers.momentum import momentum
from normshift.train.optimizers.sgd import sgd

REGISTRY = {"adam": adam, "momentum": momentum, "sgd": sgd}
# How many slots each has: values that it keeps of every parameter from one update to the next, 0 at first.
SLOTS = {"adam": 2, "momentum": 1, "sgd": 0}
