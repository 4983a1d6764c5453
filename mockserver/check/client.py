"""Sends one request over HTTP, with the standard library: no redirects, no retries, bounded in time and size."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Self
from urllib.parse import urlsplit

from mockserver.check.seen import ABSENT
from mockserver.clock import Clock, MachineClock

MAX_BODY_BYTES = 8 * 1024 * 1024
"""How much of a body is read; the OpenAPI document of a large service has megabytes."""

SILENCE_SECONDS = 10.0
"""How long to wait for the next byte."""

TOTAL_SECONDS = 30.0
"""How long a response may take in all."""

_CHUNK = 64 * 1024

Headers = tuple[tuple[str, str], ...]


class Failure(StrEnum):
    """Why there is no response."""

    UNREACHABLE = "no connection"
    TIMEOUT = "no response in time"
    TOO_LARGE = "a body beyond the limit"
    NOT_HTTP = "no valid HTTP"


class RequestFailedError(Exception):
    """A request that got no response."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


@dataclass(frozen=True)
class Response:
    """A response; the names of its headers are in lower case."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)
    milliseconds: int

    def header(self, name: str) -> str | None:
        """The value of a header, None if it is absent."""
        return next((value for key, value in self.headers if key == name), None)

    @cached_property
    def json(self) -> Any:
        """The body as JSON; ``ABSENT`` if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return ABSENT


@dataclass
class Client:
    """Sends requests to one server."""

    base_url: str
    silence: float = SILENCE_SECONDS
    total: float = TOTAL_SECONDS
    max_body: int = MAX_BODY_BYTES
    clock: Clock = field(default_factory=MachineClock)

    def send(self, method: str, target: str, headers: Headers = (), body: bytes | None = None) -> Response:
        """Sends a request to ``target``, a path and query; raises RequestFailedError if there is no response."""
        began = self.clock.monotonic()
        try:
            connection = self._connect()
            with _Deadline(connection, self.total):
                connection.putrequest(method, target, skip_accept_encoding=True)
                for name, value in headers:
                    connection.putheader(name, value)
                if body is not None:
                    connection.putheader("Content-Length", str(len(body)))
                connection.endheaders(body)
                return self._receive(connection.getresponse(), began)
        except RequestFailedError:
            raise
        except TimeoutError:
            raise RequestFailedError(Failure.TIMEOUT) from None
        except (HTTPException, UnicodeError, ValueError):
            raise RequestFailedError(Failure.NOT_HTTP) from None
        except OSError:
            raise RequestFailedError(Failure.UNREACHABLE) from None

    def _connect(self) -> HTTPConnection:
        url = urlsplit(self.base_url)
        host = url.hostname or ""
        if url.scheme == "https":
            context = ssl.create_default_context()
            connection: HTTPConnection = HTTPSConnection(host, url.port, timeout=self.silence, context=context)
        else:
            connection = HTTPConnection(host, url.port, timeout=self.silence)
        connection.connect()
        return connection

    def _receive(self, response: HTTPResponse, began: float) -> Response:
        with response:
            body = b"".join(self._chunks(response))
        headers = tuple((name.lower(), value) for name, value in response.getheaders())
        return Response(response.status, headers, body, round((self.clock.monotonic() - began) * 1000))

    def _chunks(self, response: HTTPResponse) -> Iterator[bytes]:
        size = 0
        while chunk := response.read(_CHUNK):
            size += len(chunk)
            if size > self.max_body:
                raise RequestFailedError(Failure.TOO_LARGE)
            yield chunk


class _Deadline:
    """Ends a connection after ``seconds``, whatever it is doing: a socket never times out while bytes trickle in."""

    def __init__(self, connection: HTTPConnection, seconds: float) -> None:
        self._connection = connection
        self._socket: socket.socket = connection.sock  # the connection forgets it once the server says that it closes
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self.passed = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._connection.close()
        if self.passed:
            raise RequestFailedError(Failure.TIMEOUT)

    def _end(self) -> None:
        self.passed = True
        with suppress(OSError):  # it may have ended by itself
            self._socket.shutdown(socket.SHUT_RDWR)
