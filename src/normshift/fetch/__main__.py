"""Fetch: write data/raw/ (images.npy, labels.npy, source.json)."""

import json

import numpy as np

from normshift import launch
from normshift.fetch.raw import described
from normshift.fetch.stage import fetched
from normshift.folders import Folders
from normshift.params import Config


def run(config: Config, folders: Folders, study: str | None = None) -> None:
    """Bring the data set; it serves every study."""
    raw = fetched(config.data)
    folders.raw.mkdir(parents=True, exist_ok=True)
    np.save(folders.raw / "images.npy", raw.images)
    np.save(folders.raw / "labels.npy", raw.labels)
    text = json.dumps(described(raw, config.data.name), indent=2)
    (folders.raw / "source.json").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Run the stage from the command line."""
    launch.main("fetch", run)


if __name__ == "__main__":
    main()
