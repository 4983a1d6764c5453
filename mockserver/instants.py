"""Instants: unix milliseconds in UTC, as timestamps on the wire and as dates and times that people write."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

INSTANT_MAX = 0xFFFF_FFFF * 1000 + 999
"""The last instant there is, in unix milliseconds: the last one whose seconds fit into an ObjectId (in 2106)."""
TIMESTAMP_PATTERN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"
Timestamp = Annotated[str, Field(pattern=TIMESTAMP_PATTERN, examples=["2021-01-20T11:19:54.494Z"])]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def timestamp(instant: int) -> str:
    """Unix milliseconds as the wire writes them: ``YYYY-MM-DDTHH:MM:SS.mmmZ``."""
    minute, rest = divmod(instant, 60_000)
    return f"{_date(minute // 1440)}{_TIMES[minute % 1440]}{_SECONDS[rest // 1000]}.{_MILLISECONDS[rest % 1000]}Z"


_TIMES = [f"T{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60)]
_SECONDS = [f"{second:02}" for second in range(60)]
_MILLISECONDS = [f"{number:03}" for number in range(1000)]
"""The parts of a timestamp. A first read formats a hundred of them, and formatting a number takes longer."""


@lru_cache(maxsize=1024)
def _date(day: int) -> str:
    """The date of a day, counted from 1970-01-01; a list's days are few, and making a date costs more than all else."""
    return (_EPOCH + timedelta(days=day)).date().isoformat()


def timestamp_moment(instant: int) -> datetime:
    """Unix milliseconds as a date and time in UTC."""
    return _EPOCH + timedelta(milliseconds=instant)


def unix_milliseconds(moment: datetime) -> int:
    """The instant of an aware ``moment``, cut to whole milliseconds."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _within_time(moment: datetime) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not 0 <= unix_milliseconds(aware) <= INSTANT_MAX:
        raise ValueError("must lie between 1970-01-01 and 2106-02-07")
    return aware


def _written_as_a_date(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and not value.lstrip("+-").replace(".", "").isdigit()):
        return value
    raise ValueError("must be a date and time, such as 2024-01-31T12:00:00Z")


Moment = Annotated[datetime, AfterValidator(_within_time), BeforeValidator(_written_as_a_date)]
"""A date and time as a person writes it; one without an offset is in UTC."""
