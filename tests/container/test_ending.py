"""How a container ends: the server is process 1 there, to which a signal does nothing by itself."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from bench.image import HARDENED
from tests.container.docker import Container, done, running
from tests.support import PATIENCE_SECONDS

pytestmark = pytest.mark.container

LESS_THAN_THE_GRACE_MS = 400
LONG_MS = 60_000
KILLED_AFTER_SECONDS = "2"
"""Then the engine kills it, which gives another exit code than its own; `make measure-image` tells what it takes."""


@contextmanager
def asking(container: Container, delay_ms: int) -> Iterator["Future[httpx2.Response]"]:
    """Asks for a page that takes so long; the block begins when the server has it in hand."""
    made = httpx2.post(f"{container.url()}/_mock/projects", json={"scenario": "full-page"}).json()
    faults = f"{container.url()}/_mock/projects/{made['projectId']}/faults"
    httpx2.post(faults, json={"fault": {"kind": "latency", "ms": delay_ms}}).raise_for_status()
    url = made["restoresUrl"]
    headers = {"Authorization": f"Bearer {made['token']}"}
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(httpx2.get, url, headers=headers, timeout=PATIENCE_SECONDS)
        while not struck(httpx2.get(faults).json()):
            assert not asked.done() or asked.result()
        yield asked


def struck(faults: Any) -> bool:
    return bool(faults["faults"][0]["triggered"])


def test_as_process_1_it_ends_at_once_and_with_exit_code_0(image: str) -> None:
    with running(image) as container:
        container.answers()
        assert container.exec("cat", "/proc/1/comm").stdout.strip() == "mockserver"
        done("stop", "-t", KILLED_AFTER_SECONDS, container.id)

        assert container.exit_code == 0


@pytest.mark.parametrize("delay_ms", [LESS_THAN_THE_GRACE_MS, LONG_MS], ids=["in time", "at the end of the grace"])
def test_a_request_in_flight_is_answered_first(image: str, delay_ms: int) -> None:
    with running(image, *HARDENED) as container:
        container.answers()
        with asking(container, delay_ms) as asked:
            done("stop", "-t", KILLED_AFTER_SECONDS, container.id)

            assert asked.result().json()["pagination"]["count"] == 50
        assert container.exit_code == 0
