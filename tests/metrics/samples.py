"""Made-up samples for hypothesis: values on a grid of sixteenths, so that small differences are not rounding."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

values = st.integers(-1600, 1600).map(lambda number: number / 16)
sizes = st.integers(1, 12)


def sorted_arrays(*shape):
    """Arrays of samples along the last axis, in ascending order."""
    return arrays(float, shape, elements=values).map(lambda array: np.sort(array, axis=-1))


pairs = sizes.flatmap(lambda size: st.tuples(sorted_arrays(size), sorted_arrays(size)))
stacks = st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(1, 5)).flatmap(
    lambda shape: st.tuples(sorted_arrays(*shape), sorted_arrays(*shape))
)
increasing = st.sampled_from([np.cbrt, np.arctan, lambda value: value**3])


def layers(*shape):
    """Two arrays of samples (..., sample, unit)."""
    return st.tuples(*[arrays(float, shape, elements=values)] * 2)


layer_pairs = st.tuples(st.integers(1, 6), st.integers(1, 3)).flatmap(lambda shape: layers(*shape))
layer_stacks = st.tuples(*[st.integers(1, 3)] * 4).flatmap(lambda shape: layers(*shape))
