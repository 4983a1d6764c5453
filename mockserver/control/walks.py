"""The walks of a project's clients, and the verdicts on them."""

from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, Field

from mockserver.contract.lifecycle import Status
from mockserver.control.routing import NOT_FOUND, OutOfMemory, ProjectId, control_router, get_sandbox
from mockserver.instants import Timestamp, timestamp
from mockserver.store import queries
from mockserver.store.queries import BackupPath
from mockserver.walks.verdicts import JudgedWalk, Verdict, verdicts
from mockserver.web.scope import emulator_of

router = control_router()


class WalkReading(BaseModel):
    """One walk, and the verdict on it."""

    addonId: str  # noqa: N815
    backupId: str  # noqa: N815
    token: Annotated[str, Field(description="A fingerprint, never the token itself.")]
    verdict: Verdict
    pages: Annotated[int, Field(description="Distinct pages received.")]
    restoresSeen: Annotated[int, Field(description="Distinct restores received.")]  # noqa: N815
    restoresSent: Annotated[int, Field(description="Restores received, each as often as it was sent.")]  # noqa: N815
    restoresRepeated: Annotated[int, Field(description="Distinct restores that were sent more than once.")]  # noqa: N815
    restoresTotal: Annotated[  # noqa: N815
        int, Field(description="Restores in the list from the walk's first one on; at least those seen.")
    ]
    retries: int
    retriesTooEarly: Annotated[  # noqa: N815
        int, Field(description="Retries before the time that the failed response had named, by either clock.")
    ]
    since: Annotated[Timestamp, Field(description="When its first request arrived, by the machine's clock.")]
    until: Annotated[Timestamp, Field(description="When its last request arrived.")]
    explanation: str
    polls: Annotated[int | None, Field(description="Polls only: how often the first page was requested.")] = None
    shortestIntervalMs: Annotated[  # noqa: N815
        int | None, Field(description="Polls only: by the machine's clock.")
    ] = None
    shortestProjectIntervalMs: Annotated[  # noqa: N815
        int | None, Field(description="Polls only: by the project's clock.")
    ] = None
    statusesSeen: Annotated[list[Status] | None, Field(description="Polls only.")] = None  # noqa: N815
    polledAfterEnd: Annotated[  # noqa: N815
        bool | None, Field(description="Polls only: whether it continued after all restores had ended.")
    ] = None


class WalkReadings(BaseModel):
    """The walks of a project's clients, in the order of their beginning."""

    walks: list[WalkReading]
    dropped: Annotated[int, Field(description="How many requests the journal no longer keeps: they are not judged.")]
    outOfMemory: OutOfMemory  # noqa: N815


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


def _walk_reading(walk: JudgedWalk) -> WalkReading:
    poll: dict[str, Any] = {}
    if walk.verdict is Verdict.POLL:
        poll = {
            "polls": walk.polls,
            "shortestIntervalMs": walk.shortest_interval_ms,
            "shortestProjectIntervalMs": walk.shortest_project_interval_ms,
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
        restoresSent=walk.restores_sent,
        restoresRepeated=walk.restores_repeated,
        restoresTotal=walk.restores_total,
        retries=walk.retries,
        retriesTooEarly=len(walk.early_retries),
        since=timestamp(walk.since),
        until=timestamp(walk.until),
        explanation=walk.explanation,
        **poll,
    )
