"""Schedules: ``(step, steps) -> factor on the learning rate``."""

from normshift.train.schedules.constant import constant

REGISTRY = {"constant": constant}
