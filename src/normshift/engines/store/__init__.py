"""Where finished cells are kept, addressed by a digest of everything that determines them.

A cache like a compiler's: deleting it costs time, never results. An entry is written before its checksum, each at once
or not at all, so that a killed run leaves no half of one; what does not fit its checksum counts as missing.
"""

from pathlib import Path
from urllib.parse import urlsplit

from normshift.engines.store.folder import Folder
from normshift.engines.store.remote import Remote
from normshift.params import Refused


def opened(place: str, near: Path) -> Folder | Remote:
    """Return the store in a folder, or at a URL; of that, what is read is kept in the folder ``near``."""
    if "://" not in place:
        return Folder(Path(place))
    url = urlsplit(place)
    if url.scheme == "file":
        return Folder(Path(url.path))
    if url.username is not None:
        raise Refused([f"engine.store={url.scheme}://...: holds credentials; give them in the environment"])
    return Remote(place, near)
