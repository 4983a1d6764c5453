"""uvicorn's HTTP protocol: its transport is in the scope, and what is no HTTP gets the contract's error body."""

from asyncio import Transport
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mockserver import wire
from mockserver.api.delivery import TRANSPORT
from mockserver.emulator import Emulator


def protocol_for(emulator: Emulator) -> type[HttpToolsProtocol]:
    """The protocol class of one server: uvicorn makes an instance for each connection."""

    class Protocol(HttpToolsProtocol):
        def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's
            super().connection_made(transport)
            self._unanswered: list[RequestResponseCycle] = []

        def on_message_begin(self) -> None:
            super().on_message_begin()
            cast(dict[str, Any], self.scope)[TRANSPORT] = self.transport

        def on_headers_complete(self) -> None:
            super().on_headers_complete()
            self._unanswered = [cycle for cycle in self._unanswered if not cycle.response_complete]
            self._unanswered.append(self.cycle)

        def connection_lost(self, exc: Exception | None) -> None:
            """Of pipelined requests uvicorn tells the last one alone, which is not the one that is being answered."""
            super().connection_lost(exc)
            for cycle in self._unanswered:
                if not cycle.response_complete:
                    cycle.disconnected = True
                    cycle.message_event.set()

        def send_400_response(self, msg: str) -> None:
            call = emulator.call("", "", "")
            call.status, call.message = 400, f"not an HTTP/1.1 request: {msg}"
            body = wire.to_bytes(wire.error(call.status, call.message, call.error_id))
            head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
            self.transport.write(STATUS_LINE[call.status] + head + body)
            self.transport.close()
            emulator.log.request(call)

    return Protocol
