"""Fetch: write data/raw/ (images.npy, labels.npy, source.json)."""

import json
import os
import shutil
from pathlib import Path

import numpy as np

from normshift import launch
from normshift.fetch import download, own
from normshift.fetch.places import places
from normshift.fetch.raw import described
from normshift.fetch.stage import fetched
from normshift.folders import Folders, downloads
from normshift.params import Config


def run(config: Config, folders: Folders, study: str | None = None) -> None:
    """Bring the data set; it serves every study. Either all of it is written or nothing."""
    data, where = config.data, places(config.data, os.environ, downloads())
    files = own.contents(Path(data.path).expanduser()) if data.path else download.contents(data, where)
    raw = fetched(data, files, where.cache)
    partial = folders.raw.with_name("raw.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        np.save(partial / "images.npy", raw.images)
        np.save(partial / "labels.npy", raw.labels)
        (partial / "source.json").write_text(json.dumps(described(raw, data), indent=2) + "\n", encoding="utf-8")
        shutil.rmtree(folders.raw, ignore_errors=True)
        partial.rename(folders.raw)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


if __name__ == "__main__":
    launch.main("fetch", run)
