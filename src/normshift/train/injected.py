"""Noise injected at y, of a step (Santurkar et al. 2018, arXiv:1805.11604, A.2.1).

Each layer and unit j has at each step a law of its own, ``mu_j ~ U(-n_mu, n_mu)`` and ``sigma_j ~ U(1, n_sigma)``; of
that law, each sample i has ``m_ij ~ U(mu_j - r_mu, mu_j + r_mu)`` and ``s_ij ~ N(sigma_j, r_sigma)``, and
``y_ij <- s_ij y_ij + m_ij``. The paper leaves open whether r_sigma is a standard deviation or a variance: here it is a
standard deviation.
"""

import numpy as np
from numpy.typing import NDArray

N_MU, N_SIGMA, R_MU, R_SIGMA = 0.5, 1.25, 0.1, 0.1


def laws(draw: np.random.Generator, layers: int, width: int) -> NDArray[np.float32]:
    """Return sigma_j and mu_j of each layer: (layer, 2, unit)."""
    found = draw.random((layers, 2, width), dtype=np.float32)
    found[:, 0] = 1 + np.float32(N_SIGMA - 1) * found[:, 0]
    found[:, 1] = np.float32(N_MU) * (2 * found[:, 1] - 1)
    return found


def noise(draw: np.random.Generator, laws: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
    """Return s_ij and m_ij: (layer, 2, unit) -> (layer, 2, sample, unit)."""
    layers, _, width = laws.shape
    found = np.empty((layers, 2, samples, width), np.float32)
    for layer in range(layers):
        draw.standard_normal(out=found[layer, 0], dtype=np.float32)
        draw.random(out=found[layer, 1], dtype=np.float32)
    found *= np.array([R_SIGMA, 2 * R_MU], np.float32)[:, None, None]
    found += (laws - np.array([0, R_MU], np.float32)[:, None])[:, :, None]
    return found
