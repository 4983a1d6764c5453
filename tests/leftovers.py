"""Fails a test that leaves global state of the process changed, on which later tests would depend."""

import gc
import logging
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.cli import COMMANDS


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    before = _shared_state()
    yield
    after = _shared_state()
    changed = [name for name, value in before.items() if after[name] != value]
    assert not changed, f"the test left changed: {', '.join(changed)}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """A module that is imported twice has two classes of each exception, and an ``except`` of one misses the other."""
    imported = dict(sys.modules)
    yield
    lost = [name for name, module in imported.items() if sys.modules.get(name) is not module]
    assert not lost, f"the test removed or replaced imported modules: {', '.join(lost)}"


def _shared_state() -> dict[str, Any]:
    return {
        "environment variables": {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"},
        "the working directory": os.getcwd(),  # noqa: PTH109 - no path to work with
        "signal handlers": {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)},
        "sys.path": [*sys.path],
        "sys.meta_path": [*sys.meta_path],
        "the garbage collector": (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count() > 0),
        "log handlers": {name: [*logging.getLogger(name).handlers] for name in ("", "uvicorn.error", "asyncio")},
        "commands": [*COMMANDS.items()],
    }
