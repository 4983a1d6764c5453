"""uvicorn's HTTP protocol within limits: what arrives is counted, in linear time, before it is kept.

The parser is fed in pieces that end where a head ends, so that bytes of heads and of bodies are counted apart, and so
that the parser stops at a second request that waits behind an unanswered one. What arrives behind that stays unparsed,
and the connection is not read from, until it is its turn.

A request that is rejected here is the last one of its connection: requests before it get their responses first, then
comes the error, then what still arrives is dropped for a while, as a client that is still sending would not read the
error otherwise.
"""

from abc import abstractmethod
from asyncio import TimerHandle, Transport
from typing import ClassVar

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mockserver.errors import ApiError, ErrorId
from mockserver.web import limits
from mockserver.web.context import REJECTED
from mockserver.web.flow import Flow
from mockserver.web.idle import IdleTimer
from mockserver.web.unfinished import Unfinished

_END_OF_HEAD = b"\r\n\r\n"
_PIECE = 16 * limits.KB
_CHUNKED_PIECE = 512
"""How far the parser gets at least within a chunked body, which may have any number of ends of heads in it."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    unfinished: ClassVar[Unfinished]

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self.flow = Flow(transport, self._has_waiting)
        self.idle = IdleTimer(self.loop, self.timeout_keep_alive, self.timeout_keep_alive_handler)
        self.url, self.headers = b"", []
        self.held = 0
        self._head_bytes = 0
        self._in_body = False
        self._body_of: RequestResponseCycle | None = None
        self._body_bytes = self._body_limit = 0
        self._body_length: int | None = None
        self._offers_upgrade = False
        self._unparsed, self._parsed = b"", 0
        self._rejection: ApiError | None = None
        self._rejected: RequestResponseCycle | None = None
        self._closes_at: TimerHandle | None = None
        self._dropped = 0

    @abstractmethod
    def in_flight(self) -> bool:
        """Whether a request is being answered."""

    @abstractmethod
    def receive_head(self, head: bytes) -> None:
        """Takes the whole head of a request, which nothing follows yet."""

    @abstractmethod
    def send_error(self, error: ApiError, cycle: RequestResponseCycle | None) -> None:
        """Sends the response to a rejected request; ``cycle`` is that request, if its head was complete."""

    def data_received(self, data: bytes) -> None:
        self.idle.stop()
        if self._rejection is not None:
            self._drop(len(data))
        elif (
            len(_END_OF_HEAD) < len(data) <= _PIECE
            and not (self._head_bytes or self._in_body or self._unparsed or self.pipeline)
            and data.find(_END_OF_HEAD) == len(data) - len(_END_OF_HEAD)
        ):
            self.receive_head(data)  # the common case: one request without a body
            if self._in_body or self.pipeline:
                self._parse()
        else:
            self._unparsed = self._unparsed[self._parsed :] + data
            self._parsed = 0
            self._parse()

    @property
    def is_whole(self) -> bool:
        """Whether nothing more of the latest request can arrive."""
        return not self._in_body and self._rejection is None

    def _parse(self) -> None:
        """Parses what has arrived, up to the second request that waits behind an unanswered one."""
        while self._parsed < len(self._unparsed) and not self.pipeline:
            piece = self._unparsed[self._parsed : self._end_of_piece()]
            if not self._in_body:
                self._head_bytes += len(piece)
            self._parsed += self.feed(piece)
        if self._parsed >= len(self._unparsed):
            self._unparsed, self._parsed = b"", 0
        else:
            self.flow.pause_reading()
        if self.pipeline:
            self.flow.resume_reading()  # if nothing is behind it, as a client that leaves is noticed by reading
        self._hold()

    def _end_of_piece(self) -> int:
        begin, length = self._parsed, len(self._unparsed)
        if self._in_body and self._body_length is not None:
            return min(length, begin + self._body_length - self._body_bytes)
        end = self._unparsed.find(_END_OF_HEAD, begin + (_CHUNKED_PIECE if self._in_body else 0), begin + _PIECE)
        return min(length, begin + _PIECE) if end < 0 else end + len(_END_OF_HEAD)

    def feed(self, piece: bytes) -> int:
        """Has the parser take a piece; returns how much it took."""
        body_bytes = self._body_bytes
        try:
            self.parser.feed_data(piece)
            if self._in_body:
                self._check_body(len(piece) if self._body_bytes == body_bytes else 0)
            elif self._head_bytes:
                self._check_head()
        except HttpParserUpgrade as offer:
            self._parse_without_offer()
            return int(offer.args[0])
        except HttpParserError as failure:
            self._reject(_error_of(failure))
        except ApiError as error:
            self._reject(error)
        return len(piece)

    def _check_head(self) -> None:
        limits.check_head(self._head_bytes, self.parser.get_method(), self.url, self.headers)

    def _check_body(self, other: int) -> None:
        """Raises ApiError if a body is too long or will be; ``other`` bytes have arrived that are none of the body."""
        if self._body_of is not self.cycle:
            self._begin_body()
            other = 0  # it was the head
        if (self._body_length or 0) > self._body_limit:
            raise self._too_long()
        self._head_bytes = self._head_bytes + other if other else 0
        self._check_head()  # the trailers

    def _begin_body(self) -> None:
        self._body_of, self._body_bytes = self.cycle, 0
        self._body_limit = limits.body_limit(self.scope["path"])
        length = next((value for name, value in self.headers if name == b"content-length"), None)
        self._body_length = None if length is None else int(length)

    def _too_long(self) -> ApiError:
        return ApiError(413, f"the body is longer than {limits.size(self._body_limit)}")

    def on_headers_complete(self) -> None:
        if self._head_bytes or len(self.headers) > limits.MAX_HEADERS:
            self._check_head()
        self._offers_upgrade = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
        if not self._offers_upgrade:
            super().on_headers_complete()
            self._in_body = True

    def on_body(self, body: bytes) -> None:
        if self._body_of is not self.cycle:  # it came with the last bytes of a head that was sent in parts
            self._begin_body()
        self._body_bytes += len(body)
        if self._body_bytes > self._body_limit:
            raise self._too_long()  # before the end of the message, or half a body would be taken for one
        super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._offers_upgrade:
            self._in_body = False
            self._head_bytes = 0
            super().on_message_complete()

    def _parse_without_offer(self) -> None:
        """Has a new parser take the head that an upgrade was offered with, as if it had not been.

        The old parser is of no more use: it has skipped the body. A CONNECT gets a response; the rest is dropped.
        """
        if not self._offers_upgrade:
            self.cycle.keep_alive = False
            return
        head = [b"%s %s HTTP/%s\r\n" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())]
        head += [b"%s: %s\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's
        self.feed(b"".join([*head, b"\r\n"]))

    def on_response_complete(self) -> None:
        """As uvicorn's, but for its timer for each response."""
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())
            else:
                self.idle.start()
        if self._rejection is not None:
            self._end_if_answered()
        elif self._unparsed and not self.transport.is_closing():
            self.idle.stop()
            self._parse()
            self.flow.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.unfinished.hold(self, 0)
        self._unparsed = b""
        self.idle.cancel()
        if self._closes_at is not None:
            self._closes_at.cancel()

    def shutdown(self) -> None:
        if self._closes_at is not None:
            self.transport.close()
        else:
            super().shutdown()

    def give_up(self) -> None:
        """Refuses the unfinished request, as all of them together take too much memory."""
        self._reject(ApiError(503, f"unfinished requests take more than {limits.size(self.unfinished.limit)} in all"))

    def _reject(self, error: ApiError) -> None:
        """Refuses the request that is arriving, and whatever comes behind it."""
        self._rejection = error
        self._rejected = cycle = self.cycle if self._in_body else None
        self._unparsed, self._parsed, self._head_bytes, self._in_body = b"", 0, 0, False
        self.unfinished.hold(self, 0)
        if cycle is not None:
            cycle.body.clear()
            if self.pipeline:
                self.pipeline.popleft()
            elif not cycle.response_started:
                cycle.scope[REJECTED] = error  # type: ignore[literal-required]  # one of our own
                cycle.disconnected = True
                cycle.message_event.set()
        self._end_if_answered()

    def _end_if_answered(self) -> None:
        """Sends the error once the requests before it are answered; closes after the client had time to read it."""
        if self.in_flight() or self.pipeline or self.transport.is_closing():
            self.flow.pause_reading()
            return
        if self._rejection is not None and (self._rejected is None or not self._rejected.response_started):
            self.send_error(self._rejection, self._rejected)
        self.idle.stop()
        self._closes_at = self.loop.call_later(limits.MAX_DROPPING_SECONDS, self.transport.close)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()

    def _drop(self, count: int) -> None:
        self._dropped += count
        if self._dropped > limits.MAX_DROPPED_BYTES:
            self.transport.close()

    def _has_waiting(self) -> bool:
        is_deferred = self._rejection is not None and self._closes_at is None
        return bool(self._unparsed) or is_deferred

    def _hold(self) -> None:
        count = self._head_bytes + len(self._unparsed) - self._parsed
        if self._in_body:
            count += self._body_bytes
        if count != self.held:
            self.unfinished.hold(self, count)


def _error_of(failure: HttpParserError) -> ApiError:
    """The error of a callback of ours, or what the parser says."""
    if isinstance(failure.__context__, ApiError):
        return failure.__context__
    reason = "its target cannot be read" if isinstance(failure, HttpParserCallbackError) else failure
    return ApiError(400, f"not an HTTP/1.1 request: {reason}", error_id=ErrorId.INVALID_REQUEST)
