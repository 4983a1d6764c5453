"""What goes over the wire: values of the shapes, and their JSON. The same value always gives the same bytes."""

import json
from typing import Any

from mockserver.contract.lifecycle import Status, Timeline, completed_at, status_at
from mockserver.contract.shapes import Error, ErrorBody, LastRestore, Pagination, Restore
from mockserver.instants import timestamp


def restore_json(public_id_json: int | str, timeline: Timeline, status: Status) -> str:
    """The JSON of a ``Restore`` whose status is ``status``; its id is given as JSON."""
    text = f'{{"id":{public_id_json},"restoreTimestamp":"{timestamp(timeline.initiated)}",{_STATUS_JSON[status]}'
    if status is Status.COMPLETED and timeline.ends_at is not None:
        return f'{text},"completedAt":"{timestamp(timeline.ends_at)}"}}'
    return f"{text}}}"


_STATUS_JSON = {status: f'"status":"{status}"' for status in Status}


def restore_list_json(restores: list[str], where: Pagination) -> bytes:
    """The JSON of a ``RestoreList``, from that of its restores: as ``to_bytes`` would write it."""
    return f'{{"data":{{"restores":[{",".join(restores)}]}},"pagination":{_pagination_json(where)}}}'.encode()


def _pagination_json(where: Pagination) -> str:
    """The encoder takes three times as long; a cursor has no character that JSON escapes."""
    if "cursor" in where:
        return f'{{"hasNextPage":true,"cursor":"{where["cursor"]}","count":{where["count"]}}}'
    return f'{{"hasNextPage":false,"count":{where["count"]}}}'


def restore(restore_id: int | str, timeline: Timeline, instant: int) -> Restore:
    """A restore as the list shows it at ``instant`` (unix milliseconds)."""
    return Restore(id=restore_id, **last_restore(timeline, instant))


def last_restore(timeline: Timeline, instant: int) -> LastRestore:
    """A restore without its id, as its backup shows it at ``instant`` (unix milliseconds)."""
    last = LastRestore(restoreTimestamp=timestamp(timeline.initiated), status=status_at(timeline, instant))
    completed = completed_at(timeline, instant)
    if completed is not None:
        last["completedAt"] = timestamp(completed)
    return last


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


def to_bytes(body: object) -> bytes:
    """``body`` as JSON in UTF-8, without white space; the same body always gives the same bytes.

    Half a surrogate pair, which a client can send and UTF-8 cannot hold, stays the escape that it came as.
    """
    return _to_json(body).encode(errors="backslashreplace")


_to_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
