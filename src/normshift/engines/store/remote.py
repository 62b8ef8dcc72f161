"""A store at a URL that fsspec knows, such as s3://BUCKET/PREFIX; credentials are those of the environment."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from normshift import records
from normshift.engines.store.folder import LENT, Folder, checksum, packed
from normshift.params import Refused

AT_ONCE = 256  # cells that are fetched together


class Remote:
    """What is read is copied into the folder ``near`` first, many cells at once; what is put goes to the URL alone."""

    def __init__(self, url: str, near: Path):
        self.place, self.near = url, Folder(near)
        try:
            import fsspec

            self.files, root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            fault = " ".join(str(error).split())
            raise Refused([f"engine.store={url}: {fault}; s3:// needs pip install 'normshift[cluster]'"]) from error
        self.root = root.rstrip("/")

    def path(self, digest: str, kind: str = "npz") -> str:
        """Return where a cell lies."""
        return f"{self.root}/{digest[:2]}/{digest}.{kind}"

    def present(self, digests: Iterable[str]) -> set[str]:
        """Return which of the cells are there and whole; they are near afterwards."""
        digests = set(digests)
        found = self.near.present(digests)
        if missing := digests - found:
            with self._told():
                names = self._listed()
                there = sorted(one for one in missing if {f"{one}.npz", f"{one}.sha256"} <= names)
                for begin in range(0, len(there), AT_ONCE):
                    found |= self._fetched(there[begin : begin + AT_ONCE])
        return found

    def _listed(self) -> set[str]:
        """Return the names of all entries; one listing is faster than a question per cell."""
        self.files.invalidate_cache()
        if not self.files.exists(self.root.partition("/")[0]):
            raise FileNotFoundError("there is no such bucket")
        return {name.rpartition("/")[2] for name in self.files.find(self.root)}

    def _fetched(self, digests: Iterable[str]) -> set[str]:
        places = {self.path(digest, kind): (digest, kind) for digest in digests for kind in ("npz", "sha256")}
        found = self.files.cat(list(places), on_error="omit")
        contents = {places[path]: content for path, content in found.items()}
        whole = set()
        for digest in digests:
            content, said = contents.get((digest, "npz")), contents.get((digest, "sha256"))
            if content is not None and checksum(content).encode() == said:
                self.near.keep(digest, content)
                whole.add(digest)
        return whole

    def take(self, digest: str) -> records.Record:
        """Return the record of a cell that was `present`."""
        return self.near.take(digest)

    def put(self, digest: str, record: records.Record) -> None:
        """Keep a cell's record."""
        content = packed(record)
        with self._told():
            self.files.pipe_file(self.path(digest), content)
            self.files.pipe_file(self.path(digest, "sha256"), checksum(content).encode())

    def ready(self) -> None:
        """Fail before anything is trained if nothing can be kept here."""
        with self._told():
            self.files.pipe_file(f"{self.root}/{LENT}/ready", b"ready")

    def lend(self, path: Path) -> str:
        """Keep a file that workers need; return its name here, its content's checksum."""
        content = path.read_bytes()
        name = checksum(content)
        with self._told():
            if not self.files.exists(f"{self.root}/{LENT}/{name}"):
                self.files.pipe_file(f"{self.root}/{LENT}/{name}", content)
        return name

    def lent(self, name: str) -> bytes:
        """Return the content of a file that was lent."""
        with self._told():
            return self.files.cat_file(f"{self.root}/{LENT}/{name}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say of whatever a server answers where it was."""
        try:
            yield
        except Exception as error:  # libraries of stores raise their own kinds
            fault = " ".join(str(error).split()) or type(error).__name__
            raise OSError(f"engine.store={self.place}: {fault}") from error
