"""Failure messages about walks: the verdict, a table of the walk's requests, and the restores never seen."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from mockserver.testing.models import Request, Walk

_HEAD = ("page", "requested with", "response", "request id")

_MAX_ROWS = 40
"""Rows of one table. A longer table has its first and last rows only."""

_MAX_WALKS = 5
_MAX_WIDTH = 100
"""Characters in a cell, so that one long query does not widen every row."""


def report(
    restores_url: str, verdict: str, walks: Mapping[int, Walk], requests: Sequence[Request], live_page: str
) -> str:
    """Describes each walk whose verdict is not ``verdict``, or says that there is no walk. Walks are by number."""
    expected = f'expected walk verdict "{verdict}"'
    if not walks:
        return _no_walk(expected, restores_url, requests)
    wrong = {number: walk for number, walk in walks.items() if walk.verdict != verdict}
    return describe_walks(expected, wrong, requests, live_page)


def report_list(
    restores_url: str, verdicts: Sequence[str], walks: Mapping[int, Walk], requests: Sequence[Request], live_page: str
) -> str:
    """Describes the walks that do not have the verdicts of a list, in its order."""
    expected = f"expected walk verdicts {_quoted(verdicts)}"
    if not walks:
        return _no_walk(expected, restores_url, requests)
    pairs = zip_longest(verdicts, walks.items())
    wrong = {pair[0]: pair[1] for verdict, pair in pairs if pair and pair[1].verdict != verdict}
    message = f"{expected}, got {_quoted([walk.verdict for walk in walks.values()])}"
    return f"{message}\n\n{describe_walks('', wrong, requests, live_page)}" if wrong else message


def describe_walks(expected: str, walks: Mapping[int, Walk], requests: Sequence[Request], live_page: str) -> str:
    """Describes walks, each with a table of its requests; those with the same explanation only once.

    ``live_page`` is the URL of the project there.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for number, walk in walks.items():
        groups.setdefault((walk.verdict, walk.explanation), []).append(number)
    groups_listed = list(groups.values())[:_MAX_WALKS]
    parts = [
        _description(expected, walks[first], 1 + len(others), [each for each in requests if each.walk == first])
        + f"\n\nlive page: {live_page}/walks/{first}"
        for first, *others in groups_listed
    ]
    if more := len(walks) - sum(map(len, groups_listed)):
        parts.append(f"and {counted(more, 'more walk')}")
    return "\n\n".join(parts)


def counted(number: int, noun: str) -> str:
    """A number with its noun, such as "1 request"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def requests_table(requests: Sequence[Request]) -> str:
    """A table of requests, with the times by the project's clock; what all of them requested is above it."""
    if not requests:
        return "none"
    targets = [f"{request.method} {request.path}" for request in requests]
    rows = [(_time(request), *_cells(request)) for request in requests]
    head = ("project time", *_HEAD[1:])
    if len(set(targets)) == 1:
        return f"{targets[0]}\n{_table(head, rows)}"
    return _table(("request", *head), [(target, *row) for target, row in zip(targets, rows, strict=True)])


def _no_walk(expected: str, restores_url: str, requests: Sequence[Request]) -> str:
    message = f"{expected}, got no walk: no page of {restores_url} was returned"
    if not requests:
        return (
            f"{message}, and the project received no request: "
            "check the client's base URL, ids and token, and that it uses no proxy"
        )
    return f"{message}\n\n{requests_table(requests)}"


def _description(expected: str, walk: Walk, count: int, requests: Sequence[Request]) -> str:
    rows = [(str(request.page), *_cells(request)) for request in requests]
    rows += [(str(page), "", "not requested", "") for page in _pages_not_requested(requests)]
    times = f" ({count} walks)" if count > 1 else ""
    got = f'got "{walk.verdict}"{times}: {walk.explanation}'
    unseen = walk.restores_total - walk.restores_seen
    last = f"\n\nnever seen: {unseen} of {counted(walk.restores_total, 'restore')}" if unseen else ""
    return f"{expected}, {got}".removeprefix(", ") + f"\n\n{_table(_HEAD, rows)}{last}"


def _time(request: Request) -> str:
    return request.project_time.isoformat(sep=" ", timespec="milliseconds").partition(" ")[2].removesuffix("+00:00")


def _cells(request: Request) -> tuple[str, str, str]:
    return _query(request), _response(request), request.request_id


def _quoted(verdicts: Sequence[str]) -> str:
    return ", ".join(f'"{verdict}"' for verdict in verdicts) or "none"


def _query(request: Request) -> str:
    return re.sub(r"\bcursor=[^&]+", "cursor=...", request.query) or "-"


def _response(request: Request) -> str:
    parts = [str(request.status or "no response")]
    if request.restores is not None:
        parts += [counted(request.restores, "restore"), "has a next page" if request.has_next_page else "last page"]
    parts += [f"fault {fault.kind}" for fault in request.faults]
    if request.error_message and not request.faults:
        parts.append(request.error_message)
    if request.retry_after:
        parts.append(f"Retry-After: {request.retry_after}")
    if request.early_ms:
        parts.append(f"retried {request.early_ms / 1000:g} s too early")
    return ", ".join(parts)


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


def _shortened(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    if len(rows) <= _MAX_ROWS:
        return rows
    half = _MAX_ROWS // 2
    return [*rows[:half], ("...", f"{len(rows) - _MAX_ROWS} more", *[""] * (len(rows[0]) - 2)), *rows[-half:]]
