"""Nonlinearities ``a = f(y)`` of one sample ``i``, and the way back, ``dy = f'(y) da``, where a alone tells f'."""

from normshift.train.compiled.compiling import looped
from normshift.train.compiled.exponential import exp

CODES = {"relu": 0, "tanh": 1, "sigmoid": 2, "identity": 3}
RELU, TANH, SIGMOID, IDENTITY = CODES.values()


@looped
def forward(kind, i, y, a):
    """Write a."""
    zero, one, two = y.dtype.type(0), y.dtype.type(1), y.dtype.type(2)
    units = y.shape[1]
    if kind == RELU:
        for j in range(units):
            # Not max: that would lose NaN.
            a[i, j] = zero if y[i, j] <= zero else y[i, j]
    elif kind == TANH:
        for j in range(units):
            a[i, j] = two / (one + exp(-two * y[i, j])) - one
    elif kind == SIGMOID:
        for j in range(units):
            a[i, j] = one / (one + exp(-y[i, j]))
    else:
        for j in range(units):
            a[i, j] = y[i, j]


@looped
def backward(kind, i, a, d):
    """Turn ``d = da`` into dy."""
    zero, one = a.dtype.type(0), a.dtype.type(1)
    units = a.shape[1]
    if kind == RELU:
        for j in range(units):
            d[i, j] = d[i, j] if a[i, j] > zero else zero
    elif kind == TANH:
        for j in range(units):
            d[i, j] *= one - a[i, j] * a[i, j]
    elif kind == SIGMOID:
        for j in range(units):
            d[i, j] *= a[i, j] * (one - a[i, j])
