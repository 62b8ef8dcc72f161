"""Whether a data set says all that what reads it needs."""

from collections.abc import Iterator

from normshift.params import Data

NEEDS = {
    "folder": {"path": "FOLDER, with one's own arrays in it (docs/data.md)"},
    "gaussian": {"samples": "NUMBER", "separation": "NUMBER", "classes": "NUMBER", "shape": "[CHANNEL,HEIGHT,WIDTH]"},
    "openml": {"id": "NUMBER, that of a set on openml.org"},
}
FILES = {"cifar_binary": {"archive"}, "idx": {"train_images", "train_labels"}}
TEST = {"test_images", "test_labels"}


def data_faults(data: Data) -> Iterator[str]:
    """Yield a line for everything that is missing."""
    for key, form in NEEDS.get(data.kind, {}).items():
        if getattr(data, key) is None:
            yield f"data.{key}: missing: data={data.name} needs data.{key}={form}"
    needed = FILES.get(data.kind, set()) | (TEST if TEST & set(data.files) else set())
    for role in sorted(needed - set(data.files)):
        yield f"data.files.{role}: missing from conf/data/{data.name}.yaml: sets of kind {data.kind} need it"
