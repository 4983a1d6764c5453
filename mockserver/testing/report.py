"""What a failing assertion prints of walks: each page that was asked for, what came back, and what was missed."""

import re
from collections.abc import Iterable, Sequence

from mockserver.testing.readings import Request, Walk

_HEAD = ("page", "asked with", "came back")

_MOST_ROWS = 40
"""How many calls are shown: half of them from the beginning, half from the end."""


def report(restores_url: str, verdict: str, walks: Sequence[Walk], requests: Sequence[Request]) -> str:
    """Why the walks are not as they should be: every one ``verdict``."""
    if not walks:
        return _no_walk(restores_url, verdict, requests)
    return "\n\n".join(
        _judged(walk, verdict, [call for call in requests if call.walk == number])
        for number, walk in enumerate(walks, start=1)
        if walk.verdict != verdict
    )


def _no_walk(restores_url: str, verdict: str, requests: Sequence[Request]) -> str:
    told = f'expected a walk that is "{verdict}", and there was none: no page of {restores_url} was answered'
    if not requests:
        return f"{told}, and no call of the project came; does the client have its base URL, ids and token?"
    calls = [(f"{call.method} {call.path}", call.query or "-", _came_back(call)) for call in requests]
    return f"{told}\n\n{_table(('call', *_HEAD[1:]), calls)}"


def _judged(walk: Walk, verdict: str, calls: Iterable[Request]) -> str:
    rows = [(str(call.page), _asked_with(call), _came_back(call)) for call in calls]
    rows += [(str(page), "", "never asked for") for page in _never_asked(calls)]
    told = f'expected a walk that is "{verdict}", and it is "{walk.verdict}": {walk.explanation}'
    missed = walk.restores_total - walk.restores_seen
    last = f"\n\nmissed: {missed} of {walk.restores_total} restores" if missed else ""
    return f"{told}\n\n{_table(_HEAD, rows)}{last}"


def _asked_with(call: Request) -> str:
    return re.sub(r"\bcursor=[^&]+", "cursor=...", call.query) or "-"


def _came_back(call: Request) -> str:
    parts = [str(call.status or "no answer")]
    if call.restores is not None:
        parts += [f"{call.restores} restores", "a next page" if call.has_next_page else "the last page"]
    return ", ".join([*parts, *(f"fault {fault.kind}" for fault in call.faults)])


def _never_asked(calls: Iterable[Request]) -> list[int]:
    """The pages that are known to be there, by what was answered, and were not asked for."""
    asked = {call.page for call in calls}
    known = max((call.page + bool(call.has_next_page) for call in calls if call.page and call.restores), default=0)
    return [page for page in range(1, known + 1) if page not in asked]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, *_shortened(list(rows))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(f"  {line.rstrip()}" for line in padded)


def _shortened(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    if len(rows) <= _MOST_ROWS:
        return rows
    half = _MOST_ROWS // 2
    return [*rows[:half], ("...", f"and {len(rows) - _MOST_ROWS} more", ""), *rows[-half:]]
