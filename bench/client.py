"""A client of one server: it prepares what is measured, and fills the journals."""

import json
from http.client import HTTPConnection, HTTPException
from types import TracebackType
from typing import Any, Self

from bench.errors import UnusableError

HOST = "127.0.0.1"
TOKEN = "bench"  # noqa: S105 - any token is accepted
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
PATIENCE_SECONDS = 60


class Client:
    """Sends requests over one connection; raises UnusableError unless the server responds with success."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection(HOST, port, timeout=PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._connection.close()

    def get(self, target: str, token: str = TOKEN) -> bytes:
        """The body of the response."""
        return self._send("GET", target, token, None)

    def get_json(self, target: str, token: str = TOKEN) -> Any:
        return json.loads(self.get(target, token))

    def post_json(self, target: str, body: object) -> Any:
        return json.loads(self._send("POST", target, TOKEN, json.dumps(body)))

    def _send(self, method: str, target: str, token: str, body: str | None) -> bytes:
        try:
            self._connection.request(method, target, body, {"Authorization": f"Bearer {token}"})
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, HTTPException) as failure:
            raise UnusableError(f"it does not respond: {failure}.") from None
        if not 200 <= response.status < 300:
            raise UnusableError(f"it responds with {response.status} to {method} {target}.")
        return content
