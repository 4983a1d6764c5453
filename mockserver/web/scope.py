"""What the gate leaves in the ASGI scope for those behind it."""

from starlette.requests import Request

from mockserver.emulator import Emulator
from mockserver.errors import ApiError
from mockserver.messages import quoted
from mockserver.sandbox.journal import RequestRecord
from mockserver.sandbox.sandboxes import Sandbox

EMULATOR = "mockserver.emulator"
RECORD = "mockserver.call"
OWN = "mockserver.own"
SANDBOX = "mockserver.sandbox"


def emulator_of(request: Request) -> Emulator:
    """The server that a request came to."""
    emulator: Emulator = request.scope[EMULATOR]
    return emulator


def record_of(request: Request) -> RequestRecord:
    """What is known of a request so far."""
    record: RequestRecord = request.scope[RECORD]
    return record


def sandbox_of(request: Request) -> Sandbox | None:
    """The project that a request is about, whoever asks: the one in its path, else its token's; None without either."""
    sandbox: Sandbox | None = request.scope[SANDBOX]
    return sandbox


def own_sandbox(request: Request) -> Sandbox | None:
    """The project that the request's token was made for; None where it is no project's own."""
    own: Sandbox | None = request.scope[OWN]
    return own


def now_in(request: Request, sandbox: Sandbox) -> int:
    """The instant of a call in a project: where the call is about that one, the instant that the journal notes."""
    recorded = record_of(request).project_time if sandbox is sandbox_of(request) else None
    return sandbox.clock.now() if recorded is None else recorded


def visible_sandbox(request: Request, project_id: str) -> Sandbox:
    """The project of that id; raises ApiError 404 where there is none, or the token is another project's own."""
    sandbox = emulator_of(request).sandboxes.find(project_id)
    if sandbox is None:
        raise ApiError(404, f"no project {quoted(project_id)}")
    own = own_sandbox(request)
    if own is not None and own.id != sandbox.id:  # not `is`: it may have been reset while a body was on its way
        raise ApiError(
            404, f'no project {quoted(project_id)} for this token, which is of project "{own.id}" and sees it alone'
        )
    return sandbox
