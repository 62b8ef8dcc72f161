"""People's mistakes and broken inputs, said in one line each: no traceback, exit code 1."""

import argparse
import errno
import logging
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from normshift.params import Refused

log = logging.getLogger("normshift")


def guarded(action: Callable[[], None], stage: str = "normshift") -> int:
    """Return the exit code of an action, people's mistakes and broken inputs said in one line each."""
    try:
        _log_to_stderr()
        action()
    except Refused as refused:
        return _failed(stage, refused.lines)
    except OSError as error:
        return _failed(stage, [_said(error)])
    except ValueError as error:
        return _failed(stage, ["; ".join(str(error).splitlines())])
    except KeyboardInterrupt:
        print(f"{stage}: interrupted; the same command goes on where it stopped", file=sys.stderr)
        return 130
    return 0


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line, like every other refusal."""

    def error(self, message: str) -> NoReturn:
        """Refuse instead of printing the usage."""
        raise Refused([f"{message}; see --help"])


def is_full(error: OSError) -> bool:
    """Say whether the disk is full; NumPy then says how many items it could write, and no error number."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT) or "requested and" in str(error)


def _said(error: OSError) -> str:
    if is_full(error):
        return f"no space left on the disk while writing {error.filename}: free some and run the same command again"
    return " ".join(str(error).split())


def _failed(stage: str, lines: list[str]) -> int:
    log.debug("the fault in full", exc_info=True)
    for line in lines:
        print(f"{stage}: {line}", file=sys.stderr)
    return 1


def _log_to_stderr() -> None:
    level = os.environ.get("NORMSHIFT_LOG", "INFO").upper()
    if level not in logging.getLevelNamesMapping():
        raise Refused([f"NORMSHIFT_LOG={level}: must be one of {', '.join(logging.getLevelNamesMapping())}"])
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    log.setLevel(level)
