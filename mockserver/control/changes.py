"""Waits until a project changes, or the list of projects."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, Field

from mockserver.control.routing import NOT_FOUND, ProjectId, control_router, get_sandbox
from mockserver.control.waiting import BUSY, Wait, wait_for
from mockserver.web.context import emulator_of

router = control_router()

PARTS = ("requests", "clock", "faults", "restores")
PROJECTS = "projects"

Since = Annotated[
    str | None, Query(description="The version of an earlier response; without one, the response comes at once.")
]


class Changes(BaseModel):
    """What has changed since a version; nothing if the time to wait has passed first."""

    version: Annotated[str, Field(description="To send as `since` next time. Compare it with nothing else.")]
    changed: Annotated[
        list[str],
        Field(
            description=f"Of a project: {', '.join(PARTS)}; all of them if it was reset, the server was restarted, or "
            f"`since` is not from here. Of the server: {PROJECTS}."
        ),
    ]


@router.get("/projects/{projectId}/changes", responses=NOT_FOUND | BUSY, summary="Wait for a change of a project")
async def get_changes(request: Request, project_id: ProjectId, since: Since = None, wait: Wait = 0) -> Changes:
    known = _parse(since)

    def check() -> Changes | None:
        version = get_sandbox(request, project_id).version
        is_known = len(known) == len(version) and known["epoch"] == version["epoch"]
        changed = [part for part in PARTS if not is_known or known[part] != version[part]]
        return Changes(version=".".join(version.values()), changed=changed) if changed else None

    changes = await wait_for(request, lambda: get_sandbox(request, project_id).journal.watchers, check, wait)
    return changes or Changes(version=since or "", changed=[])


@router.get("/changes", responses=BUSY, summary="Wait for a change of the list of projects")
async def get_server_changes(request: Request, since: Since = None, wait: Wait = 0) -> Changes:
    sandboxes = emulator_of(request).sandboxes

    def check() -> Changes | None:
        version = sandboxes.version
        return Changes(version=version, changed=[PROJECTS]) if version != since else None

    changes = await wait_for(request, lambda: sandboxes.journals.watchers, check, wait)
    return changes or Changes(version=since or "", changed=[])


def _parse(version: str | None) -> dict[str, str]:
    """The parts of a project's version; none if it is not one."""
    parts = (version or "").split(".")
    names = ("epoch", *PARTS)
    return dict(zip(names, parts, strict=True)) if len(parts) == len(names) else {}
