"""Where finished cells are kept, addressed by a digest of everything that determines them.

A cache like a compiler's: deleting it costs time, never results. An entry is written to a temporary name and renamed,
so that a killed run leaves no half of one; what cannot be read counts as missing.
"""

import hashlib
import os
import secrets
import socket
from collections.abc import Iterable
from pathlib import Path

from normshift import records


class Folder:
    """A store in a folder, safe with many writers: they write the same bytes under their own temporary names."""

    def __init__(self, root: Path):
        self.root = root

    def path(self, digest: str) -> Path:
        """Return where a cell lies."""
        return self.root / digest[:2] / f"{digest}.npz"

    def present(self, digests: Iterable[str]) -> set[str]:
        """Return which of the cells are there and whole."""
        return {digest for digest in digests if self._whole(digest)}

    def _whole(self, digest: str) -> bool:
        try:
            return _sum(self.path(digest)) == self.path(digest).with_suffix(".sha256").read_text()
        except (OSError, UnicodeDecodeError):
            return False

    def get(self, digest: str) -> records.Record | None:
        """Return a cell's record; None if it is missing, cut or altered."""
        try:
            return records.read(self.path(digest)) if self._whole(digest) else None
        except records.BadRecord:
            return None

    def take(self, digest: str) -> records.Record:
        """Return the record of a cell that must be there."""
        record = self.get(digest)
        if record is None:
            raise records.BadRecord(f"{self.path(digest)} is missing or altered: run the same command again")
        return record

    def put(self, digest: str, record: records.Record) -> None:
        """Keep a cell's record."""
        path = self.path(digest)
        partial = path.with_name(f"{digest}.{socket.gethostname()}.{os.getpid()}.{secrets.token_hex(4)}.part")
        try:
            records.write(record, partial)
            checksum = partial.with_suffix(".sum")
            checksum.write_text(_sum(partial))
            os.replace(partial, path)
            os.replace(checksum, path.with_suffix(".sha256"))
        finally:
            for left in (partial, partial.with_suffix(".sum")):
                left.unlink(missing_ok=True)


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
