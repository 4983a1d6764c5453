"""Converts Python values and names to those of the control plane and the command line."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from os import PathLike, fspath
from typing import Any, TypeAlias

__tracebackhide__ = True

Instant: TypeAlias = datetime | str
"""A datetime with a time zone, or an ISO 8601 string such as ``2024-07-01T12:00:00Z``."""

Duration: TypeAlias = timedelta | str | float
"""A timedelta, an ISO 8601 string such as ``PT5M``, or seconds."""

_MILLISECOND = timedelta(milliseconds=1)


def as_json(value: Any) -> Any:
    """Converts to JSON: keys in camel case, None left out, datetimes as strings, timedeltas as seconds."""
    if isinstance(value, Mapping):
        return {camel(str(name)): as_json(item) for name, item in value.items() if item is not None}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [as_json(item) for item in value]
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, timedelta):
        return seconds(value)
    if value is None or isinstance(value, str | int | float):
        return value
    raise ValueError(f"{value!r} has no JSON form: use a string, a number, a list, a dict, a datetime or a timedelta")


def as_arguments(options: Mapping[str, Any]) -> list[str]:
    """Converts settings to options of the command line."""
    return [argument for name, value in options.items() for argument in _option(name.replace("_", "-"), value)]


def seconds(duration: timedelta) -> float:
    """A duration in seconds, truncated to milliseconds; raises ValueError if it is shorter than one."""
    if duration and abs(duration) < _MILLISECOND:
        raise ValueError(f"{duration!r} is less than a millisecond")
    return (duration // _MILLISECOND) / 1000


def camel(name: str) -> str:
    """Converts ``bytes_per_second`` to ``bytesPerSecond``."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def in_python(message: str) -> str:
    """A message of the control plane or the command line in Python's terms, except for what it quotes.

    ``endsAfter`` becomes ``ends_after``, ``fault.status`` ``status``, ``--scheduled-for`` ``scheduled_for``, and the
    body of a request the arguments.
    """
    return _FOREIGN.sub(lambda match: _python_name(match[0]), message)


_FOREIGN = re.compile(r""""[^"]*"|`[^`]*`|\bfault\.(?=[a-z])|\bthe body\b|--[a-z][a-z-]*|\b[a-z]+(?:[A-Z][a-z]+)+\b""")


def _python_name(foreign: str) -> str:
    if foreign.startswith(('"', "`")):
        return foreign
    if foreign.startswith("--"):
        return foreign[2:].replace("-", "_")
    if foreign == "fault.":
        return ""
    if foreign == "the body":
        return "the arguments"
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", foreign)


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone: add one, as in {value.replace(tzinfo=UTC)!r}")
    try:
        in_utc = value.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{value!r} is out of range in UTC") from None
    return in_utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _option(name: str, value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    if isinstance(value, timedelta):
        value = seconds(value)
    if isinstance(value, PathLike):
        value = fspath(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [argument for item in value for argument in _option(name, item)]
    return [f"--{name}={value}"]
