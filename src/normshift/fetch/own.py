"""One's own files, read as bytes: `folder` makes sense of them."""

from pathlib import Path

ENDINGS = (".npz", ".csv", ".parquet")


def contents(path: Path) -> dict[str, bytes]:
    """Return the bytes of ``train.*`` and, if there, ``test.*`` in a folder, by name; one file alone is ``train``."""
    if path.is_file():
        if path.suffix not in ENDINGS:
            raise ValueError(f"data.path={path}: must end in {', '.join(ENDINGS)}")
        return {f"train{path.suffix}": path.read_bytes()}
    found = {part: [path / f"{part}{ending}" for ending in ENDINGS] for part in ("train", "test")}
    there = {part: [file for file in files if file.is_file()] for part, files in found.items()}
    for part, files in there.items():
        if len(files) > 1:
            raise ValueError(f"data.path={path}: {' and '.join(file.name for file in files)}: which is the {part} set?")
    if not there["train"]:
        raise ValueError(f"data.path={path}: must be a folder with one of {', '.join(f'train{e}' for e in ENDINGS)}")
    return {file.name: file.read_bytes() for files in there.values() for file in files}
