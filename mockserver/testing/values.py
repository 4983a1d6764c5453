"""Python's values as the control plane takes them, and its names as Python has them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from os import PathLike, fspath
from typing import Any, TypeAlias

__tracebackhide__ = True

Instant: TypeAlias = datetime | str
"""An instant: a datetime with a time zone, or ISO 8601 as ``2024-07-01T12:00:00Z``."""

Duration: TypeAlias = timedelta | str | float
"""A duration: a timedelta, ISO 8601 as ``PT5M``, or seconds."""

_MILLISECOND = timedelta(milliseconds=1)


def as_json(value: Any) -> Any:
    """What to send for ``value``: names in camel case, no keys for what is None, times as text or seconds."""
    if isinstance(value, Mapping):
        return {camel(str(name)): as_json(each) for name, each in value.items() if each is not None}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [as_json(each) for each in value]
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, timedelta):
        return seconds(value)
    if value is None or isinstance(value, str | int | float):
        return value
    raise ValueError(f"{value!r} cannot be sent: it should be a text, a number, a list, a dict, or a time")


def as_arguments(options: Mapping[str, Any]) -> list[str]:
    """Settings as options of the command line."""
    return [argument for name, value in options.items() for argument in _option(name.replace("_", "-"), value)]


def seconds(duration: timedelta) -> float:
    """A duration in seconds, cut to whole milliseconds; raises ValueError where that leaves nothing of it."""
    if duration and abs(duration) < _MILLISECOND:
        raise ValueError(f"{duration!r} is less than a millisecond")
    return (duration // _MILLISECOND) / 1000


def camel(name: str) -> str:
    """``bytes_per_second`` as ``bytesPerSecond``."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone: give it one, as in {value.replace(tzinfo=UTC)!r}")
    try:
        in_utc = value.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{value!r} is, in UTC, beyond all dates") from None
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
        return [argument for each in value for argument in _option(name, each)]
    return [f"--{name}={value}"]
