"""What to say of a walk through a list that a fault broke: what the list did, and what a client does best. Pure."""

from mockserver.contract.broken_pages import BrokenPaging
from mockserver.walks.walks import ListRequest, Walk

_WITHOUT_CURSOR = (BrokenPaging.NO_CURSOR, BrokenPaging.NULL_CURSOR, BrokenPaging.EMPTY_CURSOR)


def looped(walk: Walk) -> str | None:
    """The explanation if the walk looped because the list did."""
    broken = _first(walk, BrokenPaging.REPEAT_CURSOR, BrokenPaging.IGNORE_CURSOR)
    if broken is None:
        return None
    repeats = broken.broken is BrokenPaging.REPEAT_CURSOR
    did = "repeated its cursor" if repeats else "sent its first page and cursor again"
    requests = len(walk.repeated_pages)
    times = "again" if requests == 1 else f"{requests} times"
    return f"the list {did}; the client followed it {times}: stop when a cursor repeats"


def overran(walk: Walk) -> str | None:
    """The explanation if the list gave a cursor at its end."""
    if _first(walk, BrokenPaging.CURSOR_AT_END) is None:
        return None
    return f"followed the cursor that the list gave with page {walk.end}, whose hasNextPage was false: stop there"


def stopped(walk: Walk) -> str | None:
    """The rest of the explanation if the last response before the walk stopped was broken."""
    last = walk.responses[-1].broken
    if last is BrokenPaging.EMPTY_PAGE:
        return "that page was empty, which is not the end: go on until hasNextPage is false"
    if last in _WITHOUT_CURSOR:
        return "the list gave no cursor to the next one: report an error, as the rest cannot be had"
    if last in {BrokenPaging.REPEAT_CURSOR, BrokenPaging.IGNORE_CURSOR}:
        return "the list repeated a cursor, so that to stop was right: report an error"
    return None


def repeated(walk: Walk) -> str | None:
    """The rest of the explanation if restores came twice because the list repeated them."""
    if _first(walk, BrokenPaging.REPEAT_ROWS) is None:
        return None
    return "because the list repeated them: keep only one restore of each id"


def _first(walk: Walk, *kinds: BrokenPaging) -> ListRequest | None:
    return next((response for response in walk.responses if response.broken in kinds), None)
