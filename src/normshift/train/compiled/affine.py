"""One multiply and add per unit, of one sample where there is an ``i``, and the loss."""

import math

from normshift.train.compiled.compiling import looped
from normshift.train.compiled.exponential import exp


@looped
def add_bias(i, u, bias):
    """Add each unit's bias."""
    for j in range(u.shape[1]):
        u[i, j] += bias[j]


@looped
def bias_backward(i, d, gradient):
    """Add a sample to each bias's gradient, the sum of du."""
    for j in range(d.shape[1]):
        gradient[j] += d[i, j]


@looped
def forward(i, x, gamma, beta, y):
    """Write ``y = gamma x + beta``."""
    for j in range(x.shape[1]):
        y[i, j] = gamma[j] * x[i, j] + beta[j]


@looped
def backward(i, x, gamma, d, gamma_gradient, beta_gradient):
    """Turn ``d = dy`` into ``dx = gamma dy``; add the sample to the gradients, the sums of ``dy x`` and dy."""
    for j in range(x.shape[1]):
        gamma_gradient[j] += d[i, j] * x[i, j]
        beta_gradient[j] += d[i, j]
        d[i, j] *= gamma[j]


@looped
def disturb(i, v, noise, y):
    """Write ``y = s v + m`` with ``noise = (s, m)`` of each sample and unit (Santurkar et al. 2018, A.2.1)."""
    for j in range(v.shape[1]):
        y[i, j] = noise[0, i, j] * v[i, j] + noise[1, i, j]


@looped
def disturb_backward(i, noise, d):
    """Turn d into ``s d``: noise and nonlinearity, which go back as factors, commute."""
    for j in range(d.shape[1]):
        d[i, j] *= noise[0, i, j]


@looped
def with_excursion(gamma, beta, excursion, new_gamma, new_beta):
    """Write gamma and beta for x in place of ``s x + m``: ``gamma s`` and ``gamma m + beta``, (s, m) the excursion."""
    for j in range(gamma.shape[0]):
        new_gamma[j] = gamma[j] * excursion[0, j]
        new_beta[j] = gamma[j] * excursion[1, j] + beta[j]


@looped
def excursion_backward(excursion, gamma_gradient, beta_gradient):
    """Turn the gradient of ``gamma s`` into that of gamma: ``sum dy (s x + m)``."""
    for j in range(gamma_gradient.shape[0]):
        gamma_gradient[j] = excursion[0, j] * gamma_gradient[j] + excursion[1, j] * beta_gradient[j]


@looped
def cross_entropy(logits, labels, d):
    """Write the gradient of the mean cross-entropy of softmax; return the mean, in nats, and the accuracy."""
    samples, classes = logits.shape
    count = logits.dtype.type(samples)
    share = logits.dtype.type(1) / count
    loss, right = logits.dtype.type(0), 0
    for i in range(samples):
        best = 0
        for j in range(1, classes):
            if logits[i, j] > logits[i, best]:
                best = j
        right += best == labels[i]
        total = logits.dtype.type(0)
        for j in range(classes):
            d[i, j] = exp(logits[i, j] - logits[i, best])
            total += d[i, j]
        loss += logits.dtype.type(math.log(total)) + (logits[i, best] - logits[i, labels[i]])
        for j in range(classes):
            d[i, j] *= share / total
        d[i, labels[i]] -= share
    return loss / count, logits.dtype.type(right) / count
