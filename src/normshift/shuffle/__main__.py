"""Shuffle: write data/shuffled/ (inputs.npy, labels.npy, splits.npz, streams/, heterogeneity.parquet)."""

import shutil

import numpy as np
import pandas as pd

from normshift import launch, records, tables
from normshift.folders import Folders
from normshift.params import Config
from normshift.shuffle import raw, stage
from normshift.shuffle.scaling import written


def run(config: Config, folders: Folders, study: str | None = None) -> None:
    """Split and order the data for all studies."""
    try:
        images, labels = (np.load(folders.raw / f"{name}.npy") for name in ("images", "labels"))
        official = raw.verified(images, labels, (folders.raw / "source.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, EOFError, KeyError, TypeError) as error:
        raise ValueError(f"{folders.raw} is missing or corrupted ({error}): delete it and run `dvc repro`") from error
    inputs = written(images, config.data.inputs)
    splits = stage.splits(inputs, labels, config, official)
    shutil.rmtree(folders.shuffled, ignore_errors=True)
    records.write(splits, folders.shuffled / "splits.npz")
    for name, array in (("inputs", inputs), ("labels", labels)):
        np.save(folders.shuffled / f"{name}.npy", array)
    rows = []
    for stream in config.streams:
        arrays = stage.stream(labels, splits, stream, config)
        records.write(arrays, folders.shuffled / "streams" / f"{stream.order.name}-{stream.batch_size}.npz")
        rows.append(stage.heterogeneity(inputs, labels, splits, stream, arrays))
    tables.write(pd.concat(rows), "heterogeneity", folders.shuffled)


if __name__ == "__main__":
    launch.main("shuffle", run)
