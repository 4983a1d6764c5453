"""One client of the soak: it creates projects, changes and reads them in random order, and deletes them."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from random import Random
from time import monotonic

from endurance.connection import Address, Connection, LostError, machine_now
from endurance.model import choices, writes
from endurance.model.answers import WrongResponseError
from endurance.model.lives import exactly
from endurance.model.messages import Request
from endurance.model.project import Project
from endurance.model.writes import InconclusiveError
from endurance.report import WrongResponse
from endurance.soak.nuisances import NUISANCES
from endurance.soak.reads import READS
from endurance.soak.requester import Requester, Step
from endurance.soak.tally import Tally

PROJECTS = 2
SHORTEST_LIFE, LONGEST_LIFE = 10, 60
"""The number of steps for which a project is kept: few enough that its journal keeps all of its requests."""

_IDS = re.compile(r"[0-9a-f]{24}|\d{12,13}")


class Client:
    """One client. ``projects`` are those of all clients, to find out whose data a wrong response shows."""

    def __init__(self, number: int, address: Address, seed: int, tally: Tally, projects: dict[str, Project]) -> None:
        self._number = number
        self._random = Random(f"{seed}/client/{number}")
        self._tally = tally
        self._projects = projects
        self._steps_left: dict[str, int] = {}
        self._requester = Requester(address, self._random, tally)
        self._idle = Connection(address)
        self._began = monotonic()

    async def run(self, delay: float, is_over: Callable[[], bool]) -> None:
        """Starts after ``delay`` seconds and runs until ``is_over``. A second connection stays idle all the time."""
        await asyncio.sleep(delay)
        with suppress(OSError):
            await self._idle.send(b"")
        while not is_over():
            await self._guarded(await self._next_project())
        for project_id in list(self._steps_left):
            await self._drop(self._projects[project_id])
        self._idle.close()
        self._requester.connection.close()

    async def _next_project(self) -> Project:
        project_id = f"soak-{self._number}-{self._random.randrange(PROJECTS)}"
        if project_id not in self._steps_left:
            self._projects[project_id] = choices.new_project(self._random, project_id)
            self._steps_left[project_id] = 0
        return self._projects[project_id]

    async def _guarded(self, project: Project) -> None:
        """Takes one step with a project, and drops the project if anything is wrong."""
        try:
            await self._step(project)
        except WrongResponseError as wrong:
            self._note(project, wrong)
            await self._drop(project)
        except (LostError, OSError) as failure:
            self._note(project, WrongResponseError("cannot connect", "a connection", str(failure)))
            await self._drop(project)
        except InconclusiveError:
            self._tally.inconclusive += 1
            await self._drop(project)

    async def _step(self, project: Project) -> None:
        left = self._steps_left[project.id]
        if not left:
            await self._requester.write(project, writes.create(project))
            self._steps_left[project.id] = self._random.randint(SHORTEST_LIFE, LONGEST_LIFE)
            return
        self._steps_left[project.id] = left - 1
        if left == 1:
            await self._delete(project)
            return
        step = self._random.choices(list(STEPS), list(STEPS.values()))[0]
        await step(self._requester, project)

    async def _delete(self, project: Project) -> None:
        """Deletes a project, and checks that it is gone."""
        await self._requester.write(project, writes.delete(project))
        await self._requester.rejected(project, f"{writes.api_path(project)}/restores", 404, token=project.token)
        del self._steps_left[project.id], self._projects[project.id]

    async def _drop(self, project: Project) -> None:
        """Deletes a project, and ignores the response."""
        del self._steps_left[project.id], self._projects[project.id]
        with suppress(LostError):
            await self._requester.connection.request(Request("DELETE", writes.control_path(project)))

    def _note(self, project: Project, wrong: WrongResponseError) -> None:
        reported = set(_IDS.findall(wrong.got))
        strangers = [
            other.id
            for other in self._projects.values()
            if other is not project and reported & {*map(str, other.lives), *other.object_ids.values()}
        ]
        difference = str(wrong) + (f"; it is data of project {', '.join(strangers)}" if strangers else "")
        self._tally.wrong.append(
            WrongResponse(
                client=self._number,
                project=project.id,
                seconds=monotonic() - self._began,
                difference=difference,
                expected=wrong.expected,
                got=wrong.got,
                history=project.history,
            )
        )


async def change(requester: Requester, project: Project) -> None:
    """Changes the project in any way."""
    now = project.clock.now(exactly(machine_now()))
    await requester.write(project, choices.write(requester.random, project, now))


STEPS: dict[Step, int] = {**READS, **NUISANCES, change: 20}
"""The steps and their weights."""
