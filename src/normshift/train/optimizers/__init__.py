"""Optimisers: ``(gradients) -> updates per unit of learning rate``, pure functions on stacked parameters."""

from normshift.train.optimizers.sgd import sgd

REGISTRY = {"sgd": sgd}
