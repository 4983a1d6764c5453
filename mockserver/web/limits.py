"""How much the server takes of what clients send, and the table of every limit in docs/settings.md."""

from collections.abc import Collection
from typing import NamedTuple

from mockserver.errors import ApiError
from mockserver.log_writer import CAPACITY as LOG_QUEUE_BYTES
from mockserver.rate_limit import MAX_WINDOWS, MAX_WINDOWS_OF_PROJECT
from mockserver.sandbox.journal import CAPACITY as JOURNAL_CAPACITY
from mockserver.sandbox.pages import CAPACITY as PAGES_BYTES
from mockserver.sandbox.pages import RESTORES_REMEMBERED
from mockserver.sandbox.records import TARGET_MAX
from mockserver.sandbox.sandboxes import MAX_RESTORES
from mockserver.settings import default_text, option_name
from mockserver.web.auth import MAX_TOKEN_BYTES
from mockserver.web.heads import CAPACITY as HEADS
from mockserver.web.heads import HEAD_MAX
from mockserver.web.origin import is_control_path

KB = 1024
MB = 1024 * KB

MAX_REQUEST_LINE_BYTES = 64 * KB
MAX_HEADER_BYTES = 64 * KB
"""Of one header as ``name: value``."""

MAX_HEADERS_BYTES = 128 * KB
"""Of all that is between the request line and the body."""

MAX_HEADERS = 100
MAX_API_BODY_BYTES = 64 * KB
MAX_CONTROL_BODY_BYTES = 2 * MB
MAX_FIELDS = 100
MAX_VALUES = 150_000
"""More than 10,000 restores with all their fields have; as empty lists, these many take 10 MB."""

MAX_UNFINISHED_BYTES = 16 * MB
MAX_DROPPED_BYTES = 1 * MB
MAX_DROPPING_SECONDS = 1.0


class Limit(NamedTuple):
    """One row of the table: what is limited, how much of it there may be, and what happens beyond."""

    what: str
    maximum: str
    beyond: str


def size(count: int) -> str:
    """A number of bytes for people: ``64 KB``, ``2 MB``."""
    return f"{count // MB} MB" if count % MB == 0 else f"{count // KB} KB"


LIMITS = (
    Limit("request line", size(MAX_REQUEST_LINE_BYTES), "414"),
    Limit("one header", size(MAX_HEADER_BYTES), "431"),
    Limit(
        "all headers of a request, its trailers included", f"{size(MAX_HEADERS_BYTES)}, {MAX_HEADERS} headers", "431"
    ),
    Limit("body of a request to the API", size(MAX_API_BODY_BYTES), "413"),
    Limit("body of a request to the control plane", size(MAX_CONTROL_BODY_BYTES), "413"),
    Limit("fields of one object in a JSON body", f"{MAX_FIELDS}", "400"),
    Limit("values in a JSON body", f"{MAX_VALUES:,}", "400"),
    Limit("bearer token", size(MAX_TOKEN_BYTES), "401"),
    Limit(
        "unfinished requests of all connections",
        size(MAX_UNFINISHED_BYTES),
        "503 to the connection that holds most, which is closed",
    ),
    Limit(
        "what is read after one of these responses",
        f"{size(MAX_DROPPED_BYTES)}, {MAX_DROPPING_SECONDS:g} s",
        "the connection is closed",
    ),
    Limit("restores of a project that a running server creates", f"{MAX_RESTORES:,}", "400 or 409"),
    Limit("requests in the journal of a project", f"{JOURNAL_CAPACITY:,}", "the oldest are dropped"),
    Limit(
        f"journals of all projects (`{option_name('journal_mb')}`)",
        f"{default_text('journal_mb')} MB",
        "the journals of the projects that are idle longest are dropped",
    ),
    Limit("path and query of a request in journal and log", f"{TARGET_MAX:,} characters", "they are cut"),
    Limit("rendered pages that are remembered", f"{PAGES_BYTES // 1_000_000} MB", "pages are rendered again"),
    Limit(
        "restores that have ended and are remembered", f"{RESTORES_REMEMBERED:,}, some 6 MB", "they are rendered again"
    ),
    Limit("heads of requests that are remembered", f"{HEADS}, of {size(HEAD_MAX)} each", "heads are parsed again"),
    Limit("tokens whose requests are counted", f"{MAX_WINDOWS:,}", "the one that started first is counted from zero"),
    Limit("the same for a project with a rate limit of its own", f"{MAX_WINDOWS_OF_PROJECT:,}", "the same"),
    Limit("log lines that wait to be written", f"{LOG_QUEUE_BYTES // 1_000_000} MB", "lines are dropped and counted"),
)
"""Every limit, in the order of the table."""


def check_head(head_bytes: int, method: bytes, url: bytes, headers: Collection[tuple[bytes, bytes]]) -> None:
    """Raises ApiError 414 or 431 if what has arrived of a request's head is too much: ``head_bytes`` in all."""
    if len(headers) > MAX_HEADERS:
        raise ApiError(431, f"more than {MAX_HEADERS} headers")
    if head_bytes <= min(MAX_REQUEST_LINE_BYTES, MAX_HEADER_BYTES):
        return  # nothing in it can be too long
    request_line = len(method) + len(url) + len("  HTTP/1.1")
    if request_line > MAX_REQUEST_LINE_BYTES:
        raise ApiError(414, f"the request line is longer than {size(MAX_REQUEST_LINE_BYTES)}")
    if any(len(name) + len(value) + len(": ") > MAX_HEADER_BYTES for name, value in headers):
        raise ApiError(431, f"a header is longer than {size(MAX_HEADER_BYTES)}")
    if head_bytes - request_line - len("\r\n") > MAX_HEADERS_BYTES:
        raise ApiError(431, f"the headers are longer than {size(MAX_HEADERS_BYTES)} together")


def body_limit(path: str) -> int:
    """How many bytes the body of a request to ``path`` may have."""
    return MAX_CONTROL_BODY_BYTES if is_control_path(path) else MAX_API_BODY_BYTES
