"""The servers that are compared under one page, except those from npm: see ``bench.peers``."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from bench.checkouts import THIS
from bench.client import HOST, Client
from bench.processes import PORT, Contestant, Workplace

FLOOR = "floor"
FLOOR_WITH_QUERY = "floor with a query"

_Any = TypeVar("_Any")
_UVICORN = (sys.executable, "-m", "uvicorn", "--host", HOST, "--port", PORT)
_BARE = ("--loop", "uvloop", "--http", "httptools", "--lifespan", "off", "--no-access-log", "--log-level", "error")
_AS_OURS = ("--no-proxy-headers", "--no-server-header")
"""mockserver turns these off too."""

THE_FLOOR = Contestant(
    FLOOR,
    "a raw ASGI application that sends fixed bytes; uvicorn, uvloop, httptools",
    (*_UVICORN, *_BARE, *_AS_OURS, "bench.servers.floor:app"),
)
THE_FLOOR_WITH_QUERY = Contestant(
    FLOOR_WITH_QUERY,
    "the same with one SQLite query per request",
    (*_UVICORN, *_BARE, *_AS_OURS, "bench.servers.floor_with_query:app"),
)
MANY = ("--scenario", "many")
PAGE = "/_mock/#/p/default-project"
MOCKSERVER_AS_IT_IS = THIS.server(*MANY, about="everything on, as by default")
MOCKSERVER_WITHOUT_CONTROL = THIS.server(
    *MANY, "--no-control", name="mockserver --no-control", about="without the control plane"
)
MOCKSERVER_WITH_PAGE = replace(
    MOCKSERVER_AS_IT_IS, name="mockserver, watched", about="with its live page open in Chromium", opens=PAGE
)
WRITTEN_FIRST = Contestant(
    "FastAPI and SQLModel",
    "the 40 lines that one would write instead",
    (*_UVICORN, "bench.servers.written_first:app"),
)

CONTESTANTS = (
    THE_FLOOR,
    THE_FLOOR_WITH_QUERY,
    MOCKSERVER_AS_IT_IS,
    MOCKSERVER_WITH_PAGE,
    MOCKSERVER_WITHOUT_CONTROL,
    WRITTEN_FIRST,
)
BESIDE_PEERS = (THE_FLOOR, MOCKSERVER_AS_IT_IS, WRITTEN_FIRST)


def prepare(workplace: Workplace) -> int:
    """Writes the data for the other servers, from mockserver's responses: the bytes of one page, and 1,000 restores.

    Returns the page's size in bytes.
    """
    with workplace.serving(MOCKSERVER_AS_IT_IS) as server, Client(server.port) as client:
        page = client.get(server.path)
        restores: list[object] = []
        query: str | None = "?per_page=100"
        while query:
            response = client.get_json(server.path + query)
            restores += response["data"]["restores"]
            cursor = response["pagination"].get("cursor")
            query = cursor and f"?per_page=100&cursor={cursor}"
    (workplace.folder / "page.json").write_bytes(page)
    (workplace.folder / "restores.json").write_text(json.dumps(restores))
    return len(page)


def rotated(contestants: Sequence[_Any], by: int) -> list[_Any]:
    """The same in rotated order, so that none is always first."""
    at = by % len(contestants)
    return [*contestants[at:], *contestants[:at]]
