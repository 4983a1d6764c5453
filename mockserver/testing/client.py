"""A client of a server's control plane."""

import json
import re
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any

from mockserver.testing.values import in_python

__tracebackhide__ = True  # pytest shows a failure at the test's own line

TIMEOUT_SECONDS = 60
POLL_SECONDS = 0.02

_CONNECTIONS = {"http": HTTPConnection, "https": HTTPSConnection}
_LABEL = r"[a-z0-9_-]{1,63}"
_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<netloc>({_LABEL}(\.{_LABEL})*\.?|\[[0-9a-f:.]+\])(:(?P<port>\d{{1,5}}))?)/*",
    re.ASCII | re.IGNORECASE,
)
_HIGHEST_PORT = 65535


class MockserverError(Exception):
    """Base class of the errors that this package raises about a server."""


class StartError(MockserverError):
    """A server did not become ready. ``output`` is everything it wrote."""

    def __init__(self, reason: str, output: str) -> None:
        super().__init__(f"{reason}\n{output}".strip())
        self.output = output


class UnreachableError(MockserverError):
    """No mockserver responds at the URL."""


class ControlPlaneError(MockserverError):
    """An error response of the control plane: its HTTP status, its message, and details such as the invalid field."""

    def __init__(self, status: int, message: str, details: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details


class Client:
    """Sends requests to ``/_mock`` on one server, each on a new connection and never through a proxy."""

    def __init__(self, url: str) -> None:
        parts = _URL.fullmatch(str(url))
        if parts is None or int(parts["port"] or 0) > _HIGHEST_PORT:
            raise ValueError(f"{url!r} is not the URL of a server: it should look like http://127.0.0.1:8080")
        scheme = parts["scheme"].lower()
        self._netloc = parts["netloc"]
        self.url = f"{scheme}://{self._netloc}"
        self._connection = _CONNECTIONS[scheme]

    def request(self, method: str, path: str, body: Any = None, timeout: float = TIMEOUT_SECONDS) -> Any:
        """Sends a request and returns the JSON of the response, or None if it has no body.

        Raises ControlPlaneError on an error response, and UnreachableError if no mockserver responds. ``path`` is
        relative to ``/_mock``; ``timeout`` is in seconds.
        """
        status, received = self._exchange(method, f"/_mock{path}", body, timeout)
        return self._parsed(status, received)

    def download(self, path: str) -> bytes:
        """The body of the response to a GET, which is not JSON; raises the same errors as ``request``."""
        _, received = self._exchange("GET", f"/_mock{path}", None, TIMEOUT_SECONDS)
        return received

    def _failure(self, status: int, response: Any) -> MockserverError:
        try:
            error = response["error"]
            return ControlPlaneError(status, in_python(error["message"]), error.get("details", {}))
        except (LookupError, TypeError):
            return self._not_mockserver(status)

    def wait_until_ready(self, timeout: float) -> None:
        """Returns when the server is ready; raises UnreachableError after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            problem = self.readiness_problem(max(POLL_SECONDS, deadline - time.monotonic()))
            if problem is None:
                return
            if time.monotonic() >= deadline:
                raise problem
            time.sleep(POLL_SECONDS)

    def readiness_problem(self, timeout: float) -> UnreachableError | None:
        """Checks once, within ``timeout`` seconds, and returns why the server is not ready; None if it is.

        Raises UnreachableError if waiting longer cannot help.
        """
        try:
            self.request("GET", "/ready", timeout=min(TIMEOUT_SECONDS, timeout))
        except ControlPlaneError as failure:
            if failure.status != 503:
                message = f"the server at {self.url} has no control plane: was it started with --no-control?"
                raise UnreachableError(message) from None
            return UnreachableError(f"the server at {self.url} did not become ready: {failure}")
        except UnreachableError as failure:
            return failure  # it may not listen yet
        return None

    def _exchange(self, method: str, path: str, body: Any, timeout: float) -> tuple[int, bytes]:
        content = None if body is None else json.dumps(body)
        connection = self._connection(self._netloc, timeout=timeout)
        try:
            connection.request(method, path, content)
            response = connection.getresponse()
            status, received = response.status, response.read()
        except (OSError, HTTPException) as failure:
            reason = getattr(failure, "strerror", None) or failure
            raise UnreachableError(f"no mockserver responds at {self.url}: {reason}") from None
        finally:
            connection.close()
        if status >= 400:
            raise self._failure(status, self._parsed(status, received))
        return status, received

    def _parsed(self, status: int, received: bytes) -> Any:
        try:
            return json.loads(received) if received else None
        except ValueError:
            raise self._not_mockserver(status) from None

    def _not_mockserver(self, status: int) -> UnreachableError:
        return UnreachableError(f"the server at {self.url} is not mockserver: it responded with status {status}")
