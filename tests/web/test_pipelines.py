"""Requests behind one another on a connection, and a client that has sent its last."""

import re
import socket
from contextlib import suppress

import pytest

from tests.contract.responses import received_from, sent_to
from tests.support import PATIENCE_SECONDS, RunningServer, SandboxProject, make_project

DELAY_MS = 300
STATUS = re.compile(rb"HTTP/1\.1 (\d+) ")


@pytest.fixture
def project(server: RunningServer) -> SandboxProject:
    return make_project(server, scenario="single")


def asking(project: SandboxProject, *headers: str, version: str = "1.1") -> bytes:
    backup = project.backup
    path = f"/v1/projects/{project.id}/addons/{backup.addon_id}/backups/{backup.backup_id}/restores"
    lines = (f"GET {path} HTTP/{version}", "Host: localhost", f"Authorization: Bearer {project.token}", *headers)
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


@pytest.mark.parametrize("ms", [0, DELAY_MS])
@pytest.mark.parametrize("count", [1, 3])
def test_garbage_behind_good_requests_is_refused_after_their_responses(
    project: SandboxProject, ms: int, count: int
) -> None:
    if ms:
        project.fault("latency", ms=ms)
    responses = received_from(project.server, asking(project) * count + b"garbage\r\n\r\n")
    assert STATUS.findall(responses) == [b"200"] * count + [b"400"]
    assert responses.count(b"connection: close") == 1
    assert len(project.requests()) == count


def test_a_body_that_is_too_long_behind_a_good_request_is_refused_after_its_response(project: SandboxProject) -> None:
    project.fault("latency", ms=DELAY_MS)
    posted = b"POST /v1/login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n" + b" " * 0x10001
    for late in (b"POST /v1/login HTTP/1.1\r\nContent-Length: 70000\r\n\r\n", posted):
        assert STATUS.findall(received_from(project.server, asking(project) + late)) == [b"200", b"413"]


def test_a_body_that_is_too_long_ends_a_request_that_does_not_read_it(project: SandboxProject) -> None:
    project.fault("latency", ms=60_000)
    head = asking(project, "Transfer-Encoding: chunked")
    response = received_from(project.server, head + b"10001\r\n" + b" " * 0x10001)
    assert response.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("path", ["/v1/nope", "/v1/"])
def test_a_body_that_is_too_long_for_a_request_that_was_answered_ends_the_connection(
    server: RunningServer, path: str
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    with sent_to(server, head) as connection:
        stream = connection.makefile("rb")
        assert stream.readline().startswith(b"HTTP/1.1 401 ")
        connection.sendall(b"10001\r\n" + b" " * 0x10001)
        assert stream.read().count(b"HTTP/1.1") == 0


def test_many_pipelined_requests_are_answered_in_order_and_not_read_before_their_turn(project: SandboxProject) -> None:
    count = 900
    asked = b"".join(asking(project, f"X-Number: {number}") for number in range(count - 1))
    responses = received_from(project.server, asked + asking(project, "Connection: close"))
    assert responses.count(b"HTTP/1.1 200 OK") == count


def test_a_client_that_does_not_read_is_not_read_from(project: SandboxProject) -> None:
    with sent_to(project.server, b"") as connection:
        connection.settimeout(0.5)
        sent = 0
        with suppress(TimeoutError):
            while sent < 100_000_000:
                sent += connection.send(asking(project) * 100)
        assert sent < 100_000_000
        connection.settimeout(PATIENCE_SECONDS)
        connection.shutdown(socket.SHUT_WR)
        stream = connection.makefile("rb")
        assert stream.readline() == b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_client_that_half_closes_is_answered(project: SandboxProject, version: str, count: int) -> None:
    project.fault("latency", ms=DELAY_MS)
    sent = asking(project) * (count - 1) + asking(project, version=version)
    with sent_to(project.server, sent) as connection:
        connection.shutdown(socket.SHUT_WR)
        responses = connection.makefile("rb").read()
    assert responses.count(b" 200 OK") == count
    assert b"connection: close" in responses


def test_a_client_that_half_closes_within_a_request_is_not_waited_for(project: SandboxProject) -> None:
    head = b"POST /_mock/projects HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
    for sent in (head, head[:20], b""):
        with sent_to(project.server, sent) as connection:
            connection.shutdown(socket.SHUT_WR)
            assert connection.makefile("rb").read() == b""


@pytest.mark.parametrize("slash", ["%2F", "%2f"])
def test_an_encoded_slash_is_part_of_an_id(project: SandboxProject, slash: str) -> None:
    backup = f"/v1/projects/{project.id}/addons/{project.backup.addon_id}/backups/{project.backup.backup_id}"
    for path, named in (
        (f"{backup}{slash}restores", f"{project.backup.backup_id}{slash}restores"),
        (f"/v1/projects{slash}{project.id}", f"/v1/projects{slash}{project.id}"),
        (f"{backup}%20x{slash}y", f"{project.backup.backup_id} x{slash}y"),
    ):
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {project.token}\r\n"
        response = received_from(project.server, f"{head}Connection: close\r\n\r\n".encode())
        assert response.startswith(b"HTTP/1.1 404 ")
        assert named.encode() in response
