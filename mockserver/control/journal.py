"""The journal: what a project's clients requested, and what they received."""

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, Field

from mockserver.contract.operations import OperationName
from mockserver.control.routing import NOT_FOUND, OutOfMemory, ProjectId, control_router, get_sandbox
from mockserver.instants import Timestamp, timestamp
from mockserver.sandbox.journal import HEADER_MAX, TARGET_MAX, RequestRecord
from mockserver.walks.walks import ListRequest, group_into_walks

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
    projectTime: Annotated[Timestamp, Field(description="When it arrived, by the project's clock.")]  # noqa: N815
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
    accept: Annotated[str | None, Field(description=_HEADER)] = None
    userAgent: Annotated[str | None, Field(description=_HEADER)] = None  # noqa: N815
    traceparent: Annotated[str | None, Field(description=_HEADER)] = None
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
    requestId: Annotated[str, Field(description="The header `x-request-id` of its response.")]  # noqa: N815
    earlyMs: Annotated[  # noqa: N815
        int | None,
        Field(description="For a retry before the time that the failed response had named: how many ms before."),
    ] = None
    retryAfter: Annotated[str | None, Field(description="The header of the response.")] = None  # noqa: N815
    errorId: Annotated[str | None, Field(description="The `id` in the body of the error: its kind.")] = None  # noqa: N815
    errorMessage: Annotated[str | None, Field(description="The `message` in the body of the error.")] = None  # noqa: N815
    faults: Annotated[list[TriggeredFault], Field(description="The faults that it triggered.")]


class RequestReadings(BaseModel):
    """The last requests to a project, in the order of their responses."""

    requests: list[RequestReading]
    count: Annotated[int, Field(description="How many requests are listed.")]
    dropped: Annotated[int, Field(description="How many earlier requests are no longer kept.")]
    outOfMemory: OutOfMemory  # noqa: N815


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
    early = {retry.number: retry.early_ms for walk in walks for retry in walk.early_retries}
    readings = [
        _reading(record, list_requests[record.number], walk_numbers.get(record.number), early.get(record.number))
        for record in journal
    ]
    return RequestReadings(
        requests=readings, count=len(readings), dropped=journal.dropped, outOfMemory=journal.out_of_memory
    )


def _reading(
    record: RequestRecord, list_request: ListRequest | None, walk: int | None, early_ms: int | None
) -> RequestReading:
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
        hasNextPage=None if page is None else page.next_cursor is not None,
        walk=walk,
        requestId=record.request_id,
        earlyMs=early_ms,
        retryAfter=record.retry_after,
        errorId=record.error_id if record.failed else None,
        errorMessage=record.message,
        faults=[TriggeredFault(id=active.id, kind=active.fault.name()) for active in record.triggered_rules],
    )
