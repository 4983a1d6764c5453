"""What the tests of a process share without asking for it, and so must leave as it was."""

import gc
import logging
import os
import signal
import sys
import warnings
from typing import Any

from mockserver.cli import COMMANDS


def shared_state() -> dict[str, Any]:
    """The state of this process that outlives a test, by what it is called."""
    return {
        "environment variables": {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"},
        "the working directory": os.getcwd(),  # noqa: PTH109 - no path to work with
        "signal handlers": {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)},
        "sys.path": [*sys.path],
        "sys.meta_path": [*sys.meta_path],
        "the garbage collector": (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count() > 0),
        "log handlers": {name: [*logging.getLogger(name).handlers] for name in ("", "uvicorn.error", "asyncio")},
        "warning filters": [*warnings.filters],
        "commands": [*COMMANDS.items()],
        "modules": dict(sys.modules),
    }


def left_behind(before: dict[str, Any]) -> list[str]:
    """What has changed since; that more modules are imported counts for nothing."""
    after = shared_state()
    after["modules"] = {name: after["modules"].get(name) for name in before["modules"]}
    return [name for name, value in before.items() if after[name] != value]
