"""A recording on disk: arrays in one npz, the rest in a JSON file beside it, and what a run leaves that is killed.

While a run goes on, each snapshot is a small file of its own in the folder ``NAME.parts``, written under another name
and renamed: a file of that folder is whole or is not there, nothing that was written is written again, and a look takes
as long at the end as at the start. `save` makes one npz of them.
"""

import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from normshift import records

Snapshot = dict[str, np.ndarray]
ABOUT, WRITING = "about.json", ".writing"
AT = "steps."  # of the arrays that say which snapshots a group of arrays is of


class BadRecording(ValueError):
    """A recording that is missing or cannot be read."""


def named(path: str | Path) -> Path:
    """Return where the arrays of a recording lie: the path, with .npz."""
    path = Path(path)
    return path if path.suffix == ".npz" else path.with_name(f"{path.name}.npz")


def parts(path: Path) -> Path:
    """Return the folder in which snapshots lie while a run goes on."""
    return path.with_suffix(".parts")


def save(path: Path, about: Mapping[str, Any], snapshots: Mapping[int, Snapshot]) -> Path:
    """Write a recording; where one was, it is replaced as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _placed(path.with_suffix(".json"), lambda at: at.write_text(_text(about), encoding="utf-8"))
    _placed(path, lambda at: records.write(together(snapshots), at))
    return path


def load(path: Path) -> tuple[dict[str, Any], dict[int, Snapshot]]:
    """Return what `save` wrote, or what a run that was cut off left in its folder."""
    folder = parts(path)
    if folder.is_dir():
        files = sorted(folder.glob("*.npz"))
        return _about(folder / ABOUT), {int(file.stem): _arrays(file) for file in files}
    if not path.exists():
        raise BadRecording(f"{path} is missing, and so is {folder.name}, what a run leaves that is cut off")
    return _about(path.with_suffix(".json")), apart(_arrays(path))


def opened(path: Path, about: Mapping[str, Any]) -> Path:
    """Make the folder for the snapshots of a run that begins; return it."""
    folder = parts(named(path))
    if folder.exists():
        raise ValueError(f"{folder} is of a run that was cut off: load and save it, or remove the folder")
    folder.mkdir(parents=True)
    _placed(folder / ABOUT, lambda at: at.write_text(_text(about), encoding="utf-8"))
    return folder


def append(folder: Path, step: int, snapshot: Snapshot) -> None:
    """Write a snapshot of a run."""
    _placed(folder / f"{step:012d}.npz", lambda at: records.write(snapshot, at))


def rewritten(folder: Path, snapshots: Mapping[int, Snapshot], dropped: Iterable[int]) -> None:
    """Remove the snapshots that were dropped, once those that have their losses are written."""
    for step, snapshot in snapshots.items():
        append(folder, step, snapshot)
    for step in dropped:
        (folder / f"{step:012d}.npz").unlink()


def closed(folder: Path) -> None:
    """Remove the folder of a run whose recording is saved."""
    shutil.rmtree(folder)


def together(snapshots: Mapping[int, Snapshot]) -> Snapshot:
    """Return arrays of all snapshots stacked, and for each group of them the snapshots that have it.

    A group is a name without the layer's number. Losses are of different lengths: they stand one after another.
    """
    steps = sorted(snapshots)
    made, losses = {}, [snapshots[step]["losses"] for step in steps]
    for name in sorted({name for one in snapshots.values() for name in one} - {"losses"}):
        own = [step for step in steps if name in snapshots[step]]
        made[name] = np.stack([snapshots[step][name] for step in own])
        made[f"{AT}{_group(name)}"] = np.array(own)
    counts = np.array([len(one) for one in losses])
    return {**made, f"{AT}losses": np.array(steps), "counts": counts, "losses": np.concatenate(losses)}


def apart(arrays: Mapping[str, np.ndarray]) -> dict[int, Snapshot]:
    """Return the snapshots of which `together` made arrays."""
    snapshots: dict[int, Snapshot] = {int(step): {} for step in arrays[f"{AT}losses"]}
    pieces = np.split(arrays["losses"], np.cumsum(arrays["counts"])[:-1])
    for step, piece in zip(arrays[f"{AT}losses"], pieces, strict=True):
        snapshots[int(step)]["losses"] = piece
    for name, stacked in arrays.items():
        if name not in ("losses", "counts") and not name.startswith(AT):
            for step, array in zip(arrays[f"{AT}{_group(name)}"], stacked, strict=True):
                snapshots[int(step)][name] = array
    return snapshots


def _group(name: str) -> str:
    return name.rsplit(".", 1)[0]


def _placed(path: Path, write: Any) -> None:
    """Write a file under another name, and give it its own when it is whole."""
    at = path.with_name(path.name + WRITING)
    write(at)
    os.replace(at, path)


def _text(about: Mapping[str, Any]) -> str:
    return json.dumps(about, indent=1, sort_keys=True) + "\n"


def _about(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadRecording(f"{path} cannot be read: {error}") from None


def _arrays(path: Path) -> Snapshot:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, KeyError, RuntimeError, TypeError, zipfile.BadZipFile) as error:
        raise BadRecording(f"{path} cannot be read: {error}") from None
