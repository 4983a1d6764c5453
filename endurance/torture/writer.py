"""One writer of the torture: it changes its projects until the server is killed, and models acknowledged writes."""

from copy import deepcopy
from random import Random
from typing import Any, NamedTuple

from endurance.connection import Address, Connection, LostError, machine_now
from endurance.model import choices, writes
from endurance.model.answers import WrongResponseError, parsed
from endurance.model.lives import Window, exactly
from endurance.model.messages import Request
from endurance.model.project import Project
from endurance.model.writes import Write

PROJECTS = 4
_DELETE_SHARE = 0.01


class InFlight(NamedTuple):
    """A change without a response: its project is now as ``before`` or as ``after``; None means no project."""

    project_id: str
    before: Project | None
    after: Project | None


class Writer:
    """``projects`` have all acknowledged changes; ``in_flight`` is a change that may have been made."""

    def __init__(self, number: int, seed: int) -> None:
        self.number = number
        self._random = Random(f"{seed}/writer/{number}")
        self.projects: dict[str, Project] = {}
        self.in_flight: InFlight | None = None
        self.acknowledged = 0
        self.current: Project

    async def run(self, address: Address) -> None:
        """Makes changes until the server is gone. Raises WrongResponseError for a wrong response."""
        connection = Connection(address)
        while self.in_flight is None:
            await self.write(connection)
        connection.close()

    def candidates(self) -> dict[str, list[Project | None]]:
        """For each of its projects, the states that it may be in now."""
        candidates: dict[str, list[Project | None]] = {key: [project] for key, project in self.projects.items()}
        if self.in_flight is not None:
            candidates[self.in_flight.project_id] = [self.in_flight.before, self.in_flight.after]
        return candidates

    def settle(self, project_id: str, project: Project | None) -> None:
        """Continues with the state that a project turned out to have."""
        if project is None:
            self.projects.pop(project_id, None)
        else:
            self.projects[project_id] = project

    async def write(self, connection: Connection) -> None:
        """Makes one change of a random project."""
        project_id = f"torture-{self.number}-{self._random.randrange(PROJECTS)}"
        before = self.projects.get(project_id)
        self.current = project = before or choices.new_project(self._random, project_id, ["frozen"])
        write = self._choose(project, is_new=before is None)
        token = project.token if write.path.startswith("/v1") else None
        request = Request(write.method, write.path, token, write.body)
        began = machine_now()
        is_deleted = write.method == "DELETE" and write.path == writes.control_path(project)
        try:
            response = await connection.request(request)
        except LostError as lost:
            project.history.append((request, str(lost)))
            after = deepcopy(project)
            _apply(write, after, Window(began, machine_now()), None)
            self.in_flight = InFlight(project_id, before, None if is_deleted else after)
            return
        project.history.append((request, str(response.status)))
        if response.status != write.status:
            raise WrongResponseError(
                f"{request}: the status", str(write.status), f"{response.status} {response.body!r}"
            )
        _apply(write, project, response.machine, parsed(response))
        self.settle(project_id, None if is_deleted else project)
        self.acknowledged += write.status < 400

    def _choose(self, project: Project, *, is_new: bool) -> Write:
        if is_new:
            return writes.create(project)
        if self._random.random() < _DELETE_SHARE:
            return writes.delete(project)
        return choices.lasting_write(self._random, project, project.clock.now(exactly(machine_now())))


def _apply(write: Write, project: Project, machine: Window, body: Any) -> None:
    if write.status < 400:
        write.apply(project, machine, body)
