"""The noise of `noisy` (Santurkar et al. 2018, arXiv:1805.11604, A.2.1) without batch norm."""

from normshift.networks.normalisers.none import NoNorm


class NoneNoisy(NoNorm):
    """``x = u``, no gamma and beta; ``y_ij = s_ij x_ij + m_ij`` in training, site y after the noise."""

    noise_follows = True
    y_from_u = False
