"""Calls of a server's control plane."""

import json
import re
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any

__tracebackhide__ = True  # a failure is shown where the test asked for it

TIMEOUT_SECONDS = 60
PAUSE_SECONDS = 0.02

_CONNECTIONS = {"http": HTTPConnection, "https": HTTPSConnection}
_LABEL = r"[a-z0-9_-]{1,63}"
_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<netloc>({_LABEL}(\.{_LABEL})*\.?|\[[0-9a-f:.]+\])(:(?P<port>\d{{1,5}}))?)/*",
    re.ASCII | re.IGNORECASE,
)
_HIGHEST_PORT = 65535


class MockserverError(Exception):
    """Something is wrong between a test and its server."""


class StartError(MockserverError):
    """A server did not get ready; ``output`` is all that it has written."""

    def __init__(self, reason: str, output: str) -> None:
        super().__init__(f"{reason}\n{output}".strip())
        self.output = output


class UnreachableError(MockserverError):
    """There is no server, or another one, where a server should answer."""


class ControlPlaneError(MockserverError):
    """The control plane refused: ``status`` is HTTP's, ``details`` names what is at fault where it can be named."""

    def __init__(self, status: int, message: str, details: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details


class Client:
    """Calls what is under ``/_mock`` of one server; never through a proxy, and each call on a connection of its own."""

    def __init__(self, url: str) -> None:
        parts = _URL.fullmatch(str(url))
        if parts is None or int(parts["port"] or 0) > _HIGHEST_PORT:
            raise ValueError(f"{url!r} is not the URL of a server: it should be as http://127.0.0.1:8080")
        scheme = parts["scheme"].lower()
        self._netloc = parts["netloc"]
        self.url = f"{scheme}://{self._netloc}"
        self._connection = _CONNECTIONS[scheme]

    def ask(self, method: str, path: str, body: Any = None, seconds: float = TIMEOUT_SECONDS) -> Any:
        """What the control plane answers, within so many seconds; raises RefusedError where it is an error."""
        status, answer = self._exchange(method, f"/_mock{path}", body, seconds)
        if status < 400:
            return answer
        try:
            error = answer["error"]
            refused = ControlPlaneError(status, error["message"], error.get("details", {}))
        except (LookupError, TypeError):
            raise self._stranger(status) from None
        raise refused

    def wait_until_ready(self, seconds: float) -> None:
        """Returns once the server says that it is ready; raises UnreachableError after so many seconds of asking."""
        deadline = time.monotonic() + seconds
        while True:
            problem = self.why_not_ready(max(PAUSE_SECONDS, deadline - time.monotonic()))
            if problem is None:
                return
            if time.monotonic() >= deadline:
                raise problem
            time.sleep(PAUSE_SECONDS)

    def why_not_ready(self, seconds: float) -> UnreachableError | None:
        """What keeps the server from being ready, asked once, within so many seconds; None where it is.

        Raises UnreachableError where it is not going to be.
        """
        try:
            self.ask("GET", "/ready", seconds=min(TIMEOUT_SECONDS, seconds))
        except ControlPlaneError as failure:
            if failure.status != 503:
                reported = f"the server at {self.url} has no control plane: was it started with --no-control?"
                raise UnreachableError(reported) from None
            return UnreachableError(f"the server at {self.url} did not get ready: {failure}")
        except UnreachableError as failure:
            return failure  # it may still be about to listen
        return None

    def _exchange(self, method: str, path: str, body: Any, seconds: float) -> tuple[int, Any]:
        sent = None if body is None else json.dumps(body)
        connection = self._connection(self._netloc, timeout=seconds)
        try:
            connection.request(method, path, sent)
            answer = connection.getresponse()
            received = answer.read()
        except (OSError, HTTPException) as failure:
            reason = getattr(failure, "strerror", None) or failure
            raise UnreachableError(f"no mockserver answers at {self.url}: {reason}") from None
        finally:
            connection.close()
        try:
            return answer.status, json.loads(received) if received else None
        except ValueError:
            raise self._stranger(answer.status) from None

    def _stranger(self, status: int) -> UnreachableError:
        return UnreachableError(f"what answers at {self.url} is not mockserver: its status is {status}")
