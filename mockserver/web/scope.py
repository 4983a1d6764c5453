"""What the gate puts into the ASGI scope for the handlers."""

from starlette.requests import Request

from mockserver.emulator import Emulator
from mockserver.errors import ApiError
from mockserver.messages import quoted
from mockserver.sandbox.records import RequestRecord
from mockserver.sandbox.sandbox import Sandbox

REJECTED = "mockserver.rejected"
"""Where in the ASGI scope is the error that a request was refused with while it was still arriving."""
EMULATOR = "mockserver.emulator"
RECORD = "mockserver.record"
OWN = "mockserver.own"
SANDBOX = "mockserver.sandbox"


def emulator_of(request: Request) -> Emulator:
    """The server that received a request."""
    emulator: Emulator = request.scope[EMULATOR]
    return emulator


def record_of(request: Request) -> RequestRecord:
    """The record of a request, as far as it is known."""
    record: RequestRecord = request.scope[RECORD]
    return record


def sandbox_of(request: Request) -> Sandbox | None:
    """The project that a request is about: the one in its path, else its token's; None without either."""
    sandbox: Sandbox | None = request.scope[SANDBOX]
    return sandbox


def own_sandbox(request: Request) -> Sandbox | None:
    """The project that the request's token belongs to; None if it belongs to no project."""
    own: Sandbox | None = request.scope[OWN]
    return own


def now_in(request: Request, sandbox: Sandbox) -> int:
    """The time of a request in a project; for the project that it is about, exactly the time in its record."""
    recorded = record_of(request).project_time if sandbox is sandbox_of(request) else None
    return sandbox.clock.now() if recorded is None else recorded


def visible_sandbox(request: Request, project_id: str) -> Sandbox:
    """The project with that id; raises ApiError 404 if there is none, or if the token belongs to another project."""
    sandbox = emulator_of(request).sandboxes.find(project_id)
    if sandbox is None:
        raise ApiError(404, f"no project {quoted(project_id)}")
    own = own_sandbox(request)
    if own is not None and own.id != sandbox.id:  # not `is`: a reset replaces it, perhaps while the body arrives
        belongs = f'it belongs to project "{own.id}" and sees only that one'
        raise ApiError(404, f"no project {quoted(project_id)} for this token: {belongs}")
    return sandbox
