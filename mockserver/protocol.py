"""uvicorn's HTTP protocol: its transport is in the scope, and what is no HTTP gets the contract's error body."""

from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from mockserver import wire
from mockserver.api.delivery import TRANSPORT
from mockserver.emulator import Emulator


def protocol_for(emulator: Emulator) -> type[HttpToolsProtocol]:
    """The protocol class of one server: uvicorn makes an instance for each connection."""

    class Protocol(HttpToolsProtocol):
        def on_message_begin(self) -> None:
            super().on_message_begin()
            cast(dict[str, Any], self.scope)[TRANSPORT] = self.transport

        def send_400_response(self, msg: str) -> None:
            call = emulator.call("", "", "")
            call.status, call.message = 400, f"not an HTTP/1.1 request: {msg}"
            body = wire.to_bytes(wire.error(call.status, call.message, call.error_id))
            head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
            self.transport.write(STATUS_LINE[call.status] + head + body)
            self.transport.close()
            emulator.log.request(call)

    return Protocol
