"""What a project's clients did: every call, and the verdicts on their walks."""

from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from heapq import merge
from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, Field

from mockserver.contract.lifecycle import Status
from mockserver.contract.operations import OperationName
from mockserver.control.routing import NOT_FOUND, ProjectId, control_router, get_sandbox
from mockserver.instants import TIMESTAMP_PATTERN, timestamp
from mockserver.sandbox.journal import TARGET_MAX, RequestRecord
from mockserver.store import queries
from mockserver.store.queries import BackupPath
from mockserver.walks.verdicts import JudgedWalk, ListRequest, Verdict, verdicts
from mockserver.walks.walks import group_into_walks
from mockserver.web.scope import emulator_of

router = control_router()

OUT_OF_MEMORY = "Whether some were dropped because all journals together had reached their limit (--journal-mb)."

_Timestamp = Annotated[str, Field(pattern=TIMESTAMP_PATTERN)]


class TriggeredFault(BaseModel):
    """A fault that struck a call."""

    id: str
    kind: str


class RequestReading(BaseModel):
    """One call of a project."""

    number: Annotated[int, Field(description="Counts the calls of the server.")]
    at: Annotated[_Timestamp, Field(description="When it arrived, by the machine's clock.")]
    projectTime: Annotated[_Timestamp, Field(description="The same, by the project's clock.")]  # noqa: N815
    operation: Annotated[OperationName | None, Field(description="Absent where no operation was reached.")] = None
    method: str
    path: Annotated[str, Field(description="As it came, percent-encoded.")]
    query: Annotated[str, Field(description="As it came, percent-encoded.")]
    cut: Annotated[bool | None, Field(description=f"Path and query together are cut at {TARGET_MAX} characters.")] = (
        None
    )
    ignoredParameters: Annotated[  # noqa: N815
        list[str], Field(description="Query parameters that the operation does not have.")
    ]
    token: Annotated[str | None, Field(description="A fingerprint, never the token.")] = None
    status: Annotated[int | None, Field(description="Absent as long as, and where, none was sent.")] = None
    durationMs: float  # noqa: N815
    page: Annotated[int | None, Field(description="The page that a list was asked for; a cursor tells its own.")] = None
    restores: Annotated[
        int | None, Field(description="How many a page of a backup's restores came with; absent where that was spoilt.")
    ] = None
    hasNextPage: Annotated[bool | None, Field(description="The same page's.")] = None  # noqa: N815
    walk: Annotated[
        int | None, Field(description="The walk that it belongs to, counted from 1 as they are listed.")
    ] = None
    errorId: Annotated[str | None, Field(description="The `id` in the error's body.")] = None  # noqa: N815
    faults: Annotated[list[TriggeredFault], Field(description="The faults that struck it.")]


class RequestReadings(BaseModel):
    """The last calls of a project, in the order of their answers."""

    requests: list[RequestReading]
    count: Annotated[int, Field(description="How many are listed.")]
    dropped: Annotated[int, Field(description="How many came before those that are kept.")]
    outOfMemory: Annotated[bool, Field(description=OUT_OF_MEMORY)]  # noqa: N815


class WalkReading(BaseModel):
    """One walk, judged."""

    addonId: str  # noqa: N815
    backupId: str  # noqa: N815
    token: Annotated[str, Field(description="A fingerprint, never the token.")]
    verdict: Verdict
    pages: Annotated[int, Field(description="Distinct pages answered.")]
    restoresSeen: Annotated[int, Field(description="Distinct restores sent.")]  # noqa: N815
    restoresTotal: Annotated[  # noqa: N815
        int, Field(description="Those in the list now, from the walk's first on; never less than those seen.")
    ]
    retries: int
    since: Annotated[_Timestamp, Field(description="When the walk's first call arrived, by the machine's clock.")]
    until: Annotated[_Timestamp, Field(description="When its last call arrived.")]
    explanation: str
    polls: Annotated[int | None, Field(description="How often the first page was asked for; of a poll alone.")] = None
    shortestIntervalMs: Annotated[int | None, Field(description="Of a poll alone.")] = None  # noqa: N815
    statusesSeen: Annotated[list[Status] | None, Field(description="Of a poll alone.")] = None  # noqa: N815
    polledAfterEnd: Annotated[  # noqa: N815
        bool | None, Field(description="Of a poll alone: whether it went on after all restores had ended.")
    ] = None


