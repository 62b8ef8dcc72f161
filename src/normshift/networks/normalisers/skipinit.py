"""No normalisation, but residual branches that begin at nothing (De & Smith 2020, arXiv:2002.10444)."""

from normshift.networks.normalisers.none import NoNorm


class SkipInit(NoNorm):
    """``x = u``; a residual network multiplies each branch by a scalar that is learnt and begins at 0."""

    scales_branches = True
