"""Made-up studies by name, each with the grid of its own that claims read, and what a claim needs of them."""

from collections.abc import Mapping

import pandas as pd

from .made_up import ARMS, Quantity, registered, study

# The grids of the studies, as far as claims read them; what is not said is as in `study`.
STUDIES: dict[str, dict[str, tuple]] = {
    "core": {},
    "affine": {"model": ("mlp_sigmoid",), "activation": ("sigmoid",)},
    "ladder": {"arms": ARMS[:2], "rates": tuple(0.1 * 1.5**step for step in range(8)), "regime": ("clean",)},
    "order": {
        "arms": ("none", "batch", "layer"),
        "rates": (0.1, 0.3, 1.0),
        "tuning": (),
        "order": ("stratified", "iid", "dirichlet", "blocked", "buffer", "single"),
    },
    "batch_size": {
        "arms": ARMS[:2],
        "rates": (0.3,),
        "tuning": (),
        "regime": ("fresh",),
        "batch_size": (16, 240, 1197),
    },
    "optimiser": {"arms": ("batch",), "rates": (0.001, 0.01, 0.1), "tuning": (), "optimizer": ("momentum", "adam")},
    "depth": {"arms": ARMS[:2], "rates": (0.03, 0.1, 0.3, 1.0, 3.0), "regime": ("clean",), "depth": (1, 10)},
    "schedule": {
        "arms": ("batch",),
        "rates": (1.0,),
        "tuning": (),
        "schedule": ("step", "cosine", "warmup_cosine", "one_cycle"),
    },
    "ema": {
        "arms": ("ema_001",),
        "rates": (0.3,),
        "tuning": (),
        "regime": ("clean",),
        "order": ("reshuffle", "sorted"),
    },
    "regression": {
        "arms": ("batch",),
        "rates": (0.03, 0.1),
        "tuning": (),
        "regime": ("clean",),
        "model": ("linear",),
        "order": ("reshuffle", "single"),
        "batch_size": (57, 1197),
    },
}


def run(claim: str, changes: Mapping[str, Quantity] | None = None, **grids: dict) -> dict[str, dict[str, pd.DataFrame]]:
    """Return the studies that a claim needs; what a test changes of a study's grid is given by the study's name."""
    own = {name: STUDIES[name] | grids.get(name, {}) for name in registered().claims[claim].needs}
    return {name: study(changes, **grid) for name, grid in own.items()}
