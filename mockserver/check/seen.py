"""The words of a report. Only this module makes a ``Seen``, from facts that can hold no id, name, token or message.

So a report is free of secrets by construction; nothing has to be scrubbed afterwards.
"""

import itertools
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NewType

Seen = NewType("Seen", str)
"""What a server did, in words that may be published."""

ABSENT: Any = object()
"""Stands for the value of a key that an object does not have."""

_KEY = re.compile(r"[A-Za-z][A-Za-z_]{0,39}")
_ERROR_ID = re.compile(r"nf(-[a-z]{1,20}){1,6}")
_PERMISSION = re.compile(r"ps(_[a-z]{1,20}){2,4}")
_HEADER_VALUES = {
    "allow": re.compile(r"[A-Z]{3,7}(, ?[A-Z]{3,7})*"),
    "content-type": re.compile(r"[a-z]+/[a-z.+-]+(; ?charset=[A-Za-z0-9-]{1,12})?"),
    "www-authenticate": re.compile(r"(Bearer|Basic|Digest)"),
    "x-ratelimit-limit": re.compile(r"\d{1,9}"),
}
"""The headers whose values a report may show, and the form of such a value."""

_KINDS = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_FORMS = (
    ("empty", re.compile("")),
    ("24 hex digits", re.compile("[0-9a-f]{24}")),
    ("ms timestamp", re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")),
    ("timestamp without milliseconds", re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")),
    ("other timestamp", re.compile(r"\d{4}-\d{2}-\d{2}T\S{5,30}")),
    ("uuid", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
    ("digits", re.compile(r"[0-9]+")),
    ("letters, digits, - or _", re.compile(r"[A-Za-z0-9_-]+")),
    ("base64", re.compile(r"[A-Za-z0-9+/]+={0,2}")),
)


def phrase(literal: str) -> Seen:
    """A phrase of ours. A test holds that it is only called with literals."""
    return Seen(literal)


def either(condition: object, literal: str, other_literal: str) -> Seen:
    """One of two phrases of ours; the same test."""
    return Seen(literal if condition else other_literal)


def holds(condition: object, literal: str, other_literal: str) -> tuple[str, Seen]:
    """A comparison that expects the first phrase, which is seen if the condition holds; the same test."""
    return literal, Seen(literal if condition else other_literal)


def yes_no(value: bool) -> Seen:
    return Seen("yes" if value else "no")


def words(*parts: Seen) -> Seen:
    """Several facts in one line."""
    return Seen(" ".join(parts))


def listed(parts: Iterable[Seen]) -> Seen:
    """Facts with commas between them; "none" if there are none."""
    return Seen(", ".join(parts) or "none")


def number(value: int) -> Seen:
    """A count, or an HTTP status."""
    return Seen(str(int(value)))


def kind(value: Any) -> Seen:
    """What kind of JSON value it is."""
    if value is ABSENT:
        return Seen("absent")
    if type(value) not in _KINDS:
        raise TypeError(type(value))
    return Seen(_KINDS[type(value)])


def form(value: Any) -> Seen:
    """What kind of JSON value it is; for a string, its form."""
    if not isinstance(value, str):
        return kind(value)
    return Seen(next((name for name, pattern in _FORMS if pattern.fullmatch(value)), "other string"))


def keys(value: Any) -> Seen:
    """The keys of an object in order; one that is not a plain name of a field is not shown."""
    if not isinstance(value, dict):
        return kind(value)
    return listed(key(name) for name in value)


def key(name: str) -> Seen:
    """The name of a field, if it is a plain one."""
    return Seen(name if _KEY.fullmatch(name) else "(another key)")


def order(values: list[Any]) -> Seen:
    """How values are sorted; equal neighbours fit either order."""
    kinds = {type(value) for value in values}
    if len(kinds) != 1 or not kinds <= {int, str}:
        return Seen("not comparable")
    pairs = list(itertools.pairwise(values))
    if all(one >= other for one, other in pairs):
        return Seen("descending")
    return Seen("ascending" if all(one <= other for one, other in pairs) else "unsorted")


def present(value: Any, *literals: str) -> Seen:
    """Which of our names, keys with dots between them, an object has; the same test."""
    return listed(Seen(path) for path in literals if at(value, *path.split(".")) is not ABSENT)


def at(value: Any, *path: str) -> Any:
    """The value at a path of keys; ``ABSENT`` if there is none."""
    for name in path:
        value = value.get(name, ABSENT) if isinstance(value, dict) else ABSENT
    return value


def known(value: Any, allowed: type[StrEnum]) -> Seen:
    """A value if it is one of the contract's words, else its form."""
    return Seen(str(value)) if isinstance(value, str) and value in set(allowed) else form(value)


def error_id(value: Any) -> Seen:
    """The code of an error, if it has the form of the service's own; else its form."""
    return Seen(value) if isinstance(value, str) and _ERROR_ID.fullmatch(value) else form(value)


def permission(value: Any) -> Seen:
    """The name of a permission, if it has the form of the service's own; else its form."""
    return Seen(value) if isinstance(value, str) and _PERMISSION.fullmatch(value) else form(value)


def header(name: str, value: str | None) -> Seen:
    """The value of a header that may be shown; of any other header, the form of its value."""
    if value is None:
        return Seen("absent")
    pattern = _HEADER_VALUES.get(name)
    return Seen(value) if pattern and pattern.fullmatch(value) else form(value)
