"""Page requests and cursors: how a list is asked for in parts. Pure.

A page is asked for by number or by cursor. A cursor is a position by key, not an offset: it holds the key of the
last item sent and the number of the page that it leads to, so items that appear or vanish during a walk never make
the rest of it repeat or skip one.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeVar

from mockserver.messages import quoted

PER_PAGE_DEFAULT = 50
PER_PAGE_MAX = 100
PAGE_MAX = 1_000_000_000

_CHECKSUM_BYTES = 8
_INTEGER_MAX = 2**63 - 1
"""The largest that a store holds."""
_SHOWN = 5

Key = tuple[int | str, ...]
"""What a list is ordered by: the identity of one item within its list."""

ListName = tuple[str, ...]
"""What tells a list from all others: a cursor is good in one of them alone."""

Item = TypeVar("Item")


class BadParameterError(ValueError):
    """A query parameter that the documentation does not allow: which one, what came, what is allowed."""

    def __init__(self, parameter: str, came: str | list[str], allowed: str) -> None:
        self.parameter = parameter
        self.allowed = allowed
        shown = quoted(came) if isinstance(came, str) else _times(came)
        super().__init__(f"{parameter} must be {allowed}; got {shown}")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the key of the last item sent, and the number (2 or more) of the page that comes next."""

    after: Key
    page: int


class PageRequest(NamedTuple):
    """One page of one list, requested by number or by ``cursor``; ``after`` is the key that a cursor holds."""

    list_name: ListName
    per_page: int
    number: int
    cursor: str | None = None
    after: Key | None = None

    @property
    def offset(self) -> int:
        """How many items the pages before this one hold; 0 for a page that follows a key."""
        return 0 if self.after is not None else (self.number - 1) * self.per_page

    @property
    def limit(self) -> int:
        """How many items to read: one more than fit, which tells whether another page follows."""
        return self.per_page + 1

    def paginate(self, rows: list[Item], key_of: Callable[[Item], Key]) -> tuple[list[Item], str | None]:
        """The items of the page, out of the rows that were read, and the cursor of the next page if there is one."""
        items = rows[: self.per_page]
        if len(rows) <= self.per_page:
            return items, None
        return items, encode_cursor(self.list_name, Cursor(after=key_of(items[-1]), page=self.number + 1))


def parse_page_request(
    list_name: ListName, per_page: int, page: int, cursor: str | None, kinds: tuple[type, ...] = (str,)
) -> PageRequest:
    """The page of a list that a request asks for; a cursor wins over ``page``.

    ``kinds`` are the types of the parts of the list's keys. Raises BadParameterError for a cursor that the list did not
    issue.
    """
    if cursor is None:
        return PageRequest(list_name, per_page, page)
    position = decode_cursor(list_name, cursor, kinds)
    return PageRequest(list_name, per_page, position.page, cursor, position.after)


def parse_per_page(text: str) -> int:
    """The number of items a page, 1 to 100; raises BadParameterError for anything but plain ASCII digits of one."""
    return _parse_number("per_page", text, PER_PAGE_MAX)


def parse_page(text: str) -> int:
    """The page's number, 1 to 1,000,000,000; raises BadParameterError for anything but plain ASCII digits of one."""
    return _parse_number("page", text, PAGE_MAX)


def parse_once(parameter: str, values: list[str]) -> str:
    """The one value of a parameter; raises BadParameterError where it was given more than once, or empty."""
    if len(values) > 1:
        raise BadParameterError(parameter, values, "given once")
    (value,) = values
    if not value:
        raise BadParameterError(parameter, value, f"{_ALLOWED.get(parameter, 'an id')}, or left out")
    return value


def encode_cursor(list_name: ListName, cursor: Cursor) -> str:
    """The text that stands for ``cursor`` in the list of that name: made of ``A-Z a-z 0-9 - _`` alone.

    The same cursor of the same list always gives the same text.
    """
    payload = _payload(cursor)
    return _written(payload + _checksum(list_name, payload))


def decode_cursor(list_name: ListName, text: str, kinds: tuple[type, ...] | None = None) -> Cursor:
    """The place that ``text`` stands for; raises BadParameterError unless this list handed it out, unchanged.

    ``kinds`` are the types that the list's keys are made of, where they are known: a checksum can be forged.
    """
    try:
        raw = base64.urlsafe_b64decode(text + "==")  # padding that is too long is ignored
    except ValueError:
        raise _no_cursor(text) from None
    payload, checksum = raw[:-_CHECKSUM_BYTES], raw[-_CHECKSUM_BYTES:]
    if checksum != _checksum(list_name, payload) or _written(raw) != text:
        raise _no_cursor(text)
    cursor = _place_in(payload)
    if cursor is None or _payload(cursor) != payload:
        raise _no_cursor(text)
    if kinds is not None and tuple(map(type, cursor.after)) != kinds:
        raise _no_cursor(text)
    return cursor


def _times(values: list[str]) -> str:
    """How often a parameter came, and as what; of many values the first few."""
    few = [*map(quoted, values[:_SHOWN]), *(["…"] if len(values) > _SHOWN else [])]
    return f"it {len(values)} times, as {' and '.join(few)}"


def _place_in(payload: bytes) -> Cursor | None:
    """What a payload says, whoever made it; None where it is no place in any list."""
    try:
        page, *after = json.loads(payload)
        [part.encode() for part in after if isinstance(part, str)]  # half a surrogate pair is no text
    except (ValueError, TypeError, RecursionError):
        return None
    if type(page) is not int or not 2 <= page <= PAGE_MAX + 1:
        return None
    return Cursor(tuple(after), page) if all(map(_orders, after)) else None


def _orders(part: object) -> bool:
    return type(part) is str or (type(part) is int and 0 <= part <= _INTEGER_MAX)


def _parse_number(parameter: str, text: str, largest: int) -> int:
    digits = text.lstrip("0")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= len(str(largest))
    if not is_number or int(digits) > largest:
        raise BadParameterError(parameter, text, _ALLOWED[parameter])
    return int(digits)


_ALLOWED = {
    "per_page": f"an integer from 1 to {PER_PAGE_MAX}, in plain digits",
    "page": f"an integer from 1 to {PAGE_MAX}, in plain digits",
    "cursor": "a cursor that this list handed out, unchanged",
}


def _no_cursor(text: str) -> BadParameterError:
    return BadParameterError("cursor", text, _ALLOWED["cursor"])


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _payload(cursor: Cursor) -> bytes:
    """What a cursor says, as JSON: its page, and its key's parts."""
    return f"[{','.join(map(_part, (cursor.page, *cursor.after)))}]".encode()


def _part(part: int | str) -> str:
    """One part of a payload, as JSON; the encoder takes as long for a number as all else here for a cursor."""
    return str(part) if isinstance(part, int) else _to_json(part)


def _checksum(list_name: ListName, payload: bytes) -> bytes:
    checksum = _begun_checksum(list_name).copy()
    checksum.update(payload)
    return checksum.digest()


@lru_cache(maxsize=1024)
def _begun_checksum(list_name: ListName) -> "hashlib.blake2b":
    key = hashlib.sha256(_to_json(list_name).encode()).digest()
    return hashlib.blake2b(digest_size=_CHECKSUM_BYTES, key=key)


_to_json = json.JSONEncoder(separators=(",", ":")).encode
