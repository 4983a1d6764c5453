"""Hands a request in the common form straight to its operation: the framework's router and dependency solver take
longer than the operation itself.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.api.operation import Operation
from mockserver.web.context import CONTEXT

_REMEMBERED = 512
_REMEMBERED_BYTES = 512
"""How many bytes path and query may have together if what they lead to is remembered."""


class Dispatch:
    """Wraps an application, which gets every request that is not in the common form (see ``Operation``)."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._operations = [route for route in routes if isinstance(route, Operation)]
        self._find = lru_cache(_REMEMBERED)(self._match)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = None
        if scope["type"] == "http" and len(scope["path"]) + len(scope["query_string"]) <= _REMEMBERED_BYTES:
            match = self._find(scope["method"], scope["path"], scope["query_string"])
        if match is None:
            await self._app(scope, receive, send)
            return
        operation, arguments = match
        context = scope[CONTEXT]
        operation.begin(context)
        response = await operation.endpoint(context, **arguments)
        await response(scope, receive, send)

    def _match(self, method: str, path: str, query: bytes) -> tuple[Operation, dict[str, Any]] | None:
        for operation in self._operations:
            arguments = operation.common_arguments(method, path, query)
            if arguments is not None:
                return operation, arguments
        return None
