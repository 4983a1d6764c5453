"""What a failing assertion prints of walks: each page that was asked for, what came back, and what was missed."""

import re
from collections.abc import Iterable, Sequence

from mockserver.testing.models import Request, Walk

_HEAD = ("page", "asked with", "came back")

_MOST_ROWS = 40
"""How many calls are shown of a walk: half of them from the beginning, half from the end."""

_MOST_WALKS = 5
_WIDEST = 100
"""Characters of a cell: one query must not make all rows as long as itself."""


def report(restores_url: str, verdict: str, walks: Sequence[Walk], requests: Sequence[Request]) -> str:
    """Why the walks are not as they should be: every one ``verdict``."""
    if not walks:
        return _no_walk(restores_url, verdict, requests)
    wrong = [(number, walk) for number, walk in enumerate(walks, start=1) if walk.verdict != verdict]
    reported = [
        _judged(walk, verdict, [call for call in requests if call.walk == number])
        for number, walk in wrong[:_MOST_WALKS]
    ]
    more = len(wrong) - len(reported)
    return "\n\n".join([*reported, *([f'and {_counted(more, "more walk")}: not "{verdict}" either'] if more else [])])


def unknown(verdict: str, dropped: int) -> str:
    """Why nothing can be told of walks: the journal dropped so many calls."""
    return (
        f'expected a walk that is "{verdict}", and the journal dropped {_counted(dropped, "call")}, '
        "so the walk's beginning is unknown: use larger pages or reset()"
    )


def _no_walk(restores_url: str, verdict: str, requests: Sequence[Request]) -> str:
    reported = f'expected a walk that is "{verdict}", and there was none: no page of {restores_url} was answered'
    if not requests:
        asked = "does the client have its base URL, ids and token, and use no proxy?"
        return f"{reported}, and no call of the project came; {asked}"
    calls = [(f"{call.method} {call.path}", _asked_with(call), _came_back(call)) for call in requests]
    return f"{reported}\n\n{_table(('call', *_HEAD[1:]), calls)}"


def _judged(walk: Walk, verdict: str, calls: Iterable[Request]) -> str:
    rows = [(str(call.page), _asked_with(call), _came_back(call)) for call in calls]
    rows += [(str(page), "", "never asked for") for page in _never_asked(calls)]
    reported = f'expected a walk that is "{verdict}", and it is "{walk.verdict}": {walk.explanation}'
    missed = walk.restores_total - walk.restores_seen
    last = f"\n\nmissed: {missed} of {_counted(walk.restores_total, 'restore')}" if missed else ""
    return f"{reported}\n\n{_table(_HEAD, rows)}{last}"


def _asked_with(call: Request) -> str:
    return re.sub(r"\bcursor=[^&]+", "cursor=...", call.query) or "-"


def _came_back(call: Request) -> str:
    parts = [str(call.status or "no answer")]
    if call.restores is not None:
        parts += [_counted(call.restores, "restore"), "a next page" if call.has_next_page else "the last page"]
    return ", ".join([*parts, *(f"fault {fault.kind}" for fault in call.faults)])


def _never_asked(calls: Iterable[Request]) -> list[int]:
    """The pages from the walk's first on that are there, by what was answered, and were not asked for."""
    asked = {call.page for call in calls if call.page}
    known = max((call.page + bool(call.has_next_page) for call in calls if call.page and call.restores), default=0)
    return [page for page in range(min(asked, default=1), known + 1) if page not in asked]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, *([_clipped(cell) for cell in row] for row in _shortened(list(rows)))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(f"  {line.rstrip()}" for line in padded)


def _clipped(cell: str) -> str:
    return cell if len(cell) <= _WIDEST else f"{cell[:_WIDEST]}…"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _shortened(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    if len(rows) <= _MOST_ROWS:
        return rows
    half = _MOST_ROWS // 2
    return [*rows[:half], ("...", f"and {len(rows) - _MOST_ROWS} more", ""), *rows[-half:]]
