"""With a server that answers nothing useful, nothing agrees."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from mockserver.check.client import Client, Failure, RequestFailedError
from mockserver.check.judging import Result
from mockserver.check.undecided import Reason
from tests.check.support import OF_BACKUP, check, rows_with
from tests.fake_servers import QuietHandler, fake_server
from tests.support import PATIENCE_SECONDS

SHORT = 0.2
"""How long to wait for a server that is known to hang, in seconds."""


def always(status: int, body: bytes, *headers: tuple[str, str]) -> type[QuietHandler]:
    """A server that has one response to everything."""

    class Handler(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802 - http.server's name
            self.send_response(status)
            for name, value in (*headers, ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_HEAD = do_GET

    return Handler


UNAUTHORIZED = json.dumps({"error": {"status": 401, "message": "who is that", "id": "nf-unauthorized"}}).encode()
SERVERS = {
    "500": always(500, b'{"error": {}}', ("Content-Type", "application/json")),
    "HTML": always(200, b"<html>Welcome</html>", ("Content-Type", "text/html")),
    "redirecting": always(302, b"", ("Location", "/elsewhere")),
    "401 always": always(401, UNAUTHORIZED, ("WWW-Authenticate", "Bearer"), ("Content-Type", "application/json")),
    "a huge body": always(200, b'["' + b"x" * 10_000_000 + b'"]', ("Content-Type", "application/json")),
    "not JSON": always(200, b"{", ("Content-Type", "application/json")),
}


@pytest.mark.parametrize("handler", SERVERS.values(), ids=SERVERS)
def test_nothing_is_decided(handler: type[QuietHandler]) -> None:
    with fake_server(handler) as address:
        outcome = check(f"http://{address}", **OF_BACKUP)
    assert outcome.decided == 0
    assert len(outcome.exchanges) == 1
    assert outcome.problem
    reasons = {outcome.findings[row].reason for row in rows_with(outcome, Result.UNDECIDED)}
    assert reasons == {Reason.NOT_REACHED, Reason.EMULATOR_ONLY}


def test_a_closed_port_decides_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    outcome = check(f"http://127.0.0.1:{port}", **OF_BACKUP)
    assert outcome.decided == 0
    assert "no connection" in str(outcome.problem)


@contextmanager
def raw_server(*pieces: bytes) -> Iterator[str]:
    """Accepts one connection, sends these bytes piece by piece, and leaves it open."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                for piece in pieces:
                    connection.sendall(piece)
                    over.wait(SHORT / 4)
                over.wait(PATIENCE_SECONDS)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()
            thread.join()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
HANGING = {
    "a silent server": ((), Failure.TIMEOUT),
    "a slow drip": ((HEAD, *[b"x"] * 100), Failure.TIMEOUT),
    "no HTTP": ((b"SSH-2.0-OpenSSH\r\n",), Failure.NOT_HTTP),
}


@pytest.mark.parametrize(("pieces", "failure"), HANGING.values(), ids=HANGING)
def test_a_server_that_hangs_is_given_up(pieces: tuple[bytes, ...], failure: Failure) -> None:
    with raw_server(*pieces) as url, pytest.raises(RequestFailedError) as raised:
        Client(url, silence=SHORT, total=2 * SHORT).send("GET", "/")
    assert raised.value.failure is failure


def test_three_requests_in_a_row_without_a_response_end_the_run() -> None:
    page = b'{"data": {"restores": []}, "pagination": {"hasNextPage": false, "count": 0}}'

    class Handler(QuietHandler):
        served = 0

        def do_GET(self) -> None:  # noqa: N802 - http.server's name
            if Handler.served < 3:
                Handler.served += 1
                self.send_response(200)
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

        do_HEAD = do_GET

    with fake_server(Handler) as address:
        outcome = check(f"http://{address}", **OF_BACKUP)
    assert len(outcome.exchanges) == 6
    assert "in a row" in str(outcome.problem)
    assert outcome.findings["errors.not-found"].reason is Reason.NOT_REACHED


def test_the_same_list_for_every_request_agrees_with_no_row_about_errors() -> None:
    page = {"data": {"restores": [{"id": 5}]}, "pagination": {"hasNextPage": False, "count": 1}}
    with fake_server(always(200, json.dumps(page).encode(), ("Content-Type", "application/json"))) as address:
        outcome = check(f"http://{address}", **OF_BACKUP, rows="errors,tokens,rate-limit,operations")
    assert rows_with(outcome, Result.CHECK_ERROR) == set()
    assert rows_with(outcome, Result.AGREES) <= {"errors.upgrade", "operations.login"}
