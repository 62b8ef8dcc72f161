"""Batch norm with noise injected after its affine map (Santurkar et al. 2018, arXiv:1805.11604, A.2.1)."""

from normshift.networks.normalisers.batch import BatchNorm


class Noisy(BatchNorm):
    """Batch norm; ``y_ij = s_ij (gamma_j x_ij + beta_j) + m_ij`` in training, site y after the noise.

    The noise of a step is drawn outside (`train.injected`).
    """

    noise_follows = True
    y_from_u = False
