"""The journal: what a project's clients requested, and what they received."""

from collections import Counter
from typing import Annotated

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, Field

from mockserver.contract.lifecycle import Status
from mockserver.contract.operations import OperationName
from mockserver.control.routing import NOT_FOUND, OutOfMemory, ProjectId, control_router, get_sandbox
from mockserver.errors import ApiError
from mockserver.instants import Timestamp, timestamp
from mockserver.messages import quoted
from mockserver.sandbox.journal import CAPACITY
from mockserver.sandbox.judged import judge
from mockserver.sandbox.records import HEADER_MAX, TARGET_MAX, RequestRecord
from mockserver.web.context import emulator_of

router = control_router()

_HEADER = f"The header of the request, at most {HEADER_MAX} characters of it."


class TriggeredFault(BaseModel):
    """A fault that a request triggered."""

    id: str
    kind: str


class RequestReading(BaseModel):
    """One request to a project."""

    number: Annotated[int, Field(description="Counts the requests to the server.")]
    at: Annotated[Timestamp, Field(description="When it arrived, by the machine's clock.")]
    projectTime: Annotated[Timestamp, Field(description="When it arrived, by the project's clock.")]
    operation: Annotated[OperationName | None, Field(description="Absent if no operation was reached.")] = None
    method: str
    path: Annotated[str, Field(description="As received, percent-encoded.")]
    query: Annotated[str, Field(description="As received, percent-encoded.")]
    cut: Annotated[
        bool | None, Field(description=f"Present if path and query were cut to {TARGET_MAX} characters together.")
    ] = None
    ignoredParameters: Annotated[list[str], Field(description="Query parameters that the operation does not know.")]
    token: Annotated[str | None, Field(description="A fingerprint, never the token itself.")] = None
    accept: Annotated[str | None, Field(description=_HEADER)] = None
    userAgent: Annotated[str | None, Field(description=_HEADER)] = None
    traceparent: Annotated[str | None, Field(description=_HEADER)] = None
    status: Annotated[int | None, Field(description="Absent if no response was sent, or not yet.")] = None
    durationMs: float
    page: Annotated[int | None, Field(description="The page of a list, by number or as its cursor says.")] = None
    restores: Annotated[
        int | None, Field(description="How many restores the page held; absent if a fault corrupted the response.")
    ] = None
    statuses: Annotated[
        dict[Status, int] | None,
        Field(description="How many of these restores were in each status; only statuses that occur."),
    ] = None
    hasNextPage: Annotated[bool | None, Field(description="Whether the page said that another one follows.")] = None
    walk: Annotated[
        int | None, Field(description="The walk that it belongs to: its place in the list of walks, from 1.")
    ] = None
    requestId: Annotated[str, Field(description="The header `x-request-id` of its response.")]
    earlyMs: Annotated[
        int | None,
        Field(description="For a retry before the time that the failed response had named: how many ms before."),
    ] = None
    retryAfter: Annotated[str | None, Field(description="The header of the response.")] = None
    errorId: Annotated[str | None, Field(description="The `id` in the body of the error: its kind.")] = None
    errorMessage: Annotated[str | None, Field(description="The `message` in the body of the error.")] = None
    faults: Annotated[list[TriggeredFault], Field(description="The faults that it triggered.")]


class RequestReadings(BaseModel):
    """The last requests to a project, in the order of their responses."""

    requests: list[RequestReading]
    count: Annotated[int, Field(description="How many requests are listed.")]
    dropped: Annotated[int, Field(description="How many earlier requests are no longer kept.")]
    outOfMemory: OutOfMemory


class FoundRequest(BaseModel):
    """Where a request is recorded."""

    projectId: str
    number: Annotated[int, Field(description="Its number in the journal.")]


@router.get("/requests/{requestId}", responses=NOT_FOUND, summary="Find a request by the x-request-id of its response")
async def find_request(
    request: Request, request_id: Annotated[str, Path(alias="requestId", description="The header's value.")]
) -> FoundRequest:
    for sandbox in emulator_of(request).sandboxes.all():
        for record in sandbox.journal:
            if record.request_id == request_id:
                return FoundRequest(projectId=sandbox.id, number=record.number)
    raise ApiError(404, f"no journal has a request {quoted(request_id)} (any more)")


@router.get(
    "/projects/{projectId}/requests",
    response_model=RequestReadings,
    responses=NOT_FOUND,
    summary="List the last requests to a project",
)
async def list_requests(
    request: Request,
    project_id: ProjectId,
    since: Annotated[int, Query(ge=0, description="Only requests with a higher number.")] = 0,
    limit: Annotated[int, Query(ge=1, le=CAPACITY, description="At most this many, the last ones.")] = CAPACITY,
    failed: Annotated[
        bool | None, Query(description="Only requests that got an error or no complete response, or only the others.")
    ] = None,
    walk: Annotated[int | None, Query(ge=1, description="Only requests of this walk.")] = None,
    operation: Annotated[OperationName | None, Query(description="Only requests of this operation.")] = None,
    error_id: Annotated[str | None, Query(alias="errorId", description="Only errors with this id.")] = None,
) -> Response:
    sandbox = get_sandbox(request, project_id)
    journal = sandbox.journal
    walks = judge(emulator_of(request).store.connection, sandbox).walks
    walk_numbers = {number: position for position, each in enumerate(walks, start=1) for number in each.requests}
    early = {retry.number: retry.early_ms for each in walks for retry in each.early_retries}
    matching = [
        record
        for record in journal
        if record.number > since
        and failed in (None, record.has_failed)
        and walk in (None, walk_numbers.get(record.number))
        and operation in (None, record.operation)
        and error_id in (None, record.error_id if record.failed else None)
    ]
    requests = [
        _reading(record, walk_numbers.get(record.number), early.get(record.number)) for record in matching[-limit:]
    ]
    body = RequestReadings(
        requests=requests, count=len(requests), dropped=journal.dropped, outOfMemory=journal.out_of_memory
    )
    # the framework would check and convert it once more, and hold up everybody else meanwhile
    return Response(body.model_dump_json(exclude_none=True), media_type="application/json")


def _reading(record: RequestRecord, walk: int | None, early_ms: int | None) -> RequestReading:
    list_request = record.as_list_request()
    page = None if list_request is None or list_request.failed else list_request
    return RequestReading(
        number=record.number,
        at=timestamp(record.arrived),
        projectTime=timestamp(record.time_in_project),
        operation=record.operation,
        method=record.method,
        path=record.path,
        query=record.query,
        cut=record.cut or None,
        ignoredParameters=list(record.ignored_parameters),
        token=record.token,
        accept=record.headers.accept,
        userAgent=record.headers.user_agent,
        traceparent=record.headers.traceparent,
        status=record.status or None,
        durationMs=round(record.duration_ms, 3),
        page=None if record.listing is None else record.listing.number,
        restores=None if page is None else len(page.restores),
        statuses=None if page is None else dict(Counter(page.statuses)),
        hasNextPage=None if page is None else page.has_next,
        walk=walk,
        requestId=record.request_id,
        earlyMs=early_ms,
        retryAfter=record.retry_after,
        errorId=record.error_id if record.failed else None,
        errorMessage=record.message,
        faults=[TriggeredFault(id=active.id, kind=active.fault.name()) for active in record.triggered_rules],
    )
