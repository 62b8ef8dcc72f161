"""A store in a folder of this machine, or of a disk that several share."""

import hashlib
import io
import os
import secrets
import socket
import tempfile
from collections.abc import Iterable
from pathlib import Path

from normshift import records


class Folder:
    """Safe with many writers: they write the same bytes under their own temporary names."""

    def __init__(self, root: Path):
        self.root = root
        self.place = str(root.absolute())

    def path(self, digest: str) -> Path:
        """Return where a cell lies."""
        return self.root / digest[:2] / f"{digest}.npz"

    def present(self, digests: Iterable[str]) -> set[str]:
        """Return which of the cells are there and whole."""
        return {digest for digest in digests if self._whole(digest)}

    def _whole(self, digest: str) -> bool:
        try:
            return checksum(self.path(digest).read_bytes()) == self._sum(digest).read_text()
        except (OSError, UnicodeDecodeError):
            return False

    def _sum(self, digest: str) -> Path:
        return self.path(digest).with_suffix(".sha256")

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
        self.keep(digest, packed(record))

    def keep(self, digest: str, content: bytes) -> None:
        """Keep a cell's record as it is written."""
        _place(content, self.path(digest))
        _place(checksum(content).encode(), self._sum(digest))

    def ready(self) -> None:
        """Fail before anything is trained if nothing can be kept here."""
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.root):
            pass

    def lend(self, path: Path) -> str:
        """Keep a file that workers need; return its name here, its content's checksum."""
        content = path.read_bytes()
        name = checksum(content)
        if not (target := self.root / LENT / name).is_file():
            _place(content, target)
        return name

    def lent(self, name: str) -> bytes:
        """Return the content of a file that was lent."""
        return (self.root / LENT / name).read_bytes()


LENT = "lent"


def checksum(content: bytes) -> str:
    """Return the sha256 of bytes, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def packed(record: records.Record) -> bytes:
    """Return the bytes of a record's file."""
    buffer = io.BytesIO()
    records.write(record, buffer)
    return buffer.getvalue()


def _place(content: bytes, path: Path) -> None:
    """Write a file at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{socket.gethostname()}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    except OSError as error:
        if error.filename is None:  # a full disk does not say which
            error.filename = str(path)
        raise
    finally:
        partial.unlink(missing_ok=True)
