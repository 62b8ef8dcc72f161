"""Tables on disk: checked on write and on read."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.tables.check import TABLES, BadTable, checked


def write(frame: pd.DataFrame, name: str, folder: Path) -> None:
    """Check a table and write it to ``folder/name.parquet``."""
    folder.mkdir(parents=True, exist_ok=True)
    bits = {key: column.bits for key, column in TABLES[name].items() if column.bits}
    frame = checked(frame, name)
    frame = frame.assign(**{key: rounded(frame[key].to_numpy(), count) for key, count in bits.items()})
    # Numbers of which hardly two are equal: apart, the bytes of equal weight compress; a dictionary does not.
    frame.to_parquet(
        folder / f"{name}.parquet",
        index=False,
        compression="zstd",
        use_dictionary=[key for key in frame if key not in bits],
        use_byte_stream_split=list(bits),
    )


def rounded(values: NDArray, bits: int) -> NDArray[np.float32]:
    """Return numbers to some significant bits in single precision; NaN for what is beyond it."""
    mantissa, exponent = np.frexp(values)
    near = np.ldexp(np.round(mantissa * 2.0**bits), exponent - bits)
    return np.where(np.abs(near) <= np.finfo(np.float32).max, near, np.nan).astype(np.float32)


def read(name: str, folder: Path) -> pd.DataFrame:
    """Read ``folder/name.parquet`` and check it."""
    path = folder / f"{name}.parquet"
    try:
        frame = pd.read_parquet(path)
    except FileNotFoundError:
        raise BadTable(f"{path} is missing: run the stage that writes it, or `dvc repro`") from None
    except Exception as error:
        raise BadTable(f"{path} cannot be read ({error}): delete it and run `dvc repro`") from error
    return checked(frame, name)
