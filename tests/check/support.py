"""Runs the check in this process, against a server whose requests and responses a test may change."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.check.client import Client
from mockserver.check.judging import Result
from mockserver.check.options import OPTIONS, Options, parse_options
from mockserver.check.probes import UNKNOWN
from mockserver.check.requests import Token
from mockserver.check.run import Outcome, run
from mockserver.check.session import Session
from mockserver.web.delivery import SEND_WHOLE
from mockserver.web.heads import HEAD
from tests.support import RunningServer, running_server

OF_BACKUP = {"project": "default-project", "addon": "example-addon", "backup": "example-backup"}

_LIST = re.compile(r"/v1(/teams/[^/]+)?/projects/[^/]+/addons/[^/]+/backups/[^/]+/restores")


def new_token() -> str:
    """A token of which no other test has used up the rate limit."""
    return f"token-{uuid4().hex}"


def options_for(url: str, **values: Any) -> Options:
    """The options of a command line with these values."""
    names = [option.name.replace("-", "_") for option in OPTIONS]
    return parse_options(url, dict.fromkeys(names) | values, {"ANOTHER": new_token()})


def session_for(options: Options, **changes: Any) -> Session:
    """A session that never sleeps."""
    defaults: dict[str, Any] = {
        "client": Client(options.url),
        "values": {
            "projectId": options.project or "",
            "addonId": options.addon or "",
            "backupId": options.backup or "",
            "unknown": UNKNOWN,
        },
        "tokens": {} if options.make else {Token.MAIN: new_token()},
        "budget": None if options.make else options.max_requests,
        "paced": False,
        "may_write": options.make or options.writes,
        "pause": lambda _: None,
    }
    return Session(**defaults | changes)


def check(url: str, **values: Any) -> Outcome:
    """The outcome of a check with these options."""
    options = options_for(url, **values)
    return run(options, session_for(options))


def rows_with(outcome: Outcome, result: Result) -> set[str]:
    return {row for row, finding in outcome.findings.items() if finding.result is result}


@dataclass
class Request:
    """A request on its way to the application, which a mutation may change."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_list(self) -> bool:
        """Whether it is for the list of a backup's restores."""
        return self.method == "GET" and _LIST.fullmatch(self.path) is not None


@dataclass
class Response:
    """A response on its way to the client, which a mutation may change."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @json.setter
    def json(self, value: Any) -> None:
        self.body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


Before = Callable[[Request], None]
After = Callable[[Request, Response], None]


@dataclass
class Mutant:
    """An ASGI middleware around the whole application that applies the present mutation, if there is one."""

    before: Before | None = None
    after: After | None = None
    effects: int = field(default=0)
    app: ASGIApp | None = None

    def __call__(self, app: ASGIApp) -> ASGIApp:
        self.app = app
        return self._serve

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        is_api = scope["type"] == "http" and scope["path"].startswith("/v1")
        if not is_api or (self.before is None and self.after is None):
            await self.app(scope, receive, send)
            return
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        request = Request(
            scope["method"],
            scope["raw_path"].partition(b"?")[0].decode(),
            scope["query_string"].decode(),
            {name.decode(): value.decode() for name, value in scope["headers"]},
            body,
        )
        original = repr(request)
        if self.before:
            self.before(request)
            self.effects += repr(request) != original
        response = await self._response(scope, request)
        original = repr(response)
        if self.after:
            self.after(request, response)
            self.effects += repr(response) != original
        if request.method != "HEAD":
            response.headers["content-length"] = str(len(response.body))
        headers = [(name.encode(), value.encode()) for name, value in response.headers.items()]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    async def _response(self, scope: Scope, request: Request) -> Response:
        assert self.app is not None
        response = Response(0, {}, b"")
        changed = {
            **{name: value for name, value in scope.items() if name not in {HEAD, SEND_WHOLE}},
            "path": request.path,
            "raw_path": request.path.encode(),
            "query_string": request.query.encode(),
            "headers": _headers(scope, request),
        }

        async def receive() -> Message:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                response.status = message["status"]
                response.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                response.body += message.get("body", b"")

        await self.app(changed, receive, send)
        return response


def _headers(scope: Scope, request: Request) -> list[tuple[bytes, bytes]]:
    """The headers as sent, repeated ones too, unless the mutation changed them."""
    sent = {name.decode(): value.decode() for name, value in scope["headers"]}
    if sent == request.headers:
        return list(scope["headers"])
    return [(name.encode(), value.encode()) for name, value in request.headers.items()]


@contextmanager
def mutable_server(**settings: Any) -> Iterator[tuple[RunningServer, Mutant]]:
    """A server, and the middleware that can change what it does."""
    mutant = Mutant()

    def adapt(app: FastAPI) -> None:
        app.add_middleware(mutant)

    with running_server(adapt=adapt, **settings) as server:
        yield server, mutant
