"""Effects of faults at the socket: connections that end, clients that disconnect, a server that shuts down."""

import asyncio
import io
import json
import logging
import re
import signal
import socket
import struct
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx2
import pytest

from mockserver.settings import LogFormat
from mockserver.testing import Server
from tests import connections
from tests.commands import serving
from tests.support import (
    EXAMPLE,
    NO_CERTIFICATES,
    PATIENCE_SECONDS,
    RunningServer,
    SandboxProject,
    make_project,
    running_server,
    until,
)

FOREVER_MS = 600_000
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def connect(url: str) -> socket.socket:
    target = httpx2.URL(url)
    return socket.create_connection((target.host, target.port or 80), timeout=PATIENCE_SECONDS)


def request(path: str, token: str, headers: str = "", method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n{headers}\r\n".encode()


def asking(project: SandboxProject, headers: str = "", method: str = "GET") -> bytes:
    return request(httpx2.URL(project.url).path, project.token, headers, method)


def read_to_end(connection: socket.socket) -> bytes:
    read = b""
    while piece := connection.recv(65536):
        read += piece
    return read


def answers_to(url: str, requests: bytes) -> bytes:
    """All that the server sends on one connection, to its end."""
    with connect(url) as connection:
        connection.sendall(requests)
        return read_to_end(connection)


@pytest.fixture
def project(server: RunningServer) -> SandboxProject:
    return make_project(server, scenario="many", restores=120)


@pytest.fixture
def complaints() -> Iterator[io.StringIO]:
    """What uvicorn logs as an error; otherwise it would go to standard error."""
    logged = io.StringIO()
    handler = logging.StreamHandler(logged)
    logger = logging.getLogger("uvicorn.error")
    logger.addHandler(handler)
    yield logged
    logger.removeHandler(handler)


def test_a_reset_also_ends_pipelined_requests_and_leaves_nothing_running(
    project: SandboxProject, complaints: io.StringIO
) -> None:
    project.fault("reset", {"times": 1})
    with pytest.raises(ConnectionResetError):
        answers_to(project.url, asking(project) * 3)
    (request,) = project.requests()
    assert "status" not in request
    until(lambda: project.server.log.getvalue().count(f"{project.id}/") == 1)
    assert complaints.getvalue() == ""


def test_a_truncated_response_ends_the_connection_despite_pipelined_requests(
    project: SandboxProject, complaints: io.StringIO
) -> None:
    project.fault("truncate", {"times": 1})
    head, _, body = answers_to(project.url, asking(project) * 2).partition(b"\r\n\r\n")
    promised = re.search(rb"content-length: (\d+)", head)
    assert promised
    assert len(body) == int(promised[1]) // 2
    assert len(project.requests()) == 1
    assert complaints.getvalue() == ""


def test_the_log_shows_which_faults_a_request_triggered(project: SandboxProject) -> None:
    for kind in ("reset", "truncate", "malformed"):
        project.fault(kind, {"times": 1})
        try:
            answers_to(project.url, asking(project, "Connection: close\r\n"))
        except ConnectionResetError:
            assert kind == "reset"
    shown = f"GET {httpx2.URL(project.url).path} "
    logged = [line for line in project.server.log.getvalue().splitlines() if shown in line]
    ends = [(line.split()[1], line.partition(" ms ")[2].partition(" ")[2]) for line in logged]
    assert ends == [("---", "[fault-1: reset]"), ("200", "[fault-2: truncate]"), ("200", "[fault-3: malformed]")]


def test_the_log_in_json_shows_which_faults_a_request_triggered() -> None:
    with running_server(log_format=LogFormat.JSON) as server:
        project = make_project(server, scenario="single")
        project.fault("latency", ms=0)
        project.fault("reset", {"times": 1})
        with pytest.raises(ConnectionResetError):
            answers_to(project.url, asking(project))
    _, record = map(json.loads, server.log.getvalue().splitlines())
    assert record["status"] is None
    assert record["faults"] == [{"id": "fault-1", "kind": "latency"}, {"id": "fault-2", "kind": "reset"}]


def test_a_connection_that_the_client_has_closed_is_not_reset(complaints: io.StringIO) -> None:
    rule = b'{"fault": {"kind": "reset"}}'
    faults = f"/_mock/projects/{EXAMPLE.project_id}/faults"

    async def act(connection: connections.Connection) -> None:
        protocol, wire = connection
        protocol.data_received(
            connections.request("", f"Content-Length: {len(rule)}", method="POST", path=faults) + rule
        )
        await asyncio.wait(protocol.tasks)
        wire.writes.clear()
        wire.closed = True
        protocol.data_received(connections.request())
        await asyncio.sleep(0)
        assert wire.writes == []

    connections.on_connection(act)
    assert complaints.getvalue() == ""


@pytest.mark.parametrize("kind", ["reset", "truncate", "malformed", "slow"])
def test_a_head_request_that_triggers_a_fault_gets_no_body(project: SandboxProject, kind: str) -> None:
    project.fault(kind, {"times": 1}, **({"bytesPerSecond": 1} if kind == "slow" else {}))
    head = asking(project, "Connection: close\r\n", "HEAD")
    if kind == "reset":
        with pytest.raises(ConnectionResetError):
            answers_to(project.url, head)
    else:
        assert answers_to(project.url, head).partition(b"\r\n\r\n")[2] == b""


@pytest.mark.parametrize("kind", ["latency", "slow"])
@pytest.mark.parametrize("pipelined", [1, 2])
@pytest.mark.parametrize("how", ["closes", "resets"])
def test_a_client_that_disconnects_during_a_delay_gets_no_response_and_nothing_keeps_waiting(
    project: SandboxProject, complaints: io.StringIO, kind: str, pipelined: int, how: str
) -> None:
    settings = {"ms": FOREVER_MS} if kind == "latency" else {"bytesPerSecond": 1}
    project.fault(kind, {"times": 1}, **settings)
    with connect(project.url) as connection:
        connection.sendall(asking(project) * pipelined)
        until(project.triggered)
        if how == "resets":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    until(lambda: f"[fault-1: {kind}]" in project.server.log.getvalue())
    assert httpx2.get(project.url, headers=project.authorization, verify=NO_CERTIFICATES).status_code == 200
    walk = project.walk()
    assert (walk["verdict"], walk["pages"], walk["retries"]) == ("abandoned", 1, 1)
    assert complaints.getvalue() == ""


def test_each_delayed_request_on_a_connection_notices_that_the_client_disconnects(project: SandboxProject) -> None:
    project.fault("latency", {"times": 2}, ms=10)
    project.fault("latency", {"nth": 3}, ms=FOREVER_MS)
    with httpx2.Client(headers=project.authorization, verify=NO_CERTIFICATES) as client:
        assert [client.get(project.url).status_code for _ in range(2)] == [200, 200]
        with pytest.raises(httpx2.ReadTimeout):
            client.get(project.url, timeout=0.2)
    until(lambda: "[fault-2: latency]" in project.server.log.getvalue())
    assert [entry.get("status") for entry in project.requests()] == [200, 200, None]


def test_a_client_that_times_out_and_retries_has_not_looped(project: SandboxProject) -> None:
    project.fault("latency", {"page": 2, "times": 1}, ms=FOREVER_MS)
    with httpx2.Client(headers=project.authorization, verify=NO_CERTIFICATES) as client:
        cursor = client.get(project.url).json()["pagination"]["cursor"]
        with pytest.raises(httpx2.ReadTimeout):
            client.get(project.url, params={"cursor": cursor}, timeout=0.2)
        while cursor:
            cursor = client.get(project.url, params={"cursor": cursor}).json()["pagination"].get("cursor")
    until(lambda: project.walk()["verdict"] == "complete")
    assert (project.walk()["pages"], project.walk()["retries"]) == (3, 1)


def test_a_list_does_not_change_after_a_page_whose_client_disconnected(project: SandboxProject) -> None:
    project.fault("latency", {"times": 1}, ms=FOREVER_MS)
    project.fault("mutate", {"times": 1}, insert=5)
    with connect(project.url) as connection:
        connection.sendall(asking(project))
        until(project.triggered)
    until(lambda: "[fault-1: latency, fault-2: mutate]" in project.server.log.getvalue())
    assert len(project.server.stored(project.backup)) == 120


@pytest.mark.parametrize("ended", ["reset", "deleted"])
def test_a_list_does_not_change_if_its_project_was_reset_or_deleted_meanwhile(
    project: SandboxProject, complaints: io.StringIO, ended: str
) -> None:
    project.fault("latency", {"times": 1}, ms=500)
    project.fault("mutate", {"times": 1}, insert=5)
    with connect(project.url) as connection:
        connection.sendall(asking(project))
        until(project.triggered)
        if ended == "reset":
            project.ok("POST", "/reset")
        else:
            project.ok("DELETE")
        assert connection.recv(12) == b"HTTP/1.1 200"
    assert len(project.server.stored(project.backup)) == (120 if ended == "reset" else 0)
    assert complaints.getvalue() == ""


@pytest.mark.parametrize(
    ("fault", "per_page"), [({"kind": "latency", "ms": FOREVER_MS}, 100), ({"kind": "slow", "bytes_per_second": 1}, 50)]
)
@pytest.mark.usefixtures("measured_processes")
def test_a_server_that_shuts_down_sends_delayed_responses_immediately(fault: dict[str, Any], per_page: int) -> None:
    with serving("--scenario", "many") as served:
        mock = Server(served.url).make_project(scenario="many")
        mock.faults.add(**fault)
        with connect(served.url) as connection:
            connection.sendall(request(f"{httpx2.URL(mock.restores_url).path}?per_page={per_page}", mock.token))
            until(lambda: next(iter(mock.faults)).triggered)
            code, _, err = served.end()
            head, _, body = read_to_end(connection).partition(b"\r\n\r\n")
    assert code == 0
    assert not err
    assert head.startswith(b"HTTP/1.1 200")
    assert json.loads(body)["pagination"]["count"] == per_page


@pytest.mark.usefixtures("measured_processes")
def test_a_server_that_shuts_down_during_a_request_sends_a_503_error_body() -> None:
    with serving() as served, closing(connect(served.url)) as connection:
        connection.sendall(
            request(
                "/v1/projects/default-project/addons/example-addon/backups/example-backup/abort-restore",
                "a-token",
                "Content-Length: 100\r\nExpect: 100-continue\r\n",
                method="POST",
            )
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        code, _, err = served.end(signal.SIGTERM)
        head, _, body = read_to_end(connection).partition(b"\r\n\r\n")
    assert code == 0
    assert "Traceback" not in err
    assert head.startswith(b"HTTP/1.1 503")
    assert json.loads(body)["error"]["status"] == 503


@pytest.mark.usefixtures("measured_processes")
def test_pipelined_requests_after_a_delayed_one_are_rejected_when_the_server_shuts_down() -> None:
    with serving() as served, closing(connect(served.url)) as connection:
        mock = Server(served.url).make_project(scenario="single")
        mock.faults.add("latency", ms=FOREVER_MS, times=1)
        connection.sendall(request(httpx2.URL(mock.restores_url).path, mock.token) * 2)
        until(lambda: len(mock.requests) == 1)
        code, _, err = served.end(signal.SIGTERM)
        first, second = re.findall(rb"HTTP/1\.1 (\d+)", read_to_end(connection))
    assert code == 0
    assert "Traceback" not in err
    assert (first, second) == (b"200", b"503")


@pytest.mark.usefixtures("measured_processes")
def test_pipelined_requests_after_a_delayed_response_change_nothing_when_the_server_shuts_down() -> None:
    with serving() as served, closing(connect(served.url)) as connection:
        mock = Server(served.url).make_project(scenario="single")
        mock.faults.add("latency", ms=FOREVER_MS, times=1)
        body = '{"mode": "frozen"}'
        head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        connection.sendall(
            request(httpx2.URL(mock.restores_url).path, mock.token)
            + request(f"/_mock/projects/{mock.project_id}/clock", mock.token, head, method="PUT")
            + body.encode()
        )
        until(lambda: len(mock.requests) == 1)
        code, _, err = served.end(signal.SIGTERM)
        responses = read_to_end(connection)
    assert code == 0
    assert "Traceback" not in err
    assert re.findall(rb"HTTP/1\.1 (\d+)", responses) == [b"200", b"503"]
    assert b"the server is shutting down" in responses


def test_a_project_that_is_reset_during_a_request_still_belongs_to_its_token(project: SandboxProject) -> None:
    path = httpx2.URL(project.url).path.replace("/restores", "/abort-restore")
    body = b'{"restoreId": "1"}'
    head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    with connect(project.url) as connection:
        headers = f"{head}Expect: 100-continue\r\nConnection: close\r\n"
        connection.sendall(request(path, project.token, headers, method="POST"))
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        project.ok("POST", "/reset")
        connection.sendall(body)
        response = read_to_end(connection)
    assert b'no restore \\"1\\" of backup' in response


def test_clients_that_disconnect_before_their_response_are_not_logged_as_errors(
    project: SandboxProject, complaints: io.StringIO
) -> None:
    project.fault("reset")
    for _ in range(20):
        with connect(project.url) as connection:
            connection.sendall(asking(project))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    assert project.triggered() <= 20
    assert complaints.getvalue() == ""
