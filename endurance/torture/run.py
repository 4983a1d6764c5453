"""Runs a torture: kill -9 while six writers write, again and again; no acknowledged write may be lost."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from time import monotonic

from endurance.connection import Address, Connection, LostError
from endurance.model.answers import WrongResponseError, at, items, parsed
from endurance.model.messages import Request
from endurance.model.project import Project
from endurance.report import Report, Say, WrongResponse, clock_of
from endurance.server import Server, ServerError
from endurance.torture.stored import compare, integrity, read
from endurance.torture.writer import Writer

WRITERS = 6
EARLY_SHARE = 0.2
"""The share of starts that are killed too, most of them before the server is ready."""

_SHORTEST_SECONDS, _LONGEST_SECONDS = 0.05, 1.5
_INTEGRITY_CYCLES = 10
_LINES = 10


@dataclass
class Torture:
    """One run."""

    cycles: int
    seed: int
    say: Say
    stopped: bool = False
    kills: int = 0
    early_kills: int = 0
    checked: int = 0
    integrity_checks: int = 0
    in_flight: Counter[str] = field(default_factory=Counter)
    starts: list[float] = field(default_factory=list)
    lost: list[WrongResponse] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def stop(self) -> None:
        """Ends it after this cycle."""
        self.stopped = True

    def __post_init__(self) -> None:
        self.writers = [Writer(number, self.seed) for number in range(WRITERS)]
        self._random = Random(f"{self.seed}/torture")
        self._began = monotonic()

    async def run(self, folder: Path) -> Report:
        """Starts and kills servers, one after another, with their data in a file in ``folder``."""
        database = folder / "torture.db"
        try:
            while self.kills < self.cycles and not (self.stopped or self.lost or self.failures):
                await self._cycle(folder, database)
            await self._end(folder, database)
        except (ServerError, LostError) as failure:
            self.failures.append(str(failure))
        return self._report()

    async def verify(self, address: Address) -> None:
        """Compares everything that the server at ``address`` has stored with what the writers expect."""
        with closing(Connection(address)) as connection:
            for writer in self.writers:
                for project_id, candidates in writer.candidates().items():
                    await self._settle(connection, writer, project_id, candidates)
                self.checked += writer.acknowledged
                writer.acknowledged, writer.in_flight = 0, None
            page = parsed(await connection.request(Request("GET", "/_mock/projects")))
        expected = {project_id for writer in self.writers for project_id in writer.projects}
        stored = {str(at(project, "projectId")) for project in items(page, "projects")}
        if strangers := {project_id for project_id in stored - expected if project_id.startswith("torture-")}:
            self.failures.append(f"projects that nobody created, or that were deleted: {', '.join(sorted(strangers))}")

    async def _cycle(self, folder: Path, database: Path) -> None:
        """Starts a server, checks its data, and kills it while the writers write."""
        async with self._serving(folder, database) as (server, address):
            if self.lost or self.failures:
                return
            writing = asyncio.gather(*(self._write(writer, address) for writer in self.writers))
            await asyncio.sleep(self._random.uniform(_SHORTEST_SECONDS, _LONGEST_SECONDS))
            server.check_alive()
            server.kill()
            await writing
        self.kills += 1
        if self.kills % _INTEGRITY_CYCLES == 0:
            self._check_integrity(database)
        if self.kills % max(1, self.cycles // _LINES) == 0:
            self.say(
                f"{clock_of(monotonic() - self._began):>8}  {self.kills:>5} kills  "
                f"{self.checked:>10,} acknowledged writes checked  {len(self.lost)} lost  "
                f"restart {self.starts[-1]:.2f} s"
            )

    async def _end(self, folder: Path, database: Path) -> None:
        """Starts a last server, checks its data, and ends it normally."""
        if self.lost or self.failures:
            return
        async with self._serving(folder, database) as (server, _):
            said = server.stop()
        self.failures += [] if said is None else [said]
        self._check_integrity(database)

    @asynccontextmanager
    async def _serving(self, folder: Path, database: Path) -> AsyncIterator[tuple[Server, Address]]:
        """A server with checked data, killed after the block. Before it, some servers are killed while they start."""
        options = ("--database", str(database))
        while self._random.random() < EARLY_SHARE:
            server = Server(folder, *options)
            await asyncio.sleep(self._random.uniform(0, self.starts[-1] if self.starts else 1))
            server.kill()
            self.early_kills += 1
        server = Server(folder, *options)
        try:
            began = monotonic()
            address = await server.ready()
            self.starts.append(monotonic() - began)
            await self.verify(address)
            yield server, address
        finally:
            server.kill()

    async def _write(self, writer: Writer, address: Address) -> None:
        try:
            await writer.run(address)
        except WrongResponseError as wrong:
            self._note(writer, writer.current, wrong)

    async def _settle(
        self, connection: Connection, writer: Writer, project_id: str, candidates: list[Project | None]
    ) -> None:
        """Finds out which of the candidates a stored project matches."""
        known = next(candidate for candidate in reversed(candidates) if candidate is not None)
        wrong = None
        try:
            stored = await read(connection, known)
        except WrongResponseError as failure:
            self._note(writer, known, failure)
            return
        for candidate, share in zip(candidates, ("not made", "completely made"), strict=False):
            attempt = deepcopy(candidate) if len(candidates) > 1 else candidate
            try:
                compare(attempt, stored)
            except WrongResponseError as failure:
                wrong = wrong or failure
            else:
                writer.settle(project_id, attempt)
                self.in_flight[share] += len(candidates) > 1
                return
        if wrong is not None:
            half = "half made, neither as before the last request nor as after it: " if len(candidates) > 1 else ""
            self._note(writer, known, wrong, half)

    def _note(self, writer: Writer, project: Project, wrong: WrongResponseError, how: str = "") -> None:
        self.lost.append(
            WrongResponse(
                client=writer.number,
                project=project.id,
                seconds=monotonic() - self._began,
                difference=f"{how}{wrong}",
                expected=wrong.expected,
                got=wrong.got,
                history=project.history,
            )
        )

    def _check_integrity(self, database: Path) -> None:
        self.integrity_checks += 1
        self.failures += [f"the file is damaged: {problem}" for problem in integrity(database)]

    def _report(self) -> Report:
        early = f", and {self.early_kills} more while it started" if self.early_kills else ""
        lost = [f"not as the acknowledged writes made them: {len(self.lost)} of the projects"] if self.lost else []
        summary = {
            "kills": f"{self.kills} while {WRITERS} writers wrote{early}",
            "writes checked": f"{self.checked:,} acknowledged ones",
            "lost": f"{len(self.lost)}",
            "in flight": ", ".join(f"{count:,} {share}" for share, count in sorted(self.in_flight.items())) or "none",
            "integrity": f"{self.integrity_checks} checks of the file",
        }
        if self.starts:
            summary["restart"] = (
                f"median {median(self.starts):.2f} s, slowest {max(self.starts):.2f} s, to the first response"
            )
        return Report("torture", summary, [*lost, *self.failures], self.lost)
