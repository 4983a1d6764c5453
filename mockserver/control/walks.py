"""The walks of a project's clients, and the verdicts on them."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import BeforeValidator, Field

from mockserver.contract.lifecycle import Status
from mockserver.control.readings import InstantReading, Reading
from mockserver.control.routing import OutOfMemory, ProjectId, get_sandbox, project_router
from mockserver.control.waiting import BUSY, Wait, wait_for
from mockserver.errors import ErrorId, InvalidFieldError
from mockserver.sandbox.judged import judge
from mockserver.walks.verdicts import Verdict
from mockserver.web.context import emulator_of

router = project_router()


class WalkReading(Reading):
    """One walk, and the verdict on it."""

    addonId: str
    backupId: str
    requests: Annotated[list[int], Field(description="The numbers of its requests, in the order of their responses.")]
    token: Annotated[str, Field(description="A fingerprint, never the token itself.")]
    verdict: Verdict
    pages: Annotated[int, Field(description="Distinct pages received.")]
    restoresSeen: Annotated[int, Field(description="Distinct restores received.")]
    restoresSent: Annotated[int, Field(description="Restores received, each as often as it was sent.")]
    restoresRepeated: Annotated[int, Field(description="Distinct restores that were sent more than once.")]
    restoresTotal: Annotated[
        int, Field(description="Restores in the list from the walk's first one on; at least those seen.")
    ]
    retries: int
    retriesTooEarly: Annotated[
        int,
        BeforeValidator(len),
        Field(
            validation_alias="early_retries",
            description="Retries before the time that the failed response had named, by either clock.",
        ),
    ]
    since: Annotated[InstantReading, Field(description="When its first request arrived, by the machine's clock.")]
    until: Annotated[InstantReading, Field(description="When its last request arrived.")]
    explanation: str
    polls: Annotated[int | None, Field(description="Polls only: how often the first page was requested.")] = None
    shortestIntervalMs: Annotated[int | None, Field(description="Polls only: by the machine's clock.")] = None
    shortestProjectIntervalMs: Annotated[int | None, Field(description="Polls only: by the project's clock.")] = None
    statusesSeen: Annotated[list[Status] | None, Field(description="Polls only.")] = None
    polledAfterEnd: Annotated[
        bool | None, Field(description="Polls only: whether it continued after all restores had ended.")
    ] = None


class WalkReadings(Reading):
    """The walks of a project's clients, in the order of their beginning."""

    walks: list[WalkReading]
    dropped: Annotated[int, Field(description="How many requests the journal no longer keeps: they are not judged.")]
    outOfMemory: OutOfMemory
    reached: Annotated[bool | None, Field(description="Whether a walk has the verdict `until`; absent without it.")] = (
        None
    )


@router.get("/walks", responses=BUSY, summary="Judge the walks of a project's clients")
async def list_walks(
    request: Request,
    project_id: ProjectId,
    until: Annotated[Verdict | None, Query(description="Wait until a walk has this verdict.")] = None,
    wait: Wait = 0,
) -> WalkReadings:
    if wait and until is None:
        raise InvalidFieldError("wait", "requires until, the verdict to wait for", ErrorId.INVALID_QUERY)

    def judged(reached: bool | None) -> WalkReadings:
        sandbox = get_sandbox(request, project_id)
        walks = judge(emulator_of(request).store.connection, sandbox).walks
        journal = sandbox.journal
        return WalkReadings(walks=walks, dropped=journal.dropped, outOfMemory=journal.out_of_memory, reached=reached)

    if until is None:
        return judged(None)

    def check() -> WalkReadings | None:
        walks = judge(emulator_of(request).store.connection, get_sandbox(request, project_id)).walks
        return judged(True) if any(walk.verdict is until for walk in walks) else None

    reached = await wait_for(request, lambda: get_sandbox(request, project_id).journal.watchers, check, wait)
    return reached or judged(False)
