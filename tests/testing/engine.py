"""A stand-in for a Docker engine: as much of its API as testcontainers asks for one container."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.fake_servers import QuietHandler, standing_in

ID = "0123456789abcdef"
LOG = b"what the container wrote"


class Engine:
    """One container, which publishes ``port`` of loopback and has one state after another, the last for good."""

    def __init__(self, port: int, states: list[str]) -> None:
        self.port = port
        self.states = states
        self.created: dict[str, Any] = {}
        self.calls: list[str] = []

    def answer(self, call: str, body: bytes) -> tuple[int, Any]:
        self.calls.append(call)
        if call == "POST /containers/create":
            self.created = json.loads(body)
            return 201, {"Id": ID, "Warnings": []}
        if call.endswith("/json"):
            state = self.states[0] if len(self.states) == 1 else self.states.pop(0)
            published = {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(self.port)}]}
            shown = {"Id": ID, "Name": "/one", "Image": "sha256:0", "State": {"Status": state}}
            return 200, shown | {"Config": {"Tty": True}, "NetworkSettings": {"Ports": published}, "HostConfig": {}}
        if call.endswith("/logs"):
            return 200, LOG
        return (200, {"ApiVersion": "1.41"}) if call == "GET /version" else (204, None)


@contextmanager
def an_engine(port: int, *states: str) -> Iterator[tuple[Engine, str]]:
    """The stand-in, and what ``DOCKER_HOST`` is to be."""
    engine = Engine(port, list(states))

    class Handler(QuietHandler):
        def do(self) -> None:
            path = re.sub(r"^/v[\d.]+", "", urlsplit(self.path).path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, shown = engine.answer(f"{self.command} {path}", body)
            self.send_response(status)
            sent = shown if isinstance(shown, bytes) else b"" if shown is None else json.dumps(shown).encode()
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_DELETE = do  # noqa: N815 - as the library wants them

    with standing_in(Handler) as address:
        yield engine, f"tcp://{address}"
