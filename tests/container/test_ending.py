"""A stopped container ends cleanly, although process 1 ignores signals that it does not handle."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from bench.image import HARDENED
from tests.container.docker import Container, ok, running
from tests.support import PATIENCE_SECONDS

pytestmark = pytest.mark.container

LESS_THAN_THE_GRACE_MS = 400
LONG_MS = 60_000
KILLED_AFTER_SECONDS = "2"
"""The engine then kills the container, which changes its exit code; `make measure-image` measures the time to stop."""


@contextmanager
def pending_request(container: Container, delay_ms: int) -> Iterator["Future[httpx2.Response]"]:
    """Requests a page that takes ``delay_ms``; the block begins when the server has received the request."""
    created = httpx2.post(f"{container.url()}/_mock/projects", json={"scenario": "full-page"}).json()
    faults = f"{container.url()}/_mock/projects/{created['projectId']}/faults"
    httpx2.post(faults, json={"fault": {"kind": "latency", "ms": delay_ms}}).raise_for_status()
    url = created["restoresUrl"]
    headers = {"Authorization": f"Bearer {created['token']}"}
    with ThreadPoolExecutor() as pool:
        response = pool.submit(httpx2.get, url, headers=headers, timeout=PATIENCE_SECONDS)
        while not has_triggered(httpx2.get(faults).json()):
            assert not response.done() or response.result()
        yield response


def has_triggered(faults: Any) -> bool:
    return bool(faults["faults"][0]["triggered"])


def test_a_stopped_container_ends_at_once_with_exit_code_0(image: str) -> None:
    with running(image) as container:
        container.wait_until_ready()
        assert container.exec("cat", "/proc/1/comm").stdout.strip() == "mockserver"
        ok("stop", "-t", KILLED_AFTER_SECONDS, container.id)

        assert container.exit_code == 0


@pytest.mark.parametrize("delay_ms", [LESS_THAN_THE_GRACE_MS, LONG_MS], ids=["in time", "at the end of the grace"])
def test_a_request_in_flight_gets_its_response_first(image: str, delay_ms: int) -> None:
    with running(image, *HARDENED) as container:
        container.wait_until_ready()
        with pending_request(container, delay_ms) as response:
            ok("stop", "-t", KILLED_AFTER_SECONDS, container.id)

            assert response.result().json()["pagination"]["count"] == 50
        assert container.exit_code == 0
