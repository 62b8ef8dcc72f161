"""The files of a data set, from the cache, a folder or the network: whole and right, or not at all."""

import fcntl
import hashlib
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from requests import RequestException

from normshift.fetch.http import Http, Unfit, downloaded, reason
from normshift.fetch.places import MIRROR, Places, is_address
from normshift.params import Data, File

REMEDY = f"check the network, or say where else they are: data.mirror=PLACE or {MIRROR} (docs/data.md)"
PARTIAL = "tmp"  # how the names of files that are not yet whole begin
PATIENCE = Http()
log = logging.getLogger("normshift")


def contents(data: Data, places: Places, http: Http = PATIENCE) -> dict[str, bytes]:
    """Return the bytes of every file of a set, by what it is to the reader; what the cache lacks is brought first."""
    cache, files = places.cache, data.files
    found = {role: _kept(cache / file.name, file) for role, file in files.items()}
    if None in found.values():
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache):
            for left in cache.glob(f"{PARTIAL}*"):  # by a process that was killed: nobody else is at it
                left.unlink()
            for role, file in files.items():
                found[role] = _kept(cache / file.name, file) or _brought(data.name, file, cache, places.mirrors, http)
    return {role: content for role, content in found.items() if content is not None}


def _kept(path: Path, file: File) -> bytes | None:
    content = path.read_bytes() if path.is_file() else None
    return content if content is not None and _right(content, file) else None


def _right(content: bytes, file: File) -> bool:
    return hashlib.sha256(content).hexdigest() == file.sha256


def _brought(name: str, file: File, cache: Path, mirrors: Sequence[str], http: Http) -> bytes:
    """Return a file's bytes from the first mirror that has it, and keep it."""
    faults = []
    for mirror in mirrors:
        log.info("%s: %s (%.1f MB) from %s", name, file.name, file.bytes / 1e6, mirror)
        try:
            with _placed(cache / file.name):
                (downloaded if is_address(mirror) else _copied)(file, mirror, cache, http)
            return (cache / file.name).read_bytes()
        except (Unfit, ValueError, RequestException) as error:
            faults.append(f"{mirror} {reason(error)}")
    raise ValueError(f"{name}: {file.name} could not be had: {'; '.join(faults)}: {REMEDY}")


def _copied(file: File, mirror: str, cache: Path, http: Http) -> None:
    try:
        content = Path(mirror, file.name).read_bytes()
    except OSError as error:
        raise Unfit(str(error.strerror)) from error
    if not _right(content, file):
        raise Unfit("has other bytes than it should (sha256)")
    handle, partial = tempfile.mkstemp(prefix=PARTIAL, dir=cache)
    try:
        with os.fdopen(handle, "wb") as whole:
            whole.write(content)
        os.replace(partial, cache / file.name)
    finally:
        Path(partial).unlink(missing_ok=True)


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Hold the cache's lock, so that of several processes one downloads and the others wait."""
    with (cache / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("another process downloads to %s: waiting for it", cache)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _placed(path: Path) -> Iterator[None]:
    """Name the file in an error of the disk: of a write that failed the system says only why."""
    try:
        yield
    except RequestException:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
