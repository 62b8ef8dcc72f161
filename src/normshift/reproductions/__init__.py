"""Published figures and identities, run again: one module each, and its recipe of the same name in conf/reproduction.

`REGISTRY` holds one function per reproduction: ``run -> (lines, tables)``.
"""

from normshift.reproductions import (
    d2l_lenet,
    ioffe_figure_1,
    rate_range,
    santurkar_moments,
    santurkar_noise,
    shuffled_optimum,
)

REGISTRY = {
    "d2l_lenet": d2l_lenet.found,
    "ioffe_figure_1": ioffe_figure_1.found,
    "rate_range": rate_range.found,
    "santurkar_moments": santurkar_moments.found,
    "santurkar_noise": santurkar_noise.found,
    "shuffled_deep": shuffled_optimum.deep,
    "shuffled_linear": shuffled_optimum.linear,
}
