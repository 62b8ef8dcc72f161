"""Schedules: ``(step, steps) -> factor on the learning rate``; no step of a run has the factor 0."""

from normshift.train.schedules.constant import constant
from normshift.train.schedules.cosine import cosine
from normshift.train.schedules.one_cycle import one_cycle
from normshift.train.schedules.step import step
from normshift.train.schedules.warmup_cosine import warmup_cosine

REGISTRY = {
    "constant": constant,
    "cosine": cosine,
    "one_cycle": one_cycle,
    "step": step,
    "warmup_cosine": warmup_cosine,
}
