"""Calls of a server's control plane."""

import json
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from mockserver.testing.errors import RefusedError, UnreachableError

TIMEOUT_SECONDS = 60
PAUSE_SECONDS = 0.02

_CONNECTIONS = {"http": HTTPConnection, "https": HTTPSConnection}


class Client:
    """Calls what is under ``/_mock`` of one server; never through a proxy, and each call on a connection of its own."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _CONNECTIONS or not parts.netloc or parts.path.strip("/") or parts.query:
            raise ValueError(f"{url!r} is not the URL of a server: it should be as http://127.0.0.1:8080")
        self.url = f"{parts.scheme}://{parts.netloc}"
        self._connection = _CONNECTIONS[parts.scheme]
        self._netloc = parts.netloc

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the control plane answers; raises RefusedError where it is an error."""
        status, answer = self._exchange(method, f"/_mock{path}", body)
        if status < 400:
            return answer
        try:
            error = answer["error"]
            refused = RefusedError(status, error["message"], error.get("details", {}))
        except (LookupError, TypeError):
            raise self._another(status) from None
        raise refused

    def wait_until_ready(self, seconds: float) -> None:
        """Returns once the server says that it is ready; raises UnreachableError after so many seconds of asking."""
        for _ in range(round(seconds / PAUSE_SECONDS)):
            try:
                self.ask("GET", "/ready")
            except RefusedError as failure:
                if failure.status != 503:
                    raise UnreachableError(
                        f"the server at {self.url} has no control plane: was it started with --no-control?"
                    ) from None
            except UnreachableError:
                pass  # it may still be about to listen
            else:
                return
            time.sleep(PAUSE_SECONDS)
        self.ask("GET", "/ready")

    def _exchange(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        sent = None if body is None else json.dumps(body)
        connection = self._connection(self._netloc, timeout=TIMEOUT_SECONDS)
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
            raise self._another(answer.status) from None

    def _another(self, status: int) -> UnreachableError:
        return UnreachableError(f"what answers at {self.url} is not mockserver: its status is {status}")
