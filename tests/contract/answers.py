"""What the contract's tests share: asking in any way there is, and reading the error body strictly."""

import socket
from dataclasses import replace
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import httpx2

from mockserver.rate_limit import REQUESTS_PER_WINDOW
from tests.support import EXAMPLE, PATIENCE_SECONDS, TOKEN, RunningServer, restores_path

Headers = list[tuple[str, str]]

RESTORES = restores_path()
UNKNOWN_PROJECT = restores_path(replace(EXAMPLE, project_id="no-such-project"))

RATE_LIMIT_HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")

ERROR_KEYS = ["status", "message", "id"]
"""The error body's keys in their order; `details` follows where there is any."""


def bearer(token: str = TOKEN) -> Headers:
    return [("Authorization", f"Bearer {token}")]


def ask(server: RunningServer, path: str, method: str = "GET", headers: Headers | None = None) -> httpx2.Response:
    """Asks with a good token, or with just these headers."""
    return server.client.request(method, path, headers=bearer() if headers is None else headers)


def send_raw(server: RunningServer, request: bytes) -> httpx2.Response:
    """Sends bytes that no client would, and reads the first answer."""
    with sent_to(server, request) as connection, HTTPResponse(connection) as answer:
        answer.begin()
        return httpx2.Response(answer.status, headers=answer.getheaders(), content=answer.read())


def received_from(server: RunningServer, request: bytes) -> bytes:
    """Sends bytes, and gives those that came back until the connection was closed."""
    with sent_to(server, request) as connection, connection.makefile("rb") as stream:
        return stream.read()


def sent_to(server: RunningServer, request: bytes) -> socket.socket:
    address = urlsplit(server.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=PATIENCE_SECONDS)
    connection.sendall(request)
    return connection


def send_raw_get(server: RunningServer, target: bytes) -> httpx2.Response:
    """Asks for a target that no client would send as it is, with a good token."""
    head = f"Host: mockserver\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
    return send_raw(server, b"GET " + target + b" HTTP/1.1\r\n" + head.encode())


def error_of(answer: httpx2.Response, status: int) -> dict[str, Any]:
    """The error that an answer tells, once it is shown to be exactly the contract's."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert int(answer.headers["content-length"]) == len(answer.content)
    body = answer.json()
    assert list(body) == ["error"]
    error: dict[str, Any] = body["error"]
    assert [key for key in error if key != "details"] == ERROR_KEYS
    assert error["status"] == status
    assert isinstance(error["message"], str)
    assert error["message"]
    assert isinstance(error["id"], str)
    assert error["id"]
    if "details" in error:
        assert list(error)[-1] == "details"
        assert isinstance(error["details"], dict)
        assert error["details"], "where details add nothing they are absent"
    assert "Traceback" not in answer.text
    return error


def use_up(server: RunningServer, token: str) -> None:
    """Counts all of a token's requests for the hour that begins now."""
    for _ in range(REQUESTS_PER_WINDOW):
        server.emulator.rate_limit.count(token)


def rate_limit_of(answer: httpx2.Response) -> tuple[int, int, int]:
    """What an answer's headers say: the limit, the requests that remain, the seconds to the reset."""
    limit, remaining, reset = (int(answer.headers[name]) for name in RATE_LIMIT_HEADERS)
    return limit, remaining, reset
