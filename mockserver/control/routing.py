"""How routes of the control plane are declared, and how they find a project or a backup."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from mockserver.errors import ApiError, ErrorId, InvalidFieldError
from mockserver.messages import quoted
from mockserver.sandbox.sandbox import Sandbox
from mockserver.store import queries
from mockserver.store.queries import BackupKey, BackupPath
from mockserver.web.context import emulator_of
from mockserver.web.origin import CONTROL_PATH
from mockserver.web.routes import FrameworkRoute
from mockserver.web.schemas import Responses, error_response

ProjectId = Annotated[str, Path(alias="projectId", description="The project's id.")]
AddonId = Annotated[str, Path(alias="addonId", description="The addon's id.")]
BackupId = Annotated[str, Path(alias="backupId", description="The backup's id.")]

OutOfMemory = Annotated[
    bool,
    Field(
        description="Whether requests were dropped because all journals together reached their limit (--journal-mb)."
    ),
]

_ALWAYS: Responses = {
    400: error_response("The body or the query is invalid; nothing has changed."),
    403: error_response("A foreign web page sent the request, or its Host could be such a page's."),
    413: error_response("The body is longer than the server takes; nothing has changed."),
}
NOT_FOUND: Responses = {404: error_response("The project, or a part of it, does not exist; the message says which.")}
CONFLICT: Responses = {409: error_response("The present state does not allow it; the message says why.")}

_NO_BODY = (b"", b"{}")
"""The bodies that clients send to an endpoint that takes none."""


class ControlRoute(FrameworkRoute):
    """A route that rejects undeclared query parameters, and reads its body as JSON whatever its Content-Type.

    What is None is absent from its response.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options | {"response_model_exclude_none": True})

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        solve = super().get_route_handler()
        declared = [parameter.alias for parameter in self.dependant.query_params]

        async def handle(request: Request) -> Response:
            _check_query(request, declared)
            if self.body_field is None and await request.body() not in _NO_BODY:
                raise ApiError(400, "this endpoint takes no body; nothing has changed")
            headers = [header for header in request.scope["headers"] if header[0] != b"content-type"]
            return await solve(Request({**request.scope, "headers": headers}, request.receive))

        return handle


def _check_query(request: Request, declared: list[str]) -> None:
    """Each parameter must be declared, and come at most once."""
    received: set[str] = set()
    for name, _ in parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True):
        if name not in declared:
            takes = ", ".join(declared) or "none"
            message = f"unknown query parameter {quoted(name)}: this endpoint takes {takes}"
            raise ApiError(400, message, error_id=ErrorId.INVALID_QUERY)
        if name in received:
            raise InvalidFieldError(name, "must be given once", ErrorId.INVALID_QUERY)
        received.add(name)


def control_router(path: str = "", responses: Responses | None = None) -> APIRouter:
    """A router for routes of the control plane, below ``/_mock`` and ``path``."""
    return APIRouter(
        prefix=f"{CONTROL_PATH}{path}",
        route_class=ControlRoute,
        responses=_ALWAYS | (responses or {}),
        strict_content_type=False,  # `curl -d` sends a form; ControlGuard rejects foreign pages
    )


def project_router() -> APIRouter:
    """A router for routes below ``/_mock/projects/{projectId}``, which may respond that there is no such project."""
    return control_router("/projects/{projectId}", NOT_FOUND)


def get_sandbox(request: Request, project_id: str) -> Sandbox:
    """The project with that id; raises ApiError 404."""
    sandbox = emulator_of(request).sandboxes.find(project_id)
    if sandbox is None:
        raise ApiError(404, f"no project {quoted(project_id)}")
    return sandbox


def find_backup(request: Request, path: BackupPath) -> tuple[Sandbox, BackupKey]:
    """The project and the keys of a backup; raises ApiError 404 for the first part of ``path`` that does not exist."""
    sandbox = get_sandbox(request, path.project_id)
    return sandbox, queries.backup_key(emulator_of(request).store.connection, path)
