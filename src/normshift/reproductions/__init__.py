"""Published figures and identities, run again: one module each, and its recipe of the same name in conf/reproduction.

`REGISTRY` holds one function per reproduction: ``run -> (lines, tables)``.
"""

from normshift.reproductions import (
    affine_only,
    d2l_lenet,
    deep_linear,
    edge_of_stability,
    gradient_growth,
    ioffe_figure_1,
    norm_growth,
    rate_range,
    santurkar_moments,
    santurkar_noise,
    shuffled_optimum,
)

REGISTRY = {
    "affine_only": affine_only.found,
    "d2l_lenet": d2l_lenet.found,
    "deep_linear": deep_linear.found,
    "edge_of_stability": edge_of_stability.found,
    "gradient_growth": gradient_growth.found,
    "ioffe_figure_1": ioffe_figure_1.found,
    "norm_growth": norm_growth.found,
    "rate_range": rate_range.found,
    "santurkar_moments": santurkar_moments.found,
    "santurkar_noise": santurkar_noise.found,
    "shuffled_deep": shuffled_optimum.deep,
    "shuffled_linear": shuffled_optimum.linear,
}
