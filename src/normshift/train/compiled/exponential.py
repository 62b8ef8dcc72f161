"""exp as a formula, which the compiler can vectorise; the C library's it cannot."""

import math

import numpy as np
from numba import types
from numba.extending import overload

from normshift.train.compiled.compiling import exactly

HALF, TURNS = np.float32(0.5), np.float32(math.log2(math.e))
# ln 2 in two parts, the first short enough that its product with a small whole number is exact (Cody & Waite 1980).
LN2_HIGH, LN2_LOW = np.float32(0.693359375), np.float32(math.log(2) - 0.693359375)
LEAST, MOST = np.float32(-87.0), np.float32(88.0)
FACTORS = tuple(np.float32(1 / math.factorial(power)) for power in range(8))


def exp(x):
    """Return e to the power of x, float32 within 2 units in the last place for -87 <= x <= 88, held at the ends."""
    raise NotImplementedError("compiled code only")


@exactly
def _single(x):
    f0, f1, f2, f3, f4, f5, f6, f7 = FACTORS
    bounded = min(max(x, LEAST), MOST)
    turns = np.float32(np.floor(bounded * TURNS + HALF))
    rest = bounded - turns * LN2_HIGH - turns * LN2_LOW
    series = f0 + rest * (f1 + rest * (f2 + rest * (f3 + rest * (f4 + rest * (f5 + rest * (f6 + rest * f7))))))
    scale = np.int32((np.int32(turns) + 127) << 23).view(np.float32)
    # NaN would be lost in the bounds.
    return series * scale if x == x else x


@overload(exp, inline="always")
def _exp(x):
    if x == types.float32:
        return lambda x: _single(x)
    return lambda x: math.exp(x)
