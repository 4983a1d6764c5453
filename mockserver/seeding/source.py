"""Reads a scenario file's TOML within bounds, so that no file holds up a running server."""

import os
import stat
import sys
import tomllib
from pathlib import Path
from types import FrameType
from typing import Any

from mockserver.clock import MachineClock
from mockserver.errors import UsageError

MAX_BYTES = 1_000_000
"""How large a scenario file may be."""

MAX_SECONDS = 5.0
"""How long reading one may take: keys with thousands of dots take time by the square of their number."""


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises UsageError for what is not a regular file, and for a file that is too large or takes too long; OSError and
    ValueError as reading and parsing do.
    """
    with open(path, encoding="utf-8-sig", opener=_without_waiting) as file:  # Windows editors add a byte order mark
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"the scenario {path} is not a regular file: name one that is")
        if status.st_size > MAX_BYTES:
            raise UsageError(f"the scenario {path} has {status.st_size:,} bytes: make it at most {MAX_BYTES:,}")
        return _parse(file.read(), path)


def _without_waiting(path: str, flags: int) -> int:
    """Opens a FIFO too, which is waited for otherwise."""
    return os.open(path, flags | os.O_NONBLOCK)


def _parse(text: str, path: Path) -> dict[str, Any]:
    """Parses in Python code, which a profiler can stop in any thread; a signal could only in the main one."""
    deadline = MachineClock.monotonic() + MAX_SECONDS

    def check_deadline(_: FrameType, __: str, ___: object) -> None:  # pragma: no cover - nothing traces a profiler
        if MachineClock.monotonic() > deadline:
            raise UsageError(
                f"the scenario {path} takes more than {MAX_SECONDS:g} seconds to read: use keys with fewer dots"
            )

    if sys.getprofile() is not None:
        return tomllib.loads(text)  # under somebody's profiler, which stays
    sys.setprofile(check_deadline)
    try:
        return tomllib.loads(text)
    finally:
        sys.setprofile(None)
