"""Writes the log's lines in a thread of its own: neither a reader that is slow or gone nor a full disk stops a request.

1. Lines wait in a queue, in order. A line that does not fit into CAPACITY is dropped.
2. The thread writes what waits. Lines that cannot be written are dropped.
3. Lines are numbered. When some were dropped, a notice of how many is written before the next line that can be written.
4. At the end of the server, what waits is still written for as long as ``flush`` allows.

The thread is a daemon: a write that blocks forever does not keep the process from ending. It never sets O_NONBLOCK,
which would also apply to the other processes that have the same terminal or pipe.
"""

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import NamedTuple, TextIO

from mockserver.clock import MachineClock

CAPACITY = 4_000_000
"""How many bytes may wait to be written."""

FLUSH_SECONDS = 1.0
"""How long lines are still written at the end of the server, if the reader takes them."""

STALLED_SECONDS = 0.2
"""After how long without progress the rest is given up then."""

_PIECE = 4096
"""How many bytes are written at once. A pipe takes that many without mixing them with another process's, and small
pieces show that a slow reader makes progress."""

_PAUSE_SECONDS = 0.005
"""How long the thread rests once all is written: under load it then wakes for many lines, rather than for each one."""

_Write = Callable[[memoryview], int]
"""Writes some bytes and returns how many; raises OSError or ValueError if it cannot write any."""


class _Batch(NamedTuple):
    """Lines to write together, of which ``first`` is the first one's number, after a notice of those dropped before."""

    first: int
    line_count: int
    notice: bytes
    lines: bytes


class LogWriter:
    """Writes lines to ``stream``; without one, as for a process whose standard output is closed, it discards them.

    ``notice`` makes the line that says how many were dropped. The thread starts with the first line.
    """

    def __init__(self, stream: TextIO | None, notice: Callable[[int], str]) -> None:
        self._stream = stream
        self._encoding = getattr(stream, "encoding", None) or "utf-8"
        self._notice = notice
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()  # protects all that follows
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._size = 0
        self._count = 0  # how many lines there were: the next one's number
        self._due = 0  # the first line that is neither written nor covered by a notice
        self._progress = 0
        self._is_torn = False  # the last line that was written is incomplete
        self._is_failing = False
        self._is_closed = False

    def put(self, text: str) -> None:
        """Queues a line, or drops it if the queue is full. Returns at once."""
        line = self._encode(text)
        with self._changed:
            if self._size + len(line) <= CAPACITY:
                self._waiting.append((self._count, line))
                self._size += len(line)
            self._count += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, seconds: float = FLUSH_SECONDS, stalled: float = STALLED_SECONDS) -> None:
        """Waits until all lines are written, for ``seconds`` at most; gives up after ``stalled`` without progress."""
        until = MachineClock.monotonic() + seconds
        with self._changed:
            self._is_failing = False  # a last attempt to say how many were dropped
            self._changed.notify_all()
            while self._makes_progress(min(stalled, until - MachineClock.monotonic())):
                pass

    def close(self) -> None:
        """Flushes, and ends the thread. What is not written by then is lost."""
        self.flush()
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _makes_progress(self, seconds: float) -> bool:
        before = self._progress
        self._changed.wait_for(lambda: self._is_idle or self._progress > before, seconds)
        return not self._is_idle and self._progress > before

    @property
    def _is_idle(self) -> bool:
        return not self._waiting and (self._is_failing or self._due == self._count)

    def _encode(self, text: str) -> bytes:
        return f"{text}\n".encode(self._encoding, "backslashreplace")

    def _run(self) -> None:
        with _opened(self._stream) as write:
            while batch := self._next_batch():
                self._write(batch, write)
                if self._is_idle:
                    time.sleep(_PAUSE_SECONDS)

    def _next_batch(self) -> _Batch | None:
        """Waits for lines, and returns as many as fit into a piece, but at least one; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or not self._is_idle)
            if self._is_closed:
                return None
            first = self._waiting[0][0] if self._waiting else self._count
            size = count = 0
            for number, line in self._waiting:
                size += len(line)
                if number != first + count or (count and size > _PIECE):
                    break
                count += 1
            dropped = first - self._due
            notice = self._encode(self._notice(dropped)) if dropped else b""
            return _Batch(first, count, notice, b"".join(line for _, line in islice(self._waiting, count)))

    def _write(self, batch: _Batch, write: _Write) -> None:
        data = (b"\n" if self._is_torn else b"") + batch.notice + batch.lines
        view = memoryview(data)
        written = 0
        try:
            while written < len(data):
                written += write(view[written:])
                with self._changed:
                    self._progress += 1
                    self._changed.notify_all()
        except (OSError, ValueError):
            pass
        with self._changed:
            self._is_failing = written < len(data)
            self._note_written(batch, data[:written])
            for _ in range(batch.line_count):
                self._size -= len(self._waiting.popleft()[1])
            self._changed.notify_all()

    def _note_written(self, batch: _Batch, written: bytes) -> None:
        """What was not written of a batch becomes part of the next notice."""
        if not written:
            return
        whole_lines = written.count(b"\n") - self._is_torn
        if whole_lines:
            self._due = batch.first + whole_lines - bool(batch.notice)
        self._is_torn = not written.endswith(b"\n")


@contextmanager
def _opened(stream: TextIO | None) -> Iterator[_Write]:
    """What writes to ``stream``: to its file descriptor if it has one, of which the thread then keeps a copy.

    Without the copy, the descriptor's number could become another file's when the stream is closed.
    """
    if stream is None:
        yield len
        return
    try:
        descriptor = stream.fileno()
    except (AttributeError, ValueError):  # a stream that a program put in place of its standard output, or a closed one
        yield partial(_write_text, stream)
        return
    copy = os.dup(descriptor)
    try:
        yield partial(_write_bytes, copy)
    finally:
        os.close(copy)


def _write_text(stream: TextIO, data: memoryview) -> int:
    stream.write(bytes(data).decode(stream.encoding or "utf-8"))
    stream.flush()
    return len(data)


def _write_bytes(descriptor: int, data: memoryview) -> int:
    while True:
        try:
            return os.write(descriptor, data[:_PIECE])
        except BlockingIOError:  # another process has set O_NONBLOCK
            ready = select.poll()
            ready.register(descriptor, select.POLLOUT)
            ready.poll()
