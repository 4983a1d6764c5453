"""Requests and responses of the two tests. Pure."""

import json
import shlex
from dataclasses import dataclass
from typing import Any

from endurance.model.lives import Window

_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Request:
    """One request; a body is sent as JSON."""

    method: str
    path: str
    token: str | None = None
    body: Any = None

    def __str__(self) -> str:
        text = f"{self.method} {self.path}" + ("" if self.body is None else f" {json.dumps(self.body)}")
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."

    def to_bytes(self) -> bytes:
        body = b"" if self.body is None else json.dumps(self.body).encode()
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        if self.token is not None:
            lines.append(f"Authorization: Bearer {self.token}")
        if self.body is not None:
            lines.append("Content-Type: application/json")
        return "\r\n".join([*lines, "", ""]).encode() + body

    def as_curl(self) -> str:
        """A curl command that sends the same request to the server at ``$url``."""
        words = ["curl", "-s", "-X", self.method]
        words += [] if self.token is None else ["-H", f"Authorization: Bearer {self.token}"]
        words += [] if self.body is None else ["-H", "Content-Type: application/json", "-d", json.dumps(self.body)]
        return f'{shlex.join(words)} "$url"{shlex.quote(self.path)}'


@dataclass(frozen=True, slots=True)
class Response:
    """A response. ``machine`` is the window in which it was made, ``promised`` its Content-Length."""

    status: int
    headers: dict[str, str]
    body: bytes
    promised: int
    machine: Window
    seconds: float

    @property
    def is_truncated(self) -> bool:
        return len(self.body) < self.promised

    def json(self) -> Any:
        """The body; None if it is empty. Raises ValueError if it is not JSON."""
        return json.loads(self.body) if self.body else None


def replay(history: list[tuple[Request, str]], what: str) -> str:
    """A shell script that sends the same requests again, to a server that gets no others."""
    lines = [f"{request.as_curl()}; echo '   # {status}'" for request, status in history]
    return "\n".join(["#!/bin/sh", f"# {what}", "url=${1:-http://127.0.0.1:8080}", *lines, ""])
