"""The health check of a running server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mockserver.health import check, wait_for
from tests.support import PATIENCE_SECONDS, RunningServer, running_server

NO_SERVER = "no server responds at"


@contextmanager
def server_sending(*responses: bytes) -> Iterator[int]:
    """Serves these responses in order, whatever the requests; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for response in responses:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(response)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def port_of(server: RunningServer) -> int:
    return int(server.url.rpartition(":")[2])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "::"])  # noqa: S104 - what is tested
def test_a_server_that_responds_is_healthy(server: RunningServer, host: str) -> None:
    assert check(host, port_of(server)) is None


def test_a_server_on_all_interfaces_is_healthy() -> None:
    with running_server(host="0.0.0.0") as everywhere:  # noqa: S104 - what is tested
        assert check("0.0.0.0", port_of(everywhere)) is None  # noqa: S104 - the same


def test_a_port_without_a_listener_is_not_healthy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    assert str(check("127.0.0.1", port)).endswith(f"{NO_SERVER} 127.0.0.1:{port}: Connection refused")


@pytest.mark.parametrize("host", ["a..b", "not a host", "no-such-host.invalid"])
def test_an_invalid_host_is_not_healthy(host: str) -> None:
    assert str(check(host, 1)).startswith(f"{NO_SERVER} {host}:1: ")


@pytest.mark.parametrize(
    ("response", "problem"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", "status 200"),
        (b"HTTP/1.1 404 Not Found\r\ncontent-length: 7\r\n\r\nsuccess", "status 404"),
        (b"SSH-2.0\r\n", NO_SERVER),
        (b"", NO_SERVER),
    ],
    ids=["another body", "another status", "no HTTP", "nothing"],
)
def test_another_server_is_not_healthy(response: bytes, problem: str) -> None:
    with server_sending(response) as port:
        assert problem in str(check("127.0.0.1", port))


WELL = b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nsuccess"


def test_wait_for_waits_until_a_server_is_ready() -> None:
    with server_sending(b"", b"", WELL) as port:
        assert wait_for("127.0.0.1", port, PATIENCE_SECONDS) is None


def test_wait_for_gives_up_after_its_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    assert str(wait_for("127.0.0.1", port, 0.01)).startswith(NO_SERVER)
