"""What is known about a request while it is handled."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from mockserver.contract.versions import Contract
from mockserver.emulator import Emulator
from mockserver.errors import ApiError
from mockserver.messages import quoted
from mockserver.sandbox.records import RequestRecord
from mockserver.sandbox.sandbox import Sandbox

REJECTED = "mockserver.rejected"
"""Where in the ASGI scope is the error that a request was refused with while it was still arriving."""

CONTEXT = "mockserver.context"
"""Where in the ASGI scope is the context of the request."""


@dataclass(slots=True, eq=False)
class RequestContext:
    """A request's server and record, and its projects.

    ``sandbox`` is the project that it is about: the one in its path, else its token's; None without either. ``own`` is
    the project that its token belongs to; None if it belongs to no project.
    """

    emulator: Emulator
    record: RequestRecord
    sandbox: Sandbox | None = None
    own: Sandbox | None = None

    @property
    def contract(self) -> Contract:
        """The contract that applies: the project's, else the server's."""
        return self.emulator.settings.contract if self.sandbox is None else self.sandbox.contract

    def now_in(self, sandbox: Sandbox) -> int:
        """The time of the request in a project; in the one that it is about, exactly the time in its record."""
        recorded = self.record.project_time if sandbox is self.sandbox else None
        return sandbox.clock.now() if recorded is None else recorded

    def visible_sandbox(self, project_id: str) -> Sandbox:
        """The project with that id; raises ApiError 404 if there is none, or the token belongs to another project."""
        sandbox = self.emulator.sandboxes.find(project_id)
        if sandbox is None:
            raise ApiError(404, f"no project {quoted(project_id)}")
        own = self.own
        if own is not None and own.id != sandbox.id:  # not `is`: a reset replaces it, perhaps while the body arrives
            belongs = f'it belongs to project "{own.id}" and sees only that one'
            raise ApiError(404, f"no project {quoted(project_id)} for this token: {belongs}")
        return sandbox


def emulator_of(request: Request) -> Emulator:
    """The server that received a request."""
    context: RequestContext = request.scope[CONTEXT]
    return context.emulator


async def _context_of(request: Request) -> RequestContext:
    context: RequestContext = request.scope[CONTEXT]
    return context


Context = Annotated[RequestContext, Depends(_context_of)]
"""The context of a request, as a parameter of a handler."""
