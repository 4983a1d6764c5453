"""Writes the log in a thread of its own, so that no request waits for a slow or closed reader or a full disk.

1. Lines wait in a queue, in order. A line that would exceed CAPACITY is dropped.
2. The thread writes the queued lines. Lines that cannot be written are dropped.
3. Lines are numbered. If some were dropped, a notice of how many precedes the next line that can be written.
4. When the server ends, ``flush`` still writes queued lines for a limited time.

The thread is a daemon: a write that blocks forever does not keep the process from ending. It never sets O_NONBLOCK,
which would also affect other processes on the same terminal or pipe.
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
"""The maximum size of the queue, in bytes."""

FLUSH_SECONDS = 1.0
"""How long queued lines are still written when the server ends, if the reader keeps reading."""

STALLED_SECONDS = 0.2
"""After this long without progress, the remaining lines are lost."""

_CHUNK = 4096
"""How many bytes are written at once: a pipe accepts this many without interleaving them with other processes' output,
and progress through small chunks distinguishes a slow reader from a stalled one."""

_PAUSE_SECONDS = 0.005
"""How long the thread sleeps once the queue is empty, so that under load it wakes once for many lines."""

_Write = Callable[[memoryview], int]
"""Writes some bytes and returns how many; raises OSError or ValueError if it cannot write any."""


class _Batch(NamedTuple):
    """Lines to write together, from line number ``first`` on, after a notice if lines before them were dropped."""

    first: int
    line_count: int
    notice: bytes
    lines: bytes


class LogWriter:
    """Writes lines to ``stream``; without a stream (standard output is closed) it discards them.

    ``notice`` formats the line that says how many lines were dropped. The thread starts with the first line.
    """

    def __init__(self, stream: TextIO | None, notice: Callable[[int], str]) -> None:
        self._stream = stream
        self._encoding = getattr(stream, "encoding", None) or "utf-8"
        self._notice = notice
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()  # protects all that follows
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._size = 0
        self._count = 0  # the number of lines so far, and so the next line's number
        self._due = 0  # the first line that is neither written nor counted in a notice
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
            self._is_failing = False  # try once more to write how many were dropped
            self._changed.notify_all()
            while self._makes_progress(min(stalled, until - MachineClock.monotonic())):
                pass

    def close(self) -> None:
        """Flushes and ends the thread. Lines that are not written by then are lost."""
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
        """Waits for lines and returns as many as fit into a chunk, at least one; None after ``close``."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or not self._is_idle)
            if self._is_closed:
                return None
            first = self._waiting[0][0] if self._waiting else self._count
            size = count = 0
            for number, line in self._waiting:
                size += len(line)
                if number != first + count or (count and size > _CHUNK):
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
            self._count_written(batch, data[:written])
            for _ in range(batch.line_count):
                self._size -= len(self._waiting.popleft()[1])
            self._changed.notify_all()

    def _count_written(self, batch: _Batch, written: bytes) -> None:
        """Counts the lines of a batch as written; the next notice includes the rest."""
        if not written:
            return
        whole_lines = written.count(b"\n") - self._is_torn
        if whole_lines:
            self._due = batch.first + whole_lines - bool(batch.notice)
        self._is_torn = not written.endswith(b"\n")


@contextmanager
def _opened(stream: TextIO | None) -> Iterator[_Write]:
    """A function that writes to ``stream``, through a copy of its file descriptor if it has one.

    Without the copy, the number could refer to another file once the stream is closed.
    """
    if stream is None:
        yield len
        return
    try:
        descriptor = stream.fileno()
    except (AttributeError, ValueError):  # a program's own sys.stdout, or a closed one
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
            return os.write(descriptor, data[:_CHUNK])
        except BlockingIOError:  # another process has set O_NONBLOCK
            ready = select.poll()
            ready.register(descriptor, select.POLLOUT)
            ready.poll()
