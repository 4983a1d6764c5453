"""uvicorn's HTTP protocol: resets for faults, answers in one write, and our error body for what is no HTTP."""

from asyncio import AbstractEventLoop, Transport
from typing import TYPE_CHECKING, Any, ClassVar, cast

from starlette.types import Message, Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mockserver import wire
from mockserver.api.delivery import AT_ONCE, TRANSPORT
from mockserver.emulator import Emulator

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application


def protocol_for(emulator: Emulator) -> type[HttpToolsProtocol]:
    """The protocol class of one server: uvicorn makes an instance for each connection."""
    return type("ProtocolOfServer", (Protocol,), {"emulator": emulator, "outbox": Outbox()})


class Outbox:
    """Answers that leave together, once the event loop has run what is ready now.

    A write wakes the client that waits for it, which takes as long as a tenth of an answer where it comes alone, and
    next to nothing where others follow at once. What the loop does for a connection later comes behind its answer.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Transport, bytes]] = []

    def put(self, loop: AbstractEventLoop, transport: Transport, answer: bytes) -> None:
        """Keeps an answer until the others are made."""
        if not self._waiting:
            loop.call_soon(self.send)
        self._waiting.append((transport, answer))

    def send(self) -> None:
        """Sends all that waits, but to those who have gone."""
        waiting, self._waiting = self._waiting, []
        for transport, answer in waiting:
            if not transport.is_closing():
                transport.write(answer)


class Protocol(HttpToolsProtocol):
    """One connection; it knows uvicorn's from inside, as that is from 0.45 on."""

    emulator: ClassVar[Emulator]
    outbox: ClassVar[Outbox]

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._answering: RequestResponseCycle | None = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope = cast(dict[str, Any], self.scope)
        scope[TRANSPORT] = self.transport
        scope[AT_ONCE] = self._send_at_once

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        """Of pipelined requests uvicorn tells the last one alone, which is not the one that is being answered."""
        super().connection_lost(exc)
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()

    def eof_received(self) -> None:
        self.outbox.send()  # for the connection is closed now
        super().eof_received()

    def shutdown(self) -> None:
        self.outbox.send()  # the same
        super().shutdown()

    def send_400_response(self, msg: str) -> None:
        self.outbox.send()  # the same
        call = self.emulator.call("", "", "")
        call.status, call.message = 400, f"not an HTTP/1.1 request: {msg}"
        body = wire.to_bytes(wire.error(call.status, call.message, call.error_id))
        head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[call.status] + head + body)
        self.transport.close()
        if self.emulator.log.wants(call):
            self.emulator.log.request(call)

    def _send_at_once(self, scope: Scope, start: Message, body: bytes) -> bool:
        """Sends a whole answer in one write, with those made beside it, at half of what uvicorn's two messages cost.

        False, and nothing is done, where the answer is not of the common kind: to the request that the connection is
        about, with a body, and the connection kept.
        """
        cycle = self.cycle
        is_common = (
            scope["headers"] is cycle.scope["headers"]
            and cycle.scope["method"] != "HEAD"
            and cycle.keep_alive
            and not cycle.disconnected
            and not self.flow.write_paused
        )
        if is_common:
            parts = [STATUS_LINE[start["status"]]]
            for name, value in (*cycle.default_headers, *start["headers"]):
                parts += (name, b": ", value, b"\r\n")
            parts += (b"\r\n", body)
            cycle.response_started = cycle.response_complete = True
            cycle.waiting_for_100_continue = False
            cycle.message_event.set()
            self.outbox.put(self.loop, self.transport, b"".join(parts))
            cycle.on_response()
        return is_common
