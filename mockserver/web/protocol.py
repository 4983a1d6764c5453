"""uvicorn's HTTP protocol, with resets for faults, responses in one write, and our error body for malformed HTTP."""

import socket
from asyncio import Event, Transport
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar

from starlette.types import Message, Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from mockserver.contract import wire
from mockserver.emulator import Emulator
from mockserver.errors import ApiError
from mockserver.web import eager, limits
from mockserver.web.bounded import BoundedProtocol
from mockserver.web.context import CONTEXT
from mockserver.web.delivery import SEND_WHOLE, TRANSPORT
from mockserver.web.gate import request_id_header
from mockserver.web.heads import HEAD, RememberedHeads, head_of, is_api_path
from mockserver.web.unfinished import Unfinished

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application


_PROBE = b"HTTP/1.1 100 Continue\r\n\r\n"
_PROBE_SECONDS = 0.1


def protocol_for(emulator: Emulator) -> type[BoundedProtocol]:
    """The protocol class of one server: uvicorn makes an instance for each connection."""
    of_server = {
        "emulator": emulator,
        "unfinished": Unfinished(limits.MAX_UNFINISHED_BYTES),
        "heads": RememberedHeads(),
    }
    return type("ProtocolOfServer", (Protocol,), of_server)


class Protocol(BoundedProtocol):
    """One connection. tests/web/test_private_names.py lists the private names of uvicorn that it uses."""

    emulator: ClassVar[Emulator]
    heads: ClassVar[RememberedHeads]

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._answering: RequestResponseCycle | None = None
        self._defers = False
        self._deferred: ASGI3Application | None = None
        self._message_event = Event()
        self._in_scope: dict[str, Any] = {TRANSPORT: self.transport, SEND_WHOLE: self._send_whole}

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope.update(self._in_scope)  # type: ignore[typeddict-item]  # names of our own

    def on_headers_complete(self) -> None:
        """The host of a target in absolute form counts, and the Host header does not (RFC 9112, 3.2.2)."""
        if not self.url.startswith(b"/") and b"://" in self.url:
            self.headers[:] = [header for header in self.headers if header[0] != b"host"]
            self.headers.append((b"host", self.url.split(b"/", 3)[2]))
        super().on_headers_complete()

    def receive_head(self, head: bytes) -> None:
        scope = None if self.in_flight() else self.heads.scope_of(head)
        if scope is not None:
            self._run_at_once(self._cycle_of(scope))
            return
        self._defers = True
        self.feed(head)
        self._defers = False
        app, self._deferred = self._deferred, None
        if app is None:
            return
        if self.is_whole and is_api_path(self.scope["path"]):
            self._remember(head)
            self._run_at_once(self.cycle)
        else:
            super()._start_asgi_task(self.cycle, app)

    def _remember(self, head: bytes) -> None:
        scope: Any = self.scope
        if self.cycle.keep_alive and scope["http_version"] == "1.1" and not self.expect_100_continue:
            scope[HEAD] = head_of(scope)
            self.heads.remember(head, scope)

    def _cycle_of(self, scope: Any) -> RequestResponseCycle:
        """The cycle that uvicorn makes when a head is complete; they share one event, as no two are in flight."""
        scope |= {"server": self.server, "client": self.client, "state": self.app_state.copy(), **self._in_scope}
        self.scope = scope
        self.cycle = cycle = RequestResponseCycle(
            scope,
            self.transport,
            self.flow,
            self.logger,
            self.access_logger,
            self.access_log,
            self.server_state.default_headers,
            message_event=self._message_event,
            expect_100_continue=False,
            keep_alive=True,
            on_response=self.on_response_complete,
        )
        cycle.more_body = False
        cycle.message_event.set()
        return cycle

    def _run_at_once(self, cycle: RequestResponseCycle) -> None:
        """Handles a request without a task, until it waits for something."""
        self._answering = cycle
        rest = eager.start(cycle.run_asgi(self.app))
        if rest is not None:
            task = self.loop.create_task(rest)
            task.add_done_callback(self.tasks.discard)
            self.tasks.add(task)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
        self._answering = cycle
        if self._defers:
            self._deferred = app
        else:
            super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        """Of pipelined requests uvicorn notifies only the last one, not the one that is being handled."""
        super().connection_lost(exc)
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's always closes
        """Keeps a connection open whose client has sent all it will and waits for a response.

        A client that went away looks the same, until something is sent to it: its system then answers with a reset. An
        interim response, which a client has to skip, makes it do so.
        """
        if not self.in_flight() or self.cycle.more_body:
            return False
        first = self._answering
        if first and not first.response_started and first.scope["http_version"] == "1.1":
            self.transport.write(_PROBE)
        self.cycle.keep_alive = False
        self._watch(self.cycle)
        return True

    def _watch(self, last: RequestResponseCycle) -> None:
        """Looks for a reset until the last response: the loop does not, as nothing more is to be read."""
        if last.response_complete or self.transport.is_closing():
            return
        if self.transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.transport.abort()
        else:
            self.loop.call_later(_PROBE_SECONDS, self._watch, last)

    def in_flight(self) -> bool:
        cycle = self._answering
        return cycle is not None and not (cycle.response_complete or cycle.disconnected)

    def send_error(self, error: ApiError, cycle: RequestResponseCycle | None) -> None:
        known: Any = None if cycle is None else cycle.scope.get(CONTEXT)
        record = known.record if known else self.emulator.record("", "", "")
        body = wire.to_bytes(wire.error(error.status, error.message, error.error_id, error.details))
        head = b"content-type: application/json\r\ncontent-length: %d\r\n%s: %s\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[error.status] + head % (len(body), *request_id_header(record)) + body)
        if known is None:  # else it is logged where the request is handled
            record.status, record.message, record.error_id = error.status, error.message, error.error_id
            if self.emulator.log.wants(record):
                self.emulator.log.request(record)

    def _send_whole(self, scope: Scope, start: Message, body: bytes) -> bool:
        """Sends a whole response in one write, at half the cost of uvicorn's two messages.

        Returns False, and sends nothing, unless this is the common case: the latest request of a connection that stays
        open, with a body.
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
            headers = (*cycle.default_headers, *start["headers"])
            cycle.response_started = cycle.response_complete = True
            cycle.waiting_for_100_continue = False
            cycle.message_event.set()
            head = b"%b: %b\r\n" * len(headers) % tuple(chain.from_iterable(headers))
            self.transport.write(b"".join((STATUS_LINE[start["status"]], head, b"\r\n", body)))
            cycle.on_response()
        return is_common