class WalkReadings(BaseModel):
    """The walks of a project, in the order in which they began."""

    walks: list[WalkReading]
    dropped: Annotated[int, Field(description="How many calls are judged no more: the journal's.")]
    outOfMemory: Annotated[bool, Field(description=OUT_OF_MEMORY)]  # noqa: N815


@router.get(
    "/projects/{projectId}/requests",
    responses=NOT_FOUND,
    response_model_exclude_none=True,
    summary="List the last calls of a project",
)
async def list_requests(request: Request, project_id: ProjectId) -> RequestReadings:
    journal = get_sandbox(request, project_id).journal
    seen = [(record, record.as_list_request()) for record in journal]
    walks = _walk_numbers(seen)
    listed = [_reading(record, list_call, walks.get(id(list_call))) for record, list_call in seen]
    return RequestReadings(
        requests=listed, count=len(listed), dropped=journal.dropped, outOfMemory=journal.out_of_memory
    )


@router.get(
    "/projects/{projectId}/walks",
    responses=NOT_FOUND,
    response_model_exclude_none=True,
    summary="Judge the walks of a project's clients",
)
async def list_walks(request: Request, project_id: ProjectId) -> WalkReadings:
    connection = emulator_of(request).store.connection

    def count_from(listed_project: str, addon_id: str, backup_id: str, restore_id: int) -> int:
        try:
            key = queries.backup_key(connection, BackupPath(listed_project, addon_id, backup_id))
        except queries.NotFoundError:
            return 0
        return queries.count_from(connection, key.backup, restore_id)

    journal = get_sandbox(request, project_id).journal
    records = _by_project((record, record.as_list_request()) for record in journal)
    judged = [verdicts(each, partial(count_from, listed_project)) for listed_project, each in records.items()]
    walks = [_walk(walk) for walk in merge(*judged, key=lambda walk: walk.since)]
    return WalkReadings(walks=walks, dropped=journal.dropped, outOfMemory=journal.out_of_memory)


def _by_project(seen: Iterable[tuple[RequestRecord, ListRequest | None]]) -> dict[str, list[ListRequest]]:
    """The calls that listed restores, by the project that these are of: it may be a source project."""
    records: defaultdict[str, list[ListRequest]] = defaultdict(list)
    for record, list_call in seen:
        if record.listing and list_call:
            records[record.listing.project_id].append(list_call)
    return records


def _walk_numbers(seen: Iterable[tuple[RequestRecord, ListRequest | None]]) -> dict[int, int]:
    """Of each call that is in a walk, by its identity, which one it is: they are counted as ``list_walks`` has them."""
    trails = merge(*map(group_into_walks, _by_project(seen).values()), key=lambda trail: trail.since)
    return {id(record): number for number, trail in enumerate(trails, start=1) for record in trail.requests}


def _reading(record: RequestRecord, listed: ListRequest | None, walk: int | None) -> RequestReading:
    came = None if listed is None or listed.failed else listed
    return RequestReading(
        number=record.number,
        at=timestamp(record.arrived),
        projectTime=timestamp(record.arrived if record.project_time is None else record.project_time),
        operation=record.operation,
        method=record.method,
        path=record.path,
        query=record.query,
        cut=record.cut or None,
        ignoredParameters=list(record.ignored_parameters),
        token=record.token,
        status=record.status or None,
        durationMs=round(record.duration_ms, 3),
        page=None if record.listing is None else record.listing.number,
        restores=None if came is None else len(came.restores),
        hasNextPage=None if came is None else came.next_cursor is not None,
        walk=walk,
        errorId=record.error_id if record.failed else None,
        faults=[TriggeredFault(id=active.id, kind=active.fault.name()) for active in record.triggered_rules],
    )


def _walk(walk: JudgedWalk) -> WalkReading:
    poll: dict[str, Any] = {}
    if walk.verdict is Verdict.POLL:
        poll = {
            "polls": walk.polls,
            "shortestIntervalMs": walk.shortest_interval_ms,
            "statusesSeen": walk.statuses_seen,
            "polledAfterEnd": walk.polled_after_end,
        }
    return WalkReading(
        addonId=walk.addon_id,
        backupId=walk.backup_id,
        token=walk.token,
        verdict=walk.verdict,
        pages=walk.pages,
        restoresSeen=walk.restores_seen,
        restoresTotal=walk.restores_total,
        retries=walk.retries,
        since=timestamp(walk.since),
        until=timestamp(walk.until),
        explanation=walk.explanation,
        **poll,
    )
