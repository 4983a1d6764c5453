"""Helpers for tests of the contract: send any request, and read the error body strictly."""

import socket
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import httpx2

from mockserver.rate_limit import REQUESTS_PER_WINDOW
from tests.support import EXAMPLE, PATIENCE_SECONDS, TOKEN, RunningServer, restores_path

Headers = list[tuple[str, str]]

RESTORES = restores_path()
UNKNOWN_PROJECT = restores_path(EXAMPLE._replace(project_id="no-such-project"))

RATE_LIMIT_HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")

ERROR_KEYS = ["status", "message", "id"]
"""The keys of the error body, in order; `details` follows if there are any."""


OPERATIONS = {
    "list-projects": ("GET", "/v1/projects"),
    "list-addons": ("GET", "/v1/projects/{id}/addons"),
    "list-backups": ("GET", "/v1/projects/{id}/addons/example-addon/backups"),
    "get-backup": ("GET", "/v1/projects/{id}/addons/example-addon/backups/example-backup"),
    "list-restores": ("GET", "/v1/projects/{id}/addons/example-addon/backups/example-backup/restores"),
    "list-addon-restores": ("GET", "/v1/projects/{id}/addons/example-addon/restores"),
    "restore-backup": ("POST", "/v1/projects/{id}/addons/example-addon/backups/example-backup/restore"),
    "abort-restore": ("POST", "/v1/projects/{id}/addons/example-addon/backups/example-backup/abort-restore"),
    "login": ("GET", "/v1/login"),
    "auth": ("GET", "/v1/auth"),
}
"""The method and the path of each operation; ``{id}`` stands for a project."""


def bearer(token: str = TOKEN) -> Headers:
    return [("Authorization", f"Bearer {token}")]


def ask(server: RunningServer, path: str, method: str = "GET", headers: Headers | None = None) -> httpx2.Response:
    """Sends a request with a valid token, or with only these headers."""
    return server.client.request(method, path, headers=bearer() if headers is None else headers)


def send_raw(server: RunningServer, request: bytes) -> httpx2.Response:
    """Sends raw bytes, and reads the first response."""
    with sent_to(server, request) as connection, HTTPResponse(connection) as response:
        response.begin()
        return httpx2.Response(response.status, headers=response.getheaders(), content=response.read())


def received_from(server: RunningServer, request: bytes) -> bytes:
    """Sends raw bytes, and returns all that the server sends until the connection is closed."""
    with sent_to(server, request) as connection, connection.makefile("rb") as stream:
        return stream.read()


def sent_to(server: RunningServer, request: bytes) -> socket.socket:
    address = urlsplit(server.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=PATIENCE_SECONDS)
    connection.sendall(request)
    return connection


def send_raw_get(server: RunningServer, target: bytes) -> httpx2.Response:
    """Sends a GET with a valid token for a raw target, which HTTP clients would normalise."""
    head = f"Host: mockserver\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
    return send_raw(server, b"GET " + target + b" HTTP/1.1\r\n" + head.encode())


def error_of(response: httpx2.Response, status: int) -> dict[str, Any]:
    """The error in a response, after checking that it has exactly the contract's form."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert int(response.headers["content-length"]) == len(response.content)
    body = response.json()
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
        assert error["details"], "empty details must be absent"
    assert "Traceback" not in response.text
    return error


def document_at(server: RunningServer, path: str) -> dict[str, Any]:
    """The OpenAPI document that a server publishes."""
    response = server.client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    document: dict[str, Any] = response.json()
    return document


def use_up(server: RunningServer, token: str) -> None:
    """Counts all of a token's requests for the hour that begins now."""
    for _ in range(REQUESTS_PER_WINDOW):
        server.emulator.rate_limit.count(token)


def rate_limit_of(response: httpx2.Response) -> tuple[int, int, int]:
    """The rate limit in a response's headers: the limit, the remaining requests, the seconds until the reset."""
    limit, remaining, reset = (int(response.headers[name]) for name in RATE_LIMIT_HEADERS)
    return limit, remaining, reset
