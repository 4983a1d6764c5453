"""Instants: unix milliseconds, converted to timestamps on the wire and from dates and times in input."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

INSTANT_MAX = 0xFFFF_FFFF * 1000 + 999
"""The last instant supported, in unix milliseconds: the last one whose seconds fit into an ObjectId (in 2106)."""
TIMESTAMP_PATTERN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"
Timestamp = Annotated[str, Field(pattern=TIMESTAMP_PATTERN, examples=["2021-01-20T11:19:54.494Z"])]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def timestamp(instant: int) -> str:
    """Formats unix milliseconds as ``YYYY-MM-DDTHH:MM:SS.mmmZ``."""
    minute, rest = divmod(instant, 60_000)
    return f"{_date(minute // 1440)}{_TIMES[minute % 1440]}{_SECONDS[rest // 1000]}{_MILLISECONDS[rest % 1000]}"


_TIMES = [f"T{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60)]
_SECONDS = [f"{second:02}." for second in range(60)]
_MILLISECONDS = [f"{number:03}Z" for number in range(1000)]
"""The parts of a timestamp. Looking them up is faster than formatting numbers; a page has up to 200 timestamps."""


@lru_cache(maxsize=1024)
def _date(day: int) -> str:
    """The date of a day counted from 1970-01-01. Cached: a list has few days, and dates are slow to format."""
    return (_EPOCH + timedelta(days=day)).date().isoformat()


def timestamp_moment(instant: int) -> datetime:
    """Unix milliseconds as a date and time in UTC."""
    return _EPOCH + timedelta(milliseconds=instant)


def unix_milliseconds(moment: datetime) -> int:
    """Unix milliseconds of an aware ``moment``, rounded down."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _check_range(moment: datetime) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not 0 <= unix_milliseconds(aware) <= INSTANT_MAX:
        raise ValueError("must lie between 1970-01-01 and 2106-02-07")
    return aware


def _check_is_date(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and not value.lstrip("+-").replace(".", "").isdigit()):
        return value
    raise ValueError("must be a date and time, such as 2024-01-31T12:00:00Z")


Moment = Annotated[datetime, AfterValidator(_check_range), BeforeValidator(_check_is_date)]
"""A date and time in input; in UTC if it has no offset."""
