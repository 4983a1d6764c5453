"""What the project's clients saw of one restore, and how often they asked."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import Field

from mockserver.contract.lifecycle import Status
from mockserver.contract.versions import Contract
from mockserver.control.readings import Reading
from mockserver.control.routing import ProjectId, get_sandbox, project_router
from mockserver.errors import ApiError
from mockserver.messages import quoted
from mockserver.store import object_ids, queries
from mockserver.walks.polls import polls_of
from mockserver.web.context import emulator_of

router = project_router()


class PollReading(Reading):
    """The responses that held one restore."""

    restore: Annotated[int | str, Field(description="The restore's id.")]
    responses: Annotated[int, Field(description="How many responses to list requests held the restore.")]
    statusesSeen: Annotated[
        list[Status], Field(description="Its statuses in these responses, in order; consecutive equal ones once.")
    ]
    shortestIntervalMs: Annotated[
        int | None,
        Field(description="Between two of these requests with one token, by the machine's clock; null for only one."),
    ]
    shortestProjectIntervalMs: Annotated[int | None, Field(description="The same by the project's clock.")]
    polledAfterEnd: Annotated[
        int,
        Field(
            description="List requests with a token that had had a response in which the restore had ended, "
            "without those for the other pages of that walk."
        ),
    ]


@router.get("/polls", response_model=PollReading, summary="Tell how clients waited for one restore")
async def list_polls(
    request: Request,
    project_id: ProjectId,
    restore_id: Annotated[str, Query(alias="restore", description="The restore's id, as listed.")],
) -> Response:
    sandbox = get_sandbox(request, project_id)
    connection = emulator_of(request).store.connection
    number = object_ids.number_in_project(connection, sandbox.contract, sandbox.key, restore_id)
    missing = ApiError(404, f"no restore {quoted(restore_id)} in project {quoted(project_id)}")
    if number is None:
        raise missing
    polls = polls_of(number, filter(None, (record.as_list_request() for record in sandbox.journal)))
    if not polls.responses and not queries.is_in_project(connection, sandbox.key, number):
        raise missing
    shown = number if sandbox.contract is Contract.V2024 else restore_id
    reading = PollReading.model_validate({"restore": shown, **asdict(polls)})
    return Response(reading.model_dump_json(), media_type="application/json")  # with null for no interval
