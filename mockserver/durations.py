"""Durations in input and output: ISO 8601, or seconds. Pure."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_REQUIRED = 'must be a non-negative duration: ISO 8601, such as "PT5M", or seconds, such as 300'

_ISO = re.compile(
    r"P(?=\d|T\d)(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d{1,3})?)S)?)?",
    re.ASCII,
)
_SECONDS = re.compile(r"\d+(?:\.\d{1,3})?", re.ASCII)
_MILLISECONDS = {"weeks": 604_800_000, "days": 86_400_000, "hours": 3_600_000, "minutes": 60_000, "seconds": 1000}
_LONGEST = 10_000 * 366 * 86_400_000


def parse_duration(value: Any) -> int:
    """Parses a duration into milliseconds; raises ValueError if it is invalid, negative, or longer than 10,000 years.

    Months and years are invalid, because their length varies.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    if not isinstance(value, str):
        raise ValueError(_REQUIRED)  # noqa: TRY004 - pydantic requires it
    if _SECONDS.fullmatch(value):
        parts: dict[str, str | None] = {"seconds": value}
    elif match := _ISO.fullmatch(value):
        parts = match.groupdict()
    else:
        raise ValueError(_REQUIRED)
    total = sum(_to_milliseconds(number, _MILLISECONDS[unit]) for unit, number in parts.items() if number)
    if total > _LONGEST:
        raise ValueError("must be at most 10,000 years")
    return total


def format_duration(milliseconds: int) -> str:
    """Formats a duration as ISO 8601 in the largest units that fit: 300000 is ``PT5M``."""
    days, rest = divmod(milliseconds, _MILLISECONDS["days"])
    hours, rest = divmod(rest, _MILLISECONDS["hours"])
    minutes, rest = divmod(rest, _MILLISECONDS["minutes"])
    seconds = f"{rest // 1000}.{rest % 1000:03}".rstrip("0").rstrip(".")
    time = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number)
    time += f"{seconds}S" if rest else ""
    duration = (f"{days}D" if days else "") + (f"T{time}" if time else "")
    return f"P{duration}" if duration else "PT0S"


def _to_milliseconds(number: str, unit: int) -> int:
    whole, _, fraction = number.partition(".")
    return int(whole.lstrip("0")[:18] or 0) * unit + int(fraction.ljust(3, "0") or 0) * (unit // 1000)


Duration = Annotated[
    int,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "examples": ["PT5M"]}, {"type": "number", "minimum": 0}],
            "description": "ISO 8601, or seconds.",
        }
    ),
]
"""A duration in milliseconds; ISO 8601 or seconds in JSON."""
