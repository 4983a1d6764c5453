"""Sends one client's requests, and compares each response with the model of the project."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from endurance.connection import Address, Connection, LostError, machine_now
from endurance.model.answers import WrongResponseError, check, check_error, parsed
from endurance.model.lives import Window
from endurance.model.messages import Request, Response
from endurance.model.project import ADDON, Page, Project, Query
from endurance.model.rules import BY_CHANCE, Outcome
from endurance.model.writes import Write, api_path
from endurance.soak.tally import Tally


class Requester:
    """Sends and checks the requests of one client, over one connection."""

    def __init__(self, address: Address, random: Random, tally: Tally) -> None:
        self.address = address
        self.random = random
        self.tally = tally
        self.connection = Connection(address)

    async def send(
        self,
        project: Project,
        request: Request,
        *,
        status: int = 200,
        operation: str | None = None,
        page: int | None = None,
        connection: Connection | None = None,
        pause: float = 0.0,
    ) -> tuple[Response | None, Outcome, Window]:
        """Sends a request; returns the response, the outcome of the fault rules, and the machine's instant.

        The response is None if a fault replaced it. ``operation`` is only for requests with which nothing is wrong.
        Raises WrongResponseError for anything unexpected.
        """
        began = machine_now()
        response = lost = None
        try:
            response = await (connection or self.connection).request(request, pause=pause)
        except LostError as failure:
            lost = failure
        project.history.append((request, str(lost or (response and response.status))))
        by_chance = response is not None and response.status == BY_CHANCE
        machine = Window(began, machine_now()) if response is None else response.machine
        outcome = Outcome()
        if operation is not None:
            now = project.clock.now(machine).earliest  # a rule that holds is on a clock that the model knows exactly
            outcome = project.rules.trigger(operation, page, now, by_chance=by_chance)
        self.tally.requests += 1
        self.tally.faults.update(rule.kind for rule in outcome.triggered)
        if response is not None and not outcome.is_delayed and not pause:
            self.tally.took(response.seconds, request)
        if outcome.decisive is not None:
            _check_fault(outcome, outcome.decisive.fault, response, lost)
            return None, outcome, machine
        if response is None or response.is_truncated:
            raise WrongResponseError("no whole response", f"status {status}", str(lost or "a truncated body"))
        if response.seconds * 1000 < outcome.delay_ms:
            raise WrongResponseError(
                "a response that came too early", f"{outcome.delay_ms} ms", f"{response.seconds} s"
            )
        if status >= 400:
            check_error(response.status, parsed(response), status)
        elif response.status != status:
            raise WrongResponseError(
                "the status", f"{status}", f"{response.status} {response.body.decode(errors='replace')}"
            )
        return response, outcome, machine

    async def write(self, project: Project, write: Write) -> None:
        """Makes one change, on the server and in the model."""
        token = project.token if write.path.startswith("/v1") else None
        request = Request(write.method, write.path, token, write.body)
        operation = write.operation if write.status < 400 else None
        response, outcome, machine = await self.send(project, request, status=write.status, operation=operation)
        if write.status < 400 and outcome.is_carried_out:
            write.apply(project, machine, None if response is None else parsed(response))

    async def page(
        self,
        project: Project,
        query: Query,
        *,
        token: str | None = None,
        connection: Connection | None = None,
        pause: float = 0.0,
    ) -> Page | None:
        """Requests one page of a list and checks it; None if a fault replaced it."""
        operation = "list-addon-restores" if query.of_addon else "list-restores"
        request = Request("GET", self._path(project, query), token or project.token)
        response, outcome, machine = await self.send(
            project, request, operation=operation, page=query.page, connection=connection, pause=pause
        )
        checked = None
        if response is not None:
            checked = project.check_page(query, parsed(response), project.clock.now(machine))
            project.clock.tick()
        for mutation in outcome.mutations:
            project.mutate(project.clock.now(machine), mutation)
        return checked

    async def read(self, project: Project, path: str, *, token: str | None = None) -> tuple[Any, Window]:
        """Sends a GET that no fault rule matches; the body, and the project's instant."""
        response, _, machine = await self.send(project, Request("GET", path, token))
        return None if response is None else parsed(response), project.clock.now(machine)

    async def rejected(self, project: Project, path: str, status: int, *, token: str | None) -> None:
        """Sends a request that must be rejected with this status."""
        await self.send(project, Request("GET", path, token), status=status)

    def _path(self, project: Project, query: Query) -> str:
        path = (
            f"/v1/projects/{project.id}/addons/{ADDON}/restores" if query.of_addon else f"{api_path(project)}/restores"
        )
        if self.random.random() < 0.1:
            path = path.replace("/v1/", "/v1/teams/any-team/", 1)
        if query.after is not None:
            return f"{path}?per_page={query.per_page}&cursor={project.cursors[query.of_addon, query.after, query.page]}"
        parts = [f"per_page={query.per_page}"] if query.per_page != 50 else []
        parts += [f"page={query.page}"] if query.page != 1 else []
        return path + ("?" if parts else "") + "&".join(parts)


def _check_fault(outcome: Outcome, fault: dict[str, Any], response: Response | None, lost: LostError | None) -> None:
    """Raises WrongResponseError unless the response is as the fault says."""
    if fault["kind"] == "reset":
        if lost is None or not lost.is_reset:
            raise WrongResponseError("the fault reset", "a TCP reset", str(lost or response))
        return
    if response is None:
        raise WrongResponseError(f"the fault {fault['kind']}", "a response", str(lost))
    match fault["kind"]:
        case "status":
            check_error(response.status, parsed(response), fault["status"])
        case "rate-limit":
            check_error(response.status, parsed(response), 429)
            check(str(outcome.reset), response.headers.get("retry-after"), "retry-after")
        case "truncate":
            check(response.promised // 2, len(response.body), "the size of a truncated body")
        case _:
            _check_malformed(response)


def _check_malformed(response: Response) -> None:
    check(200, response.status, "the status of a malformed body")
    try:
        response.json()
    except ValueError:
        return
    raise WrongResponseError("a malformed body", "no JSON", response.body.decode(errors="replace"))


Step = Callable[[Requester, Project], Awaitable[None]]
"""A step that a client takes with a project."""
