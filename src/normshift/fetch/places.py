"""Where the files of a data set come from and are kept: the environment and the configuration, in one place."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from normshift.params import Data

MIRROR, ROOT = "NORMSHIFT_DATA_MIRROR", "NORMSHIFT_DATA_ROOT"


class Places(NamedTuple):
    """The folder that keeps a set's files, and the folders and addresses to look for them, in turn."""

    cache: Path
    mirrors: list[str]


def places(data: Data, environment: Mapping[str, str], downloads: Path) -> Places:
    """Return the places of a set. ``data.mirror``, else the variable, stands for all its mirrors; likewise the root.

    Sets share the names of their files: a mirror of one's own has a folder for each.
    """
    mirror, root = data.mirror or environment.get(MIRROR), data.root or environment.get(ROOT)
    own = data.folder or data.name
    cache = Path(root).expanduser() if root else downloads
    return Places((cache / own).absolute(), [f"{_whole(mirror)}/{own}/"] if mirror else list(data.mirrors))


def is_address(mirror: str) -> bool:
    """Say whether a mirror is reached by network; else it is a folder."""
    return mirror.startswith(("http://", "https://"))


def _whole(mirror: str) -> str:
    return mirror.rstrip("/") if is_address(mirror) else str(Path(mirror).expanduser().absolute())
