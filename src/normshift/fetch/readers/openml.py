"""Any numeric set of openml.org, through scikit-learn, which checks its md5 and keeps it in the cache."""

import logging
import socket
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import fetch_openml

from normshift.fetch.labels import numbered
from normshift.fetch.raw import Raw
from normshift.fetch.readers.folder import numeric
from normshift.params import Data

SECONDS = 30.0  # without a byte, after which scikit-learn gives up and tries again, three times
log = logging.getLogger("normshift")


def load(data: Data, files: Mapping[str, bytes], cache: Path) -> Raw:
    """Return the set number ``data.id``: all columns but those that openml.org says to ignore, and its labels."""
    try:
        with _impatient(), _logged():
            found = fetch_openml(data_id=data.id, data_home=cache, target_column=data.target or "default-target")
    except (OSError, ValueError, KeyError) as error:
        fault = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(
            f"data.id={data.id} could not be had from openml.org ({fault}): check number and network"
        ) from error
    images = numeric(found.data) if isinstance(found.data, pd.DataFrame) else found.data.toarray()
    target = pd.DataFrame(found.target)
    if target.shape[1] != 1:
        raise ValueError(f"data.id={data.id} has {target.shape[1]} columns of labels: say which, data.target=NAME")
    terms = _terms(found.details, data)
    return Raw(_single(images), numbered(target.iloc[:, 0]), *terms)


def _single(images: np.ndarray) -> np.ndarray:
    return images if images.dtype == np.uint8 else images.astype(np.float32)


def _terms(details: Mapping[str, Any], data: Data) -> tuple[str, str]:
    """Return licence and citation, as the configuration says or else as the set does."""
    own = f"{details['name']}, version {details['version']}, https://www.openml.org/d/{data.id}"
    cited = details.get("citation")
    said = "; ".join(cited) if isinstance(cited, list) else cited
    return data.licence or details.get("licence") or "not stated", data.citation or "; ".join(filter(None, [said, own]))


@contextmanager
def _impatient() -> Iterator[None]:
    """scikit-learn sets no time-out."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextmanager
def _logged() -> Iterator[None]:
    """Say scikit-learn's warnings, of a failed attempt or of what openml.org tells about the set, in one line each."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        yield
    for warning in seen:
        log.warning("openml: %s", " ".join(str(warning.message).split()))
