"""What reads data sets: ``load(data, files, cache) -> Raw``, by the name that `kind` has in conf/data/.

``files`` holds the verified contents of ``data.files``, or of one's own files by their names; ``cache`` is a folder in
which a reader that downloads by itself keeps what it got. Nothing here unpickles or runs what it reads.
"""

from normshift.fetch.readers import cifar_binary, digits, folder, gaussian, idx, openml

REGISTRY = {
    "cifar_binary": cifar_binary.load,
    "digits": digits.load,
    "folder": folder.load,
    "gaussian": gaussian.load,
    "idx": idx.load,
    "openml": openml.load,
}
