"""One file from one address: pooch downloads, tries again and checks; here is what makes it give up."""

import sys
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pooch
from requests import HTTPError, RequestException, Timeout
from requests.exceptions import ChunkedEncodingError
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from normshift.params import File

# An answer that may be another one in a moment; after any other the next mirror is asked.
TEMPORARY = (408, 425, 429, 500, 502, 503, 504)
CHUNK = 2**16  # bytes
AS_IT_IS = {"Accept-Encoding": "identity"}  # else some servers have the client unzip what is to stay zipped


class Http(NamedTuple):
    """Seconds until a connection must stand and until the next bytes must come; further attempts, 1, 2, 3 s apart."""

    connect: float = 10.0
    read: float = 30.0
    retries: int = 3


class Unfit(Exception):
    """What a mirror has is not the file, and asking again would not change that."""


class Bounded:
    """A file that takes so many bytes and no more, and shows how many it has."""

    def __init__(self, file: BinaryIO, most: int, bar: Progress):
        self._file, self._left, self._bar = file, most, bar
        self._task = bar.add_task("", total=most)

    def write(self, content: bytes) -> None:
        """Write, or raise `Unfit`."""
        self._left -= len(content)
        if self._left < 0:
            raise Unfit("is longer than it should be")
        self._file.write(content)
        self._bar.update(self._task, advance=len(content))

    def flush(self) -> None:
        """Hand what was written to the system, which says if the disk is full."""
        self._file.flush()


def downloaded(file: File, mirror: str, cache: Path, http: Http) -> None:
    """Put a file of a mirror into a folder, under its name once it is whole and right."""
    pooch.get_logger().setLevel("WARNING")  # what happens is said here

    def bring(url: str, partial: str, keeper: pooch.Pooch) -> None:
        _bring(file, url, partial, keeper, http)

    known = {file.name: f"sha256:{file.sha256}"}
    pooch.create(cache, mirror, registry=known, retry_if_failed=http.retries).fetch(file.name, downloader=bring)


def _bring(file: File, url: str, partial: str, keeper: pooch.Pooch, http: Http) -> None:
    """Download once. What is raised as `ValueError` or `RequestException` makes pooch try again."""
    get = pooch.HTTPDownloader(chunk_size=CHUNK, timeout=(http.connect, http.read), headers=AS_IT_IS)
    try:
        with _bar(file.name) as bar, open(partial, "wb") as whole:
            get(url, Bounded(whole, file.bytes, bar), keeper)
    except HTTPError as error:
        if error.response.status_code in TEMPORARY:
            raise
        raise Unfit(reason(error)) from error
    size = Path(partial).stat().st_size
    if size < file.bytes:
        raise ValueError(f"was cut off at {size:,} of {file.bytes:,} bytes")
    if pooch.file_hash(partial) != file.sha256:
        raise Unfit("has other bytes than it should (sha256)")


def _bar(name: str) -> Progress:
    parts = (TextColumn(name), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    return Progress(*parts, console=Console(stderr=True), disable=not sys.stderr.isatty())


def reason(error: Exception) -> str:
    """Say in a few words why a mirror did not serve."""
    if isinstance(error, HTTPError):
        return f"answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, Timeout) or "timed out" in str(error):
        return "timed out"
    if isinstance(error, ChunkedEncodingError):
        return "was cut off"
    return "gave no connection" if isinstance(error, RequestException) else str(error)
