"""The servers that are compared, but for those of npm: see ``bench.peers``."""

import json
import sys
from collections.abc import Sequence

from bench.processes import HOST, PORT, Contestant, Workplace

FLOOR = "floor"
OURS = "mockserver"

MOCKSERVER = (sys.executable, "-m", "mockserver")
_UVICORN = (sys.executable, "-m", "uvicorn", "--host", HOST, "--port", PORT)
_BARE = ("--loop", "uvloop", "--http", "httptools", "--lifespan", "off", "--no-access-log", "--log-level", "error")
_AS_OURS = ("--no-proxy-headers", "--no-server-header")
"""What mockserver leaves out, the floor has no use for either."""


def ours(*options: str, name: str = OURS, about: str = "") -> Contestant:
    """mockserver, everything on as by default, with these options."""
    return Contestant(name, about, (*MOCKSERVER, "serve", "--host", HOST, "--port", PORT, *options))


THE_FLOOR = Contestant(
    FLOOR,
    "a raw ASGI application that sends fixed bytes; uvicorn, uvloop, httptools",
    (*_UVICORN, *_BARE, *_AS_OURS, "bench.servers.floor:app"),
)
THE_FLOOR_WITH_QUERY = Contestant(
    "floor with a query",
    "the same with one SQLite query a request",
    (*_UVICORN, *_BARE, *_AS_OURS, "bench.servers.floor_with_query:app"),
)
MOCKSERVER_AS_IT_IS = ours("--scenario", "many", about="everything on, as by default")
MOCKSERVER_WITHOUT_CONTROL = ours(
    "--scenario", "many", "--no-control", name="mockserver --no-control", about="without the control plane"
)
WRITTEN_FIRST = Contestant(
    "FastAPI and SQLModel",
    "the 40 lines that one would write instead",
    (*_UVICORN, "bench.servers.written_first:app"),
)

CONTESTANTS = (THE_FLOOR, THE_FLOOR_WITH_QUERY, MOCKSERVER_AS_IT_IS, MOCKSERVER_WITHOUT_CONTROL, WRITTEN_FIRST)
BESIDE_PEERS = (THE_FLOOR, MOCKSERVER_AS_IT_IS, WRITTEN_FIRST)


def prepare(workplace: Workplace) -> int:
    """Has mockserver make what all others serve: the bytes of one page, and 1,000 restores; the page's size."""
    with workplace.serving(MOCKSERVER_AS_IT_IS) as server:
        page = server.body()
        restores: list[object] = []
        query: str | None = "?per_page=100"
        while query:
            answer = json.loads(server.body(query))
            restores += answer["data"]["restores"]
            cursor = answer["pagination"].get("cursor")
            query = cursor and f"?per_page=100&cursor={cursor}"
    (workplace.folder / "page.json").write_bytes(page)
    (workplace.folder / "restores.json").write_text(json.dumps(restores))
    return len(page)


def rotated(contestants: Sequence[Contestant], by: int) -> list[Contestant]:
    """The same, beginning elsewhere, so that none is always first."""
    at = by % len(contestants)
    return [*contestants[at:], *contestants[:at]]
