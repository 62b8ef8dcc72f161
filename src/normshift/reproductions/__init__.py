"""Published figures and identities, run again: one module each, and its recipe of the same name in conf/reproduction.

`REGISTRY` holds one function per reproduction: ``run -> (lines, tables)``.
"""

from normshift.reproductions import (
    affine_only,
    deep_linear,
    edge_of_stability,
    gradient_growth,
    ioffe_figure_1,
    norm_growth,
)

REGISTRY = {
    "affine_only": affine_only.found,
    "deep_linear": deep_linear.found,
    "edge_of_stability": edge_of_stability.found,
    "gradient_growth": gradient_growth.found,
    "ioffe_figure_1": ioffe_figure_1.found,
    "norm_growth": norm_growth.found,
}
