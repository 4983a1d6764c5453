"""Failure messages of ``assert_walk``: the verdict, a table of the walk's requests, and the restores never seen."""

import re
from collections.abc import Iterable, Sequence

from mockserver.testing.models import Request, Walk

_HEAD = ("page", "requested with", "response", "request id")

_MAX_ROWS = 40
"""Rows of one table. A longer table has its first and last rows only."""

_MAX_WALKS = 5
_MAX_WIDTH = 100
"""Characters in a cell, so that one long query does not widen every row."""


def report(restores_url: str, verdict: str, walks: Sequence[Walk], requests: Sequence[Request]) -> str:
    """Describes each walk whose verdict is not ``verdict``, or says that there is no walk."""
    if not walks:
        return _no_walk(restores_url, verdict, requests)
    wrong = [(number, walk) for number, walk in enumerate(walks, start=1) if walk.verdict != verdict]
    parts = [
        _wrong_verdict(walk, verdict, [request for request in requests if request.walk == number])
        for number, walk in wrong[:_MAX_WALKS]
    ]
    if more := len(wrong) - len(parts):
        parts.append(f'and {_counted(more, "more walk")} with another verdict than "{verdict}"')
    return "\n\n".join(parts)


def report_dropped(verdict: str, dropped: int) -> str:
    """Says that the walks cannot be judged, because the journal dropped requests."""
    return (
        f'expected walk verdict "{verdict}", but the journal dropped {_counted(dropped, "request")}, '
        "so the start of the walk is unknown: use larger pages or reset()"
    )


def _no_walk(restores_url: str, verdict: str, requests: Sequence[Request]) -> str:
    message = f'expected walk verdict "{verdict}", got no walk: no page of {restores_url} was returned'
    if not requests:
        return (
            f"{message}, and the project received no request: "
            "check the client's base URL, ids and token, and that it uses no proxy"
        )
    rows = [
        (f"{request.method} {request.path}", _query(request), _response(request), request.request_id)
        for request in requests
    ]
    return f"{message}\n\n{_table(('request', *_HEAD[1:]), rows)}"


def _wrong_verdict(walk: Walk, verdict: str, requests: Sequence[Request]) -> str:
    rows = [(str(request.page), _query(request), _response(request), request.request_id) for request in requests]
    rows += [(str(page), "", "not requested", "") for page in _pages_not_requested(requests)]
    message = f'expected walk verdict "{verdict}", got "{walk.verdict}": {walk.explanation}'
    unseen = walk.restores_total - walk.restores_seen
    last = f"\n\nnever seen: {unseen} of {_counted(walk.restores_total, 'restore')}" if unseen else ""
    return f"{message}\n\n{_table(_HEAD, rows)}{last}"


def _query(request: Request) -> str:
    return re.sub(r"\bcursor=[^&]+", "cursor=...", request.query) or "-"


def _response(request: Request) -> str:
    parts = [str(request.status or "no response")]
    if request.restores is not None:
        parts += [_counted(request.restores, "restore"), "has a next page" if request.has_next_page else "last page"]
    return ", ".join([*parts, *(f"fault {fault.kind}" for fault in request.faults)])


def _pages_not_requested(requests: Iterable[Request]) -> list[int]:
    """The pages that exist, as far as the responses show, and were not requested; none before the walk's first."""
    requested = {request.page for request in requests if request.page}
    known = max(
        (request.page + bool(request.has_next_page) for request in requests if request.page and request.restores),
        default=0,
    )
    return [page for page in range(min(requested, default=1), known + 1) if page not in requested]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, *([_clipped(cell) for cell in row] for row in _shortened(list(rows)))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(f"  {line.rstrip()}" for line in padded)


def _clipped(cell: str) -> str:
    return cell if len(cell) <= _MAX_WIDTH else f"{cell[:_MAX_WIDTH]}…"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _shortened(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    if len(rows) <= _MAX_ROWS:
        return rows
    half = _MAX_ROWS // 2
    return [*rows[:half], ("...", f"{len(rows) - _MAX_ROWS} more", "", ""), *rows[-half:]]
