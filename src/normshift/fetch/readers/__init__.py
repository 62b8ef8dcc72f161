"""The data sets: ``load(data) -> Raw``, by the name that `kind` has in conf/data/."""

from normshift.fetch.datasets import digits

REGISTRY = {"digits": digits.load}
