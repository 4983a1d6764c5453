"""Runs an application under uvicorn, on a socket that is bound before anything else is done."""

import gc
import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType

import uvicorn
from fastapi import FastAPI

from mockserver.address import address, reachable
from mockserver.emulator import Emulator
from mockserver.errors import UsageError
from mockserver.settings import Settings
from mockserver.web.origin import CONTROL_PATH
from mockserver.web.protocol import protocol_for

GRACE_SECONDS = 0.5
"""How long requests in flight may still take after SIGTERM. uvicorn takes up to 0.2 seconds to notice the signal, and
the server is to end within a second."""


def bind(settings: Settings) -> socket.socket:
    """A listening socket at the settings' address; raises UsageError if there is none."""
    with ExitStack() as on_failure:
        try:
            family, kind, protocol, _, target = socket.getaddrinfo(
                settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            bound = on_failure.enter_context(socket.socket(family, kind, protocol))
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # "::" is all interfaces, IPv4's too
            bound.bind(target)
            bound.listen(2048)
        except (OSError, UnicodeError) as failure:  # UnicodeError for an invalid host name
            reason = getattr(failure, "strerror", None) or "not the name of a host"
            raise UsageError(
                f"cannot listen on {address(settings.host, settings.port)}: {reason}; "
                "choose another with --port or --host"
            ) from None
        on_failure.pop_all()
    return bound


def page_of(bound: socket.socket, settings: Settings) -> str | None:
    """The URL of the live page; None if there is none."""
    return None if settings.no_control else f"{url_of(bound)}{CONTROL_PATH}/"


def url_of(bound: socket.socket) -> str:
    """The URL to paste; for a socket that listens on all interfaces, one that works on this machine."""
    host, port = bound.getsockname()[:2]
    return f"http://{address(reachable(host), port)}"


class Server(uvicorn.Server):
    """uvicorn's server, which says when it is ready. Its shutdown ends the requests that wait for a change."""

    def __init__(self, config: uvicorn.Config, emulator: Emulator, bound: socket.socket) -> None:
        super().__init__(config)
        self._emulator = emulator
        self._bound = bound
        self.on_ready: list[Callable[[], None]] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        settings = self._emulator.settings
        self._emulator.log.ready(url_of(self._bound), settings.scenario, page_of(self._bound, settings))
        for callback in self.on_ready:
            callback()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._emulator.shut_down()
        await super().shutdown(sockets)


def make_server(app: FastAPI, bound: socket.socket) -> Server:
    """A server for ``app`` on ``bound``; ``run(sockets=[bound])`` serves until a signal ends it."""
    emulator: Emulator = app.state.emulator
    config = uvicorn.Config(
        app,
        http=protocol_for(emulator),
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",  # what it logs is in our own log, or is a traceback
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,  # type: ignore[arg-type]  # asyncio, which gets it, takes fractions
    )
    return Server(config, emulator, bound)


def serve(app: FastAPI, bound: socket.socket, *on_ready: Callable[[], None]) -> None:
    """Serves ``app`` until SIGTERM or Ctrl-C, and returns then; calls each of ``on_ready`` when it is ready."""
    server = make_server(app, bound)
    server.on_ready += on_ready

    def end(_: int, __: FrameType | None) -> None:
        server.should_exit = True

    # for signals that arrive before uvicorn installs its handlers; uvicorn raises those that it caught again at its end
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    try:
        gc.freeze()  # objects from the start live as long as the process
        gc.enable()
        server.run(sockets=[bound])
    finally:
        app.state.emulator.close()  # a second Ctrl-C keeps the lifespan from doing so
        app.state.emulator.log.writer.close()
