"""Page requests and cursors: parses them, and cuts a list into pages. Pure.

A client requests a page by number or by cursor. A cursor is a position by key, not an offset: it holds the key of the
last item sent and the number of the next page. So items that are inserted or deleted during a walk never make the rest
of it repeat or skip an item.
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
"""The largest integer that SQLite stores."""
_CURSOR_CACHED = 128
"""How long a cursor may be to be remembered with what it decodes to."""

_VALUES_QUOTED = 5

Key = tuple[int | str, ...]
"""The values that a list is ordered by; unique for each item."""

ListName = tuple[str, ...]
"""Identifies a list. A cursor is valid only in the list that issued it."""

Item = TypeVar("Item")


class BadParameterError(ValueError):
    """A query parameter with a value that the contract does not allow."""

    def __init__(self, parameter: str, value: str | list[str], allowed: str) -> None:
        got = quoted(value) if isinstance(value, str) else _describe_values(value)
        self.parameter = parameter
        self.problem = f"must be {allowed}; got {got}"
        super().__init__(f"{parameter} {self.problem}")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in a list: the key of the last item sent, and the number (2 or more) of the next page."""

    after: Key
    page: int


class PageRequest(NamedTuple):
    """A request for one page of a list, by number or by ``cursor``; ``after`` is the key in the cursor."""

    list_name: ListName
    per_page: int
    number: int
    cursor: str | None = None
    after: Key | None = None

    @property
    def offset(self) -> int:
        """How many items to skip: those of the pages before this one; 0 for a page that follows a key."""
        return 0 if self.after is not None else (self.number - 1) * self.per_page

    @property
    def limit(self) -> int:
        """How many items to read: one more than fit on the page, which shows whether another page follows."""
        return self.per_page + 1

    def paginate(self, rows: list[Item], key_of: Callable[[Item], Key]) -> tuple[list[Item], str | None]:
        """The items on the page, from the rows that were read, and the cursor of the next page if there is one."""
        items = rows[: self.per_page]
        if len(rows) <= self.per_page:
            return items, None
        return items, encode_cursor(self.list_name, Cursor(after=key_of(items[-1]), page=self.number + 1))


def parse_page_request(
    list_name: ListName, per_page: int, page: int, cursor: str | None, kinds: tuple[type, ...] = (str,)
) -> PageRequest:
    """The requested page of a list. A cursor takes precedence over ``page``.

    ``kinds`` are the types in the list's keys. Raises BadParameterError for a cursor that this list did not issue.
    """
    if cursor is None:
        return PageRequest(list_name, per_page, page)
    position = decode_cursor(list_name, cursor, kinds)
    return PageRequest(list_name, per_page, position.page, cursor, position.after)


def parse_per_page(text: str) -> int:
    """The number of items per page, 1 to 100, in ASCII digits; raises BadParameterError for anything else."""
    return _parse_number("per_page", text, PER_PAGE_MAX)


def parse_page(text: str) -> int:
    """The number of a page, 1 to 1,000,000,000, in ASCII digits; raises BadParameterError for anything else."""
    return _parse_number("page", text, PAGE_MAX)


def parse_once(parameter: str, values: list[str]) -> str:
    """The value of a parameter; raises BadParameterError if it is empty or repeated."""
    if len(values) > 1:
        raise BadParameterError(parameter, values, "passed once")
    (value,) = values
    if not value:
        raise BadParameterError(parameter, value, f"{_ALLOWED.get(parameter, 'an id')}, or left out")
    return value


def encode_cursor(list_name: ListName, cursor: Cursor) -> str:
    """``cursor`` as a string of ``A-Z a-z 0-9 - _``, valid in that list. The same cursor gives the same string."""
    payload = _payload(cursor)
    return _to_base64(payload + _checksum(list_name, payload))


def decode_cursor(list_name: ListName, text: str, kinds: tuple[type, ...] | None = None) -> Cursor:
    """The cursor in ``text``; raises BadParameterError unless this list issued it.

    ``kinds``, if known, are the types in the list's keys. They are checked because a checksum can be forged.
    """
    decode = _decode_cursor if len(text) > _CURSOR_CACHED else _decode_cached_cursor
    return decode(list_name, text, kinds)


def _decode_cursor(list_name: ListName, text: str, kinds: tuple[type, ...] | None) -> Cursor:
    try:
        raw = base64.urlsafe_b64decode(text + "==")  # extra padding is ignored
    except ValueError:
        raise _invalid_cursor(text) from None
    payload, checksum = raw[:-_CHECKSUM_BYTES], raw[-_CHECKSUM_BYTES:]
    if checksum != _checksum(list_name, payload) or _to_base64(raw) != text:
        raise _invalid_cursor(text)
    cursor = _parse_payload(payload)
    if cursor is None or _payload(cursor) != payload or kinds not in {None, tuple(map(type, cursor.after))}:
        raise _invalid_cursor(text)
    return cursor


_decode_cached_cursor = lru_cache(maxsize=1024)(_decode_cursor)
"""A client that follows cursors sends the same ones in every walk; decoding one takes a fifth of a response's time."""


def _describe_values(values: list[str]) -> str:
    few = [*map(quoted, values[:_VALUES_QUOTED]), *(["…"] if len(values) > _VALUES_QUOTED else [])]
    return f"{len(values)} values: {', '.join(few)}"


def _parse_payload(payload: bytes) -> Cursor | None:
    """The cursor in a payload, which may be forged; None if it is not a position in any list."""
    try:
        page, *after = json.loads(payload)
        [part.encode() for part in after if isinstance(part, str)]  # fails on a lone surrogate, which is not text
    except (ValueError, TypeError, RecursionError):
        return None
    if type(page) is not int or not 2 <= page <= PAGE_MAX + 1:
        return None
    return Cursor(tuple(after), page) if all(map(_is_key_part, after)) else None


def _is_key_part(part: object) -> bool:
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
    "cursor": "a cursor that this list issued, unchanged",
}


def _invalid_cursor(text: str) -> BadParameterError:
    return BadParameterError("cursor", text, _ALLOWED["cursor"])


def _to_base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _payload(cursor: Cursor) -> bytes:
    """A cursor as a JSON array: its page, then the parts of its key."""
    return f"[{','.join(map(_part_json, (cursor.page, *cursor.after)))}]".encode()


def _part_json(part: int | str) -> str:
    """Numbers avoid the encoder, which would double the time that a cursor takes."""
    return str(part) if isinstance(part, int) else _to_json(part)


def _checksum(list_name: ListName, payload: bytes) -> bytes:
    checksum = _hash_of_list(list_name).copy()
    checksum.update(payload)
    return checksum.digest()


@lru_cache(maxsize=1024)
def _hash_of_list(list_name: ListName) -> "hashlib.blake2b":
    key = hashlib.sha256(_to_json(list_name).encode()).digest()
    return hashlib.blake2b(digest_size=_CHECKSUM_BYTES, key=key)


_to_json = json.JSONEncoder(separators=(",", ":")).encode
