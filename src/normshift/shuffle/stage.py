"""All seeds' splits, and one stream for each order, batch size and seed."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from normshift.params import Config, Stream
from normshift.seeds import generator
from normshift.shuffle import tables
from normshift.shuffle.orders import REGISTRY
from normshift.shuffle.scaling import extremes, scaling
from normshift.shuffle.splits import split

Arrays = dict[str, np.ndarray]


def seeds(config: Config) -> list[int]:
    """Return every seed in use."""
    return sorted({seed for stream in config.streams for seed in stream.seeds})


def splits(inputs: np.ndarray, labels: np.ndarray, config: Config, official: int = 0) -> Arrays:
    """Return the arrays of splits.npz: each seed's sets, what to subtract from its inputs and divide them by, `shape`.

    The last ``official`` samples are the set's official test set.
    """
    data, whole = config.data, extremes(inputs)
    arrays = {"shape": np.array(data.shape or inputs.shape[1:], np.int32)}
    for seed in seeds(config):
        sets = split(labels, data, generator(config.root, "split", seed), official)
        sets["center"], sets["scale"] = scaling(inputs[sets["train"]], data.inputs, data.shape, whole)
        arrays |= {f"{name}_{seed}": array for name, array in sets.items()}
    return arrays


def stream(labels: np.ndarray, splits: Mapping[str, np.ndarray], stream: Stream, config: Config) -> Arrays:
    """Return the arrays of one file of streams: positions within each seed's training split."""
    arrays = {}
    for seed in stream.seeds:
        draw = partial(generator, config.root, "order", seed)  # no name of an order or arm: they share their draws
        make, length = REGISTRY[stream.order.kind], stream.steps * stream.batch_size
        own = labels[splits[f"train_{seed}"]]
        arrays[f"seed_{seed}"] = make(own, length, stream.batch_size, stream.order, draw)
    return arrays


def heterogeneity(
    inputs: np.ndarray, labels: np.ndarray, splits: Mapping[str, np.ndarray], stream: Stream, arrays: Arrays
) -> pd.DataFrame:
    """Return the rows of table heterogeneity for one file of streams."""
    rows = []
    for name, positions in arrays.items():
        seed = int(name.removeprefix("seed_"))
        train = splits[f"train_{seed}"]
        standard = (inputs[train] - splits[f"center_{seed}"]) / splits[f"scale_{seed}"]
        frame = tables.heterogeneity(positions, stream.batch_size, labels[train], standard)
        rows.append(frame.assign(order=stream.order.name, batch_size=stream.batch_size, seed=seed))
    return pd.concat(rows)
