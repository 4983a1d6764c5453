"""What a project's clients did: every request, and the verdicts on their walks."""

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
from mockserver.walks.verdicts import JudgedWalk, Verdict, verdicts
from mockserver.walks.walks import ListRequest, group_into_walks
from mockserver.web.scope import emulator_of

router = control_router()

OUT_OF_MEMORY = "Whether requests were dropped because all journals together reached their limit (--journal-mb)."

_Timestamp = Annotated[str, Field(pattern=TIMESTAMP_PATTERN)]


class TriggeredFault(BaseModel):
    """A fault that a request triggered."""

    id: str
    kind: str


class RequestReading(BaseModel):
    """One request to a project."""

    number: Annotated[int, Field(description="Counts the requests to the server.")]
    at: Annotated[_Timestamp, Field(description="When it arrived, by the machine's clock.")]
    projectTime: Annotated[_Timestamp, Field(description="When it arrived, by the project's clock.")]  # noqa: N815
    operation: Annotated[OperationName | None, Field(description="Absent if no operation was reached.")] = None
    method: str
    path: Annotated[str, Field(description="As received, percent-encoded.")]
    query: Annotated[str, Field(description="As received, percent-encoded.")]
    cut: Annotated[
        bool | None, Field(description=f"Present if path and query were cut to {TARGET_MAX} characters together.")
    ] = None
    ignoredParameters: Annotated[  # noqa: N815
        list[str], Field(description="Query parameters that the operation does not know.")
    ]
    token: Annotated[str | None, Field(description="A fingerprint, never the token itself.")] = None
    status: Annotated[int | None, Field(description="Absent if no response was sent, or not yet.")] = None
    durationMs: float  # noqa: N815
    page: Annotated[int | None, Field(description="The page of a list, by number or as its cursor says.")] = None
    restores: Annotated[
        int | None, Field(description="How many restores the page held; absent if a fault corrupted the response.")
    ] = None
    hasNextPage: Annotated[bool | None, Field(description="Whether the page said that another one follows.")] = None  # noqa: N815
    walk: Annotated[
        int | None, Field(description="The walk that it belongs to: its place in the list of walks, from 1.")
    ] = None
    errorId: Annotated[str | None, Field(description="The `id` in the body of the error.")] = None  # noqa: N815
    faults: Annotated[list[TriggeredFault], Field(description="The faults that it triggered.")]


class RequestReadings(BaseModel):
    """The last requests to a project, in the order of their responses."""

    requests: list[RequestReading]
    count: Annotated[int, Field(description="How many requests are listed.")]
    dropped: Annotated[int, Field(description="How many earlier requests are no longer kept.")]
    outOfMemory: Annotated[bool, Field(description=OUT_OF_MEMORY)]  # noqa: N815


class WalkReading(BaseModel):
    """One walk, and the verdict on it."""

    addonId: str  # noqa: N815
    backupId: str  # noqa: N815
    token: Annotated[str, Field(description="A fingerprint, never the token itself.")]
    verdict: Verdict
    pages: Annotated[int, Field(description="Distinct pages received.")]
    restoresSeen: Annotated[int, Field(description="Distinct restores received.")]  # noqa: N815
    restoresTotal: Annotated[  # noqa: N815
        int, Field(description="Restores in the list from the walk's first one on; at least those seen.")
    ]
    retries: int
    since: Annotated[_Timestamp, Field(description="When its first request arrived, by the machine's clock.")]
    until: Annotated[_Timestamp, Field(description="When its last request arrived.")]
    explanation: str
    polls: Annotated[int | None, Field(description="Polls only: how often the first page was requested.")] = None
    shortestIntervalMs: Annotated[int | None, Field(description="Polls only.")] = None  # noqa: N815
    statusesSeen: Annotated[list[Status] | None, Field(description="Polls only.")] = None  # noqa: N815
    polledAfterEnd: Annotated[  # noqa: N815
        bool | None, Field(description="Polls only: whether it continued after all restores had ended.")
    ] = None


class WalkReadings(BaseModel):
    """The walks of a project's clients, in the order of their beginning."""

    walks: list[WalkReading]
    dropped: Annotated[int, Field(description="How many requests the journal no longer keeps: they are not judged.")]
    outOfMemory: Annotated[bool, Field(description=OUT_OF_MEMORY)]  # noqa: N815


@router.get(
    "/projects/{projectId}/requests",
    responses=NOT_FOUND,
    response_model_exclude_none=True,
    summary="List the last requests to a project",
)
async def list_requests(request: Request, project_id: ProjectId) -> RequestReadings:
    journal = get_sandbox(request, project_id).journal
    list_requests = {record.number: record.as_list_request() for record in journal}
    walks = group_into_walks(filter(None, list_requests.values()))
    walk_numbers = {request.number: number for number, walk in enumerate(walks, start=1) for request in walk.requests}
    readings = [_reading(record, list_requests[record.number], walk_numbers.get(record.number)) for record in journal]
    return RequestReadings(
        requests=readings, count=len(readings), dropped=journal.dropped, outOfMemory=journal.out_of_memory
    )


@router.get(
    "/projects/{projectId}/walks",
    responses=NOT_FOUND,
    response_model_exclude_none=True,
    summary="Judge the walks of a project's clients",
)
async def list_walks(request: Request, project_id: ProjectId) -> WalkReadings:
    connection = emulator_of(request).store.connection

    def count_from(project: str, addon_id: str, backup_id: str, restore_id: int) -> int:
        try:
            key = queries.backup_key(connection, BackupPath(project, addon_id, backup_id))
        except queries.NotFoundError:
            return 0
        return queries.count_from(connection, key.backup, restore_id)

    journal = get_sandbox(request, project_id).journal
    requests = filter(None, (record.as_list_request() for record in journal))
    walks = [_walk_reading(walk) for walk in verdicts(requests, count_from)]
    return WalkReadings(walks=walks, dropped=journal.dropped, outOfMemory=journal.out_of_memory)


def _reading(record: RequestRecord, list_request: ListRequest | None, walk: int | None) -> RequestReading:
    page = None if list_request is None or list_request.failed else list_request
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
        restores=None if page is None else len(page.restores),
        hasNextPage=None if page is None else page.next_cursor is not None,
        walk=walk,
        errorId=record.error_id if record.failed else None,
        faults=[TriggeredFault(id=active.id, kind=active.fault.name()) for active in record.triggered_rules],
    )


def _walk_reading(walk: JudgedWalk) -> WalkReading:
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
