"""Requests that wait for a change, in a thread."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from mockserver.sandbox.watchers import Watchers
from tests.support import PATIENCE_SECONDS, RunningServer, SandboxProject


def watchers_of(project: SandboxProject) -> Watchers:
    sandbox = project.server.emulator.sandboxes.find(project.id)
    assert sandbox is not None
    return sandbox.journal.watchers


@contextmanager
def waiting(server: RunningServer, watchers: Watchers, path: str) -> Iterator["Future[httpx2.Response]"]:
    """A request that waits; the block begins when the server has begun to wait for a change."""
    began = threading.Event()
    next_change = Watchers.next_change
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as pool:

        def signal(self: Watchers) -> Any:
            change = next_change(self)
            if self is watchers:
                began.set()
            return change

        patch.setattr(Watchers, "next_change", signal)
        response = pool.submit(httpx2.get, server.url + path, timeout=PATIENCE_SECONDS)
        assert began.wait(PATIENCE_SECONDS)
        yield response
