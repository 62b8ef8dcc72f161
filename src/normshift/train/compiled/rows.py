"""Filling and copying, as loops: array assignment brings broadcasting along, which takes the compiler seconds."""

from normshift.train.compiled.compiling import looped


@looped
def clear(values, count):
    """Set the first entries to 0."""
    for k in range(count):
        values[k] = values.dtype.type(0)


@looped
def copy(source, target, count):
    """Copy the first entries."""
    for k in range(count):
        target[k] = source[k]
