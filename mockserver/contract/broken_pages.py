"""Pages as lists of real services break them, for the fault that sends them. Pure.

A page breaks only where that means something: a cursor cannot be repeated on page 1, nor an end be hidden on a page
that has a next one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple

from mockserver.contract.pagination import Cursor, Item, Key, PageRequest, encode_cursor
from mockserver.contract.shapes import Pagination
from mockserver.contract.wire import broken_pagination, pagination


class BrokenPaging(StrEnum):
    """The ways in which a list breaks."""

    REPEAT_CURSOR = "repeat-cursor"
    EMPTY_PAGE = "empty-page"
    CURSOR_AT_END = "cursor-at-end"
    NO_CURSOR = "no-cursor"
    NULL_CURSOR = "null-cursor"
    EMPTY_CURSOR = "empty-cursor"
    IGNORE_CURSOR = "ignore-cursor"
    REPEAT_ROWS = "repeat-rows"


class PageFacts(NamedTuple):
    """A page as it would be sent: its number, how many items it has, and whether another one follows."""

    number: int
    per_page: int
    items: int
    has_next: bool


def has_meaning(what: BrokenPaging, page: PageFacts) -> bool:
    """Whether this page can break in that way."""
    match what:
        case BrokenPaging.REPEAT_CURSOR:
            return page.number > 1 and page.items > 0
        case BrokenPaging.IGNORE_CURSOR:
            return page.number > 1
        case BrokenPaging.REPEAT_ROWS:
            return page.number > 1 and page.items > 0 and page.per_page > 1
        case BrokenPaging.CURSOR_AT_END:
            return not page.has_next and page.items > 0
        case _:
            return page.has_next


def says_next(what: BrokenPaging | None, next_cursor: str | None) -> bool:
    """Whether a page that broke in that way, or not at all, says that it has a next one; with the cursor in it."""
    match what:
        case BrokenPaging.CURSOR_AT_END:
            return False
        case BrokenPaging.NO_CURSOR | BrokenPaging.NULL_CURSOR | BrokenPaging.EMPTY_CURSOR:
            return True
        case _:
            return next_cursor is not None


class Position(NamedTuple):
    """Where to read a list: after the item with that key, without the first ``offset`` items behind it."""

    after: Key | None
    offset: int


@dataclass(frozen=True, slots=True)
class ItemSource(Generic[Item]):
    """A list to read pages from.

    ``read`` takes a position and a limit. ``key_of`` is the key of an item. ``count`` is the number of items after one
    with that key, or of all.
    """

    read: Callable[[Position, int], list[Item]]
    key_of: Callable[[Item], Key]
    count: Callable[[Key | None], int]


def break_page(
    what: BrokenPaging, request: PageRequest, source: ItemSource[Item]
) -> tuple[list[Item], Pagination, str | None]:
    """The items of the broken page, its pagination as it is sent, and the cursor in it that a client can follow."""
    rows, cursor = request.paginate(source.read(Position(request.after, request.offset), request.limit), source.key_of)
    match what:
        case BrokenPaging.REPEAT_CURSOR:
            cursor = request.cursor or _cursor(request, _key_before(request, source, rows), request.number)
        case BrokenPaging.EMPTY_PAGE:
            cursor = _cursor(request, _key_before(request, source, rows), request.number + 1)
            rows = []
        case BrokenPaging.CURSOR_AT_END:
            cursor = _cursor(request, source.key_of(rows[-1]), request.number + 1)
            return rows, broken_pagination(len(rows), cursor, has_next=False), cursor
        case BrokenPaging.IGNORE_CURSOR:
            first = request._replace(number=1, cursor=None, after=None)
            rows, cursor = first.paginate(source.read(Position(None, 0), first.limit), source.key_of)
        case BrokenPaging.REPEAT_ROWS:
            rows, cursor = request.paginate(
                source.read(_half_a_page_before(request, source), request.limit), source.key_of
            )
        case BrokenPaging.NO_CURSOR:
            return rows, broken_pagination(len(rows)), None
        case BrokenPaging.NULL_CURSOR:
            return rows, broken_pagination(len(rows), None), None
        case _:  # an empty cursor
            return rows, broken_pagination(len(rows), ""), None
    return rows, pagination(len(rows), cursor), cursor


def _cursor(request: PageRequest, after: Key, page: int) -> str:
    return encode_cursor(request.list_name, Cursor(after, page))


def _key_before(request: PageRequest, source: ItemSource[Item], rows: list[Item]) -> Key:
    """The key of the item before the page, else one that lies before the first item of the list."""
    if request.after is not None:
        return request.after
    if request.offset:
        return source.key_of(source.read(Position(None, request.offset - 1), 1)[0])
    first, *others = source.key_of(rows[0])
    return (first + 1, *others) if isinstance(first, int) else ("",)


def _half_a_page_before(request: PageRequest, source: ItemSource[Item]) -> Position:
    start = request.offset if request.after is None else source.count(None) - source.count(request.after)
    return Position(None, max(0, start - request.per_page // 2))
