"""Shuffle: write data/shuffled/ (inputs.npy, labels.npy, splits.npz, streams/, heterogeneity.parquet)."""

import shutil

import numpy as np
import pandas as pd

from normshift import launch, records, tables
from normshift.folders import Folders
from normshift.params import Config
from normshift.shuffle import raw, stage


def run(config: Config, folders: Folders, study: str | None = None) -> None:
    """Split and order the data for all studies."""
    try:
        inputs, labels = (np.load(folders.raw / f"{name}.npy") for name in ("images", "labels"))
        raw.verify(inputs, labels, (folders.raw / "source.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, EOFError, KeyError, TypeError) as error:
        raise ValueError(f"{folders.raw} is missing or corrupted ({error}): delete it and run `dvc repro`") from error
    splits = stage.splits(inputs, labels, config)
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


def main() -> None:
    """Run the stage from the command line."""
    launch.main("shuffle", run)


if __name__ == "__main__":
    main()
