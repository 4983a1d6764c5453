"""A fake Docker engine: the part of its API that testcontainers uses for one container."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.fake_servers import QuietHandler, fake_server

ID = "0123456789abcdef"
LOG = b"log of the container"


class Engine:
    """An engine with one container, which publishes ``port`` and goes through ``states``; the last one stays."""

    def __init__(self, port: int, states: list[str]) -> None:
        self.port = port
        self.states = states
        self.created: dict[str, Any] = {}
        self.requests: list[str] = []

    def respond(self, request: str, body: bytes) -> tuple[int, Any]:
        self.requests.append(request)
        if request == "POST /containers/create":
            self.created = json.loads(body)
            return 201, {"Id": ID, "Warnings": []}
        if request.endswith("/json"):
            state = self.states[0] if len(self.states) == 1 else self.states.pop(0)
            published = {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(self.port)}]}
            details = {"Id": ID, "Name": "/one", "Image": "sha256:0", "State": {"Status": state}}
            return 200, details | {"Config": {"Tty": True}, "NetworkSettings": {"Ports": published}, "HostConfig": {}}
        if request.endswith("/logs"):
            return 200, LOG
        return (200, {"ApiVersion": "1.41"}) if request == "GET /version" else (204, None)


@contextmanager
def fake_engine(port: int, *states: str) -> Iterator[tuple[Engine, str]]:
    """Yields a fake engine and the value of ``DOCKER_HOST`` that leads to it."""
    engine = Engine(port, list(states))

    class Handler(QuietHandler):
        def do(self) -> None:
            path = re.sub(r"^/v[\d.]+", "", urlsplit(self.path).path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, result = engine.respond(f"{self.command} {path}", body)
            self.send_response(status)
            content = result if isinstance(result, bytes) else b"" if result is None else json.dumps(result).encode()
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = do

    with fake_server(Handler) as address:
        yield engine, f"tcp://{address}"
