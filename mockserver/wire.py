"""The contract: the shapes that go over the wire, key for key and in their order. Knows neither HTTP nor SQL.

A shape is a ``TypedDict``, so the one that builds an answer, the type checker and the OpenAPI document all read the
same lines. A key that is not required is absent where it has no value, never null: the official JavaScript client
stops walking a list only where ``cursor`` is undefined.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from mockserver.lifecycle import Status, Timeline, completed_at, status_at

INSTANT_MAX = 0xFFFF_FFFF * 1000 + 999
"""The last instant there is, in unix milliseconds: the last one whose seconds fit into an ObjectId (in 2106)."""

TIMESTAMP_PATTERN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"

Timestamp = Annotated[str, Field(pattern=TIMESTAMP_PATTERN, examples=["2021-01-20T11:19:54.494Z"])]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_exactly = with_config(ConfigDict(extra="forbid"))


@_exactly
class Restore(TypedDict):
    """One restore of a backup."""

    id: Annotated[int, Field(description="Names the restore within its backup: an instant, in unix milliseconds.")]
    restoreTimestamp: Annotated[Timestamp, Field(description="When the restore was initiated, in UTC.")]
    status: Annotated[Status, Field(description="Where the restore is in its life.")]
    completedAt: NotRequired[
        Annotated[
            Timestamp, Field(description="When the restore was completed, in UTC. Absent unless it is completed.")
        ]
    ]


@_exactly
class Restores(TypedDict):
    """The restores on one page."""

    restores: Annotated[list[Restore], Field(description="Newest first; empty where there is none.")]


@_exactly
class Pagination(TypedDict):
    """Where one page stands in its list."""

    hasNextPage: Annotated[bool, Field(description="Whether more results follow this page.")]
    cursor: NotRequired[
        Annotated[
            str,
            Field(
                pattern="^[A-Za-z0-9_-]+$",
                description="Send it back to get the next page. Absent on the last page.",
            ),
        ]
    ]
    count: Annotated[int, Field(ge=0, description="How many results this page holds.")]


@_exactly
class RestoreList(TypedDict):
    """One page of a backup's restores."""

    data: Restores
    pagination: Pagination


@_exactly
class Login(TypedDict):
    """What a client that logs in is told."""

    data: Annotated[dict[str, Any], Field(description="An empty object: the token is good.")]


@_exactly
class Error(TypedDict):
    """What went wrong."""

    status: Annotated[int, Field(description="The HTTP status, once more.")]
    message: Annotated[str, Field(description="For a person: what was wrong, and what is allowed.")]
    id: Annotated[str, Field(description="Names this one answer, so that it can be found again.")]
    details: NotRequired[Annotated[dict[str, Any], Field(description="More, where there is more to say.")]]


@_exactly
class ErrorBody(TypedDict):
    """The body of every answer that is not a success."""

    error: Error


def restore(restore_id: int, timeline: Timeline, instant: int) -> Restore:
    """A restore as the list shows it at ``instant`` (unix milliseconds)."""
    shown = Restore(
        id=restore_id,
        restoreTimestamp=timestamp(timeline.initiated),
        status=status_at(timeline, instant),
    )
    completed = completed_at(timeline, instant)
    if completed is not None:
        shown["completedAt"] = timestamp(completed)
    return shown


def pagination(count: int, cursor: str | None) -> Pagination:
    """Where a page of ``count`` results stands; ``cursor`` leads to the next page, where there is one."""
    if cursor is None:
        return Pagination(hasNextPage=False, count=count)
    return Pagination(hasNextPage=True, cursor=cursor, count=count)


def error(status: int, message: str, error_id: str, details: dict[str, Any] | None = None) -> ErrorBody:
    """The body of an answer that is not a success."""
    body = Error(status=status, message=message, id=error_id)
    if details:
        body["details"] = details
    return ErrorBody(error=body)


def timestamp(instant: int) -> str:
    """Unix milliseconds as the wire writes them: ``YYYY-MM-DDTHH:MM:SS.mmmZ``."""
    moment = _EPOCH + timedelta(milliseconds=instant)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def unix_milliseconds(moment: datetime) -> int:
    """The instant of an aware ``moment``, cut to whole milliseconds."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def to_bytes(body: object) -> bytes:
    """``body`` as JSON in UTF-8, without white space; the same body always gives the same bytes.

    Half a surrogate pair, which a client can send and UTF-8 cannot hold, stays the escape that it came as.
    """
    return _to_json(body).encode(errors="backslashreplace")


_to_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
