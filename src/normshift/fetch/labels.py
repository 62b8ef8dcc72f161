"""Whatever people call their classes, as 0, 1, ..."""

from typing import Any

import numpy as np
import pandas as pd


def numbered(labels: Any) -> np.ndarray:
    """Return labels (sample) of any one kind as int64 0, 1, ... in the order of their names."""
    values = pd.Series(np.asarray(labels))
    if values.isna().any():
        missing = values.isna()
        raise ValueError(
            f"{missing.sum()} of {len(values)} labels are missing, that of sample {missing.argmax()} first"
        )
    return pd.factorize(values, sort=True)[0].astype(np.int64)
