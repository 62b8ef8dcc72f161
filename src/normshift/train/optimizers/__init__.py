"""Optimisers: ``(gradient, rate) -> what is subtracted``, pure functions on stacked parameters."""

from normshift.train.optimizers.sgd import sgd

REGISTRY = {"sgd": sgd}
