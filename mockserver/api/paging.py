"""What all lists share: which part is asked for, and what is said of the part that is answered."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from fastapi import Request

from mockserver import wire
from mockserver.api.scope import call_of
from mockserver.journal import Page
from mockserver.pagination import Cursor, Key, ListName, decode_cursor, encode_cursor

Item = TypeVar("Item")


class Asked(NamedTuple):
    """One page of one list. ``after`` is the key of the last item sent before it, where a cursor told."""

    list_name: ListName
    per_page: int
    number: int
    after: Key | None

    @property
    def skipped(self) -> int:
        """How many items the pages before this one hold; none where it follows a key."""
        return 0 if self.after is not None else (self.number - 1) * self.per_page

    @property
    def most(self) -> int:
        """How many items to read: one more than the page holds tells whether another page follows."""
        return self.per_page + 1

    def answered(self, found: Sequence[Item], key_of: Callable[[Item], Key]) -> tuple[Sequence[Item], wire.Pagination]:
        """Of the items that were read those to show, and where the page stands."""
        shown = found[: self.per_page]
        cursor = None
        if len(found) > self.per_page:
            cursor = encode_cursor(self.list_name, Cursor(after=key_of(shown[-1]), page=self.number + 1))
        return shown, wire.pagination(len(shown), cursor)


def asked_for(
    request: Request,
    list_name: ListName,
    per_page: int,
    page: int,
    cursor: str | None,
    kinds: tuple[type, ...] = (str,),
) -> tuple[Asked, Page]:
    """The page that a request asks for, and what the journal notes of it; the cursor wins.

    ``kinds`` are the types that the list's keys are made of. Raises BadParameterError for the cursor of another list.
    """
    if cursor is None:
        asked = Asked(list_name, per_page, page, after=None)
    else:
        position = decode_cursor(list_name, cursor, kinds)
        asked = Asked(list_name, per_page, position.page, position.after)
    noted = call_of(request).page = Page(asked.number, cursor)
    return asked, noted
