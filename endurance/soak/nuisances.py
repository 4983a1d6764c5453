"""The steps of badly behaved clients: slow requests, and connections that are closed too early."""

from contextlib import closing

from endurance.connection import Connection
from endurance.model import choices
from endurance.model.messages import Request
from endurance.model.project import ADDON, BACKUP, Project
from endurance.model.writes import control_path
from endurance.soak.requester import Requester, Step


async def slow(requester: Requester, project: Project) -> None:
    """Sends a request in pieces, with pauses; the response must still be right."""
    with closing(Connection(requester.address)) as connection:
        pause = requester.random.uniform(0.05, 0.5)
        await requester.page(project, choices.query(requester.random), connection=connection, pause=pause)
    requester.tally.connections["slow"] += 1


async def gone(requester: Requester, _: Project) -> None:
    """Sends a request and closes the connection. Its time is unknown, so it is for a project that no client uses."""
    path = f"/v1/projects/default-project/addons/{ADDON}/backups/{BACKUP}/restores"
    await _leave(requester, Request("GET", path, "a-client-that-goes-away").to_bytes())
    requester.tally.connections["gone before the response"] += 1


async def half_a_request(requester: Requester, project: Project) -> None:
    """Closes the connection in the middle of a request, which must then change nothing."""
    reset = Request("POST", f"{control_path(project)}/reset", body={})
    delete = Request("DELETE", control_path(project))
    rule = Request("POST", f"{control_path(project)}/faults", body={"fault": {"kind": "reset"}})
    whole = requester.random.choice([reset, delete, rule]).to_bytes()
    await _leave(requester, whole[: requester.random.randint(1, len(whole) - 1)])
    requester.tally.connections["gone in mid-request"] += 1


async def _leave(requester: Requester, data: bytes) -> None:
    with closing(Connection(requester.address)) as connection:
        await connection.send(data)


NUISANCES: dict[Step, int] = {slow: 1, gone: 1, half_a_request: 1}
"""The steps and their weights."""
