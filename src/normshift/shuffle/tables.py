"""How unlike one another an order's batches are, beside what random batches would show."""

import numpy as np
import pandas as pd


def heterogeneity(stream: np.ndarray, batch_size: int, labels: np.ndarray, inputs: np.ndarray) -> pd.DataFrame:
    """Return the between-batch variance of label shares and of input means: rows of table heterogeneity.

    ``labels`` and ``inputs`` (standardised) are those of the training split. Variance is taken about the training
    split's own share or mean, over all batches, then averaged over classes or inputs.
    """
    batches = stream.reshape(-1, batch_size)
    member = labels[:, None] == np.unique(labels)
    return pd.DataFrame(
        {"quantity": name, "measured": between(values, batches), "expected": expected(values, batch_size)}
        for name, values in (("label_share", member.astype(np.float64)), ("input_mean", inputs))
    )


def between(values: np.ndarray, batches: np.ndarray) -> float:
    """Return E_t (mean over batch t - mean over all)^2, averaged over the columns of ``values`` [sample, column]."""
    apart = np.stack([values[batch].mean(axis=0, dtype=np.float64) for batch in batches])
    apart -= values.mean(axis=0, dtype=np.float64)  # in place: for 50,000 batches of MNIST it has 300 MB
    return float(np.square(apart, out=apart).mean())


def expected(values: np.ndarray, batch_size: int) -> float:
    """Return the same for batches drawn at random without replacement: sigma^2 / m (n - m) / (n - 1), exactly.

    For label shares sigma^2 = p (1 - p), and this is the variance of the multivariate hypergeometric distribution.
    """
    size = len(values)
    finite = (size - batch_size) / max(size - 1, 1)
    return float(values.var(axis=0, dtype=np.float64).mean() / batch_size * finite)
