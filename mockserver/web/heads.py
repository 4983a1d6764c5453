"""What the head of a request says, and the heads that are remembered: clients send the same ones again and again, and
parsing one takes a third of the time of a response.
"""

import re
from typing import Any, NamedTuple
from urllib.parse import unquote

from starlette.types import Scope

from mockserver.errors import ApiError
from mockserver.sandbox.records import SentHeaders, sent_headers
from mockserver.web.auth import bearer_token

API_PATH = "/v1"

HEAD = "mockserver.head"
"""The key of a ``Head`` in the ASGI scope, if the protocol knows it already. A middleware that changes path, query or
headers in front of the gate has to remove it.
"""

CAPACITY = 256
"""How many heads are remembered; the oldest is forgotten first."""

HEAD_MAX = 1024
"""How many bytes a head may have to be remembered."""

_BELOW_API_PATH = f"{API_PATH}/"
_PROJECTS = "/v1/projects/"
_ENCODED_SLASH = re.compile("%(2f)", re.IGNORECASE)
_OF_HEAD = (
    *("type", "asgi", "http_version", "scheme", "root_path"),
    *("method", "path", "raw_path", "query_string", "headers", HEAD),
)
"""What is the same in the ASGI scopes of all requests with the same head."""


class Head(NamedTuple):
    """What the head of a request says: all that the gate needs of it.

    ``raw_path`` and ``query`` are percent-encoded, as received. ``path`` is decoded, except for slashes. ``project_id``
    is the one in the path of the API, whether or not there is such a project. ``token`` is None without a valid one.
    """

    raw_path: str
    path: str
    query: str
    is_api: bool
    project_id: str | None
    token: str | None
    sent: SentHeaders


def head_of(scope: Scope) -> Head:
    """What the head of a request says."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    raw_path = raw.partition(b"?")[0].decode("latin-1")
    path: str = _decoded(raw_path) if "%2" in raw_path and "raw_path" in scope else scope["path"]
    headers = scope["headers"]
    try:
        token = bearer_token(headers)
    except ApiError:
        token = None
    query = scope["query_string"].decode("latin-1")
    return Head(raw_path, path, query, is_api_path(path), project_in(path), token, sent_headers(headers))


def is_api_path(path: str) -> bool:
    """Whether a path belongs to the emulated API."""
    return path.startswith(_BELOW_API_PATH) or path == API_PATH


def project_in(path: str) -> str | None:
    """The project id in an API path, whether or not the project exists; None if there is none."""
    if path.startswith(_PROJECTS):  # as nearly all do
        return path[len(_PROJECTS) :].partition("/")[0]
    parts = path.split("/", 6)
    at = 4 if parts[2:3] == ["teams"] else 2
    return parts[at + 1] if parts[at : at + 1] == ["projects"] and len(parts) > at + 1 else None


def _decoded(path: str) -> str:
    """A path without percent-encoding, except for slashes: ``%2F`` is part of an id and does not separate ids."""
    return unquote(_ENCODED_SLASH.sub(r"%25\1", path))


class RememberedHeads:
    """The ASGI scopes that heads lead to, by the bytes of the heads."""

    def __init__(self) -> None:
        self._scopes: dict[bytes, dict[str, Any]] = {}

    def scope_of(self, head: bytes) -> dict[str, Any] | None:
        """What a scope has from this head, with a list of headers of its own; None if the head is not remembered."""
        scope = self._scopes.get(head)
        return None if scope is None else {**scope, "headers": scope["headers"].copy()}

    def remember(self, head: bytes, scope: Any) -> None:
        """Remembers what the parser and ``head_of`` made of a head."""
        if len(head) > HEAD_MAX:
            return
        if len(self._scopes) == CAPACITY:
            del self._scopes[next(iter(self._scopes))]
        self._scopes[head] = {name: scope[name] for name in _OF_HEAD}
