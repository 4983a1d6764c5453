"""A container with 128 MB survives floods of input, and a suite of many tests whose projects stay."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import chain, repeat
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.container.docker import Container, running
from tests.support import PATIENCE_SECONDS, TOKEN, restores_path

pytestmark = pytest.mark.container

MEMORY = "128m"
MEGABYTE = 1_000_000
FLOOD = 200 * MEGABYTE
"""More than the container's memory: a server that kept it would be killed."""

HEAD = f"Host: localhost\r\nAuthorization: Bearer {TOKEN}\r\n".encode()
PROJECTS, REQUESTS = 500, 40

FLOODS: dict[str, tuple[bytes, bytes]] = {
    "header lines": (b"GET / HTTP/1.1\r\n" + HEAD, b"x-header: " + b"x" * 1_000 + b"\r\n"),
    "one header": (b"GET / HTTP/1.1\r\nx-header: ", b"x" * MEGABYTE),
    "one URL": (b"GET /", b"x" * MEGABYTE),
    "a body": (b"POST /_mock/projects HTTP/1.1\r\n" + HEAD + b"Content-Length: %d\r\n\r\n" % FLOOD, b" " * MEGABYTE),
    "a chunked body": (
        b"POST /_mock/projects HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        b"%x\r\n" % MEGABYTE + b" " * MEGABYTE + b"\r\n",
    ),
    "pipelined requests": (b"", f"GET {restores_path()} HTTP/1.1\r\n".encode() + HEAD + b"\r\n"),
    "tokens": (b"", b"GET /v1/projects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + b"t" * MEGABYTE + b"\r\n\r\n"),
}
"""What a flood begins with, and what it repeats."""


@pytest.fixture(scope="module")
def small(image: str) -> Iterator[Container]:
    """A container that the engine kills if it takes more than 128 MB."""
    with running(image, "--memory", MEMORY, "--memory-swap", MEMORY) as started:
        started.wait_until_ready()
        yield started


@contextmanager
def connected(container: Container) -> Iterator[socket.socket]:
    where = urlsplit(container.url())
    with socket.create_connection((where.hostname, where.port), timeout=PATIENCE_SECONDS) as connection:
        yield connection


def flood(container: Container, kind: str) -> None:
    """Sends without reading, until everything is sent or the server closes or stops reading."""
    sent, deadline = 0, time.monotonic() + PATIENCE_SECONDS
    with connected(container) as connection, suppress(OSError):
        connection.settimeout(2)
        begin, more = FLOODS[kind]
        for piece in chain([begin], repeat(more)):
            connection.sendall(piece)
            sent += len(piece)
            if sent > FLOOD or time.monotonic() > deadline:
                break


def status(container: Container) -> int:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx2.get(container.url() + restores_path(), headers=headers, timeout=PATIENCE_SECONDS).status_code


@pytest.mark.parametrize("kind", FLOODS)
def test_a_small_container_survives_a_flood_and_serves_others_meanwhile(small: Container, kind: str) -> None:
    with ThreadPoolExecutor() as pool:
        flooding = [pool.submit(flood, small, kind) for _ in range(2)]
        while not all(one.done() for one in flooding):
            assert status(small) == 200
        for one in flooding:
            one.result()
    assert status(small) == 200
    assert small.inspect("State.OOMKilled") is False
    assert small.inspect("RestartCount") == 0


def test_many_values_in_a_body_do_not_take_the_memory(small: Container) -> None:
    body = b'{"restores":[' + b",".join([b"[]"] * 600_000) + b"]}"
    response = httpx2.post(f"{small.url()}/_mock/projects", content=body, timeout=PATIENCE_SECONDS)
    assert response.status_code == 400
    assert len(response.content) < 2_000
    assert small.inspect("State.Running") is True


def test_500_tests_whose_projects_stay_fit(small: Container) -> None:
    with httpx2.Client(base_url=small.url(), timeout=PATIENCE_SECONDS) as client:
        for _ in range(PROJECTS):
            project = client.post("/_mock/projects", json={"scenario": "full-page"}).raise_for_status().json()
            headers = {"Authorization": f"Bearer {project['token']}"}
            path = urlsplit(project["restoresUrl"]).path
            for _ in range(REQUESTS):
                client.get(path, headers=headers).raise_for_status()
        assert len(client.get("/_mock/projects").raise_for_status().json()["projects"]) >= PROJECTS
    assert small.inspect("State.OOMKilled") is False
