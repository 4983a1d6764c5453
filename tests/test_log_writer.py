"""The log writer writes lines completely and in order, and never blocks its callers."""

import io
import os
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from mockserver.log_writer import CAPACITY, LogWriter
from tests.support import PATIENCE_SECONDS, file_size_limit

LINE = 100_000
"""The length of a line, with its line feed, to fill a pipe fast."""


def notice(dropped: int) -> str:
    return f"{dropped} dropped"


@contextmanager
def writing_to(stream: TextIO | None) -> Iterator[LogWriter]:
    writer = LogWriter(stream, notice)
    yield writer
    writer.close()


def flush(writer: LogWriter) -> None:
    writer.flush(PATIENCE_SECONDS, PATIENCE_SECONDS)


class Reader:
    """The reading end of a pipe; it fails if it waits too long."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._unread = b""

    def read(self, size: int) -> str:
        """Up to ``size`` bytes; fewer at the end."""
        while len(self._unread) < size and self._take(size - len(self._unread)):
            pass
        read, self._unread = self._unread[:size], self._unread[size:]
        return read.decode()

    def line(self) -> str:
        """The next line, without its end."""
        while b"\n" not in self._unread and self._take():
            pass
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode()

    def _take(self, size: int = 65536) -> bool:
        assert select.select([self._descriptor], [], [], PATIENCE_SECONDS)[0], "nothing comes"
        received = os.read(self._descriptor, size)
        self._unread += received
        return bool(received)


@contextmanager
def pipe() -> Iterator[tuple[Reader, TextIO]]:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb"), os.fdopen(writing, "w", encoding="utf-8") as stream:
        yield Reader(reading), stream


def numbered(number: int, size: int = LINE) -> str:
    """A line with its number, of ``size`` bytes including the line feed."""
    return f"{number:08}".ljust(size - 1, "x")


def test_lines_are_written_whole_and_in_order(tmp_path: Path) -> None:
    lines = [numbered(number, 10 + number * 7919 % 9000) for number in range(300)]
    file = tmp_path / "log"
    with file.open("w") as stream, writing_to(stream) as writer:
        for line in lines:
            writer.put(line)
        flush(writer)
    assert file.read_text().splitlines() == lines


def test_a_line_that_a_pipe_cannot_hold_goes_on_as_it_is_read() -> None:
    with pipe() as (reader, stream), writing_to(stream) as writer:
        writer.put(numbered(0))
        writer.put("the next")
        assert [reader.line(), reader.line()] == [numbered(0), "the next"]


def test_lines_that_exceed_the_queue_are_dropped_and_counted_in_a_notice() -> None:
    kept = CAPACITY // LINE
    with pipe() as (reader, stream), writing_to(stream) as writer:
        for number in range(kept + 20):
            writer.put(numbered(number))
        first = [reader.line() for _ in range(kept // 2)]
        writer.put("there is room")
        rest = [reader.line() for _ in range(kept // 2)]
        assert first + rest == [numbered(number) for number in range(kept)]
        assert [reader.line(), reader.line()] == [notice(20), "there is room"]


def test_a_notice_comes_without_a_line_behind_it() -> None:
    with pipe() as (reader, stream), writing_to(stream) as writer:
        writer.put("x" * CAPACITY)
        assert reader.line() == notice(1)


def test_a_line_torn_by_a_full_disk_is_ended_and_counts_as_dropped(tmp_path: Path) -> None:
    file = tmp_path / "log"
    with file.open("w") as stream, writing_to(stream) as writer:
        with file_size_limit(50):
            for text in ("a" * 29, "b" * 29, "c"):
                writer.put(text)
                flush(writer)
        assert file.read_text() == f"{'a' * 29}\n{'b' * 20}"
        with file_size_limit(55):
            writer.put("d")
            flush(writer)
        assert file.read_text() == f"{'a' * 29}\n{'b' * 20}\n2 dr"
        writer.put("e")
        flush(writer)
    assert file.read_text().splitlines() == ["a" * 29, "b" * 20, "2 dr", notice(3), "e"]


def test_a_flush_writes_a_notice_of_dropped_lines_once_there_is_room(tmp_path: Path) -> None:
    file = tmp_path / "log"
    with file.open("w") as stream, writing_to(stream) as writer:
        with file_size_limit(0):
            writer.put("a")
            flush(writer)
        assert file.read_text() == ""
        flush(writer)
    assert file.read_text() == f"{notice(1)}\n"


def test_a_reader_that_returns_gets_a_notice_of_dropped_lines(tmp_path: Path) -> None:
    fifo = tmp_path / "log"
    os.mkfifo(fifo)

    def reading() -> int:
        return os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)

    first = reading()
    with fifo.open("w") as stream, writing_to(stream) as writer:
        writer.put("a")
        assert Reader(first).line() == "a"
        os.close(first)
        for text in ("b", "c"):
            writer.put(text)
            flush(writer)
        with os.fdopen(reading(), "rb") as second:
            writer.put("d")
            reader = Reader(second.fileno())
            assert [reader.line(), reader.line()] == [notice(2), "d"]


def test_writing_waits_for_a_pipe_that_another_process_set_non_blocking() -> None:
    with pipe() as (reader, stream), writing_to(stream) as writer:
        os.set_blocking(stream.fileno(), False)
        for number in range(5):
            writer.put(numbered(number))
        writer.flush(PATIENCE_SECONDS, 0.1)  # until the pipe is full
        assert [reader.line() for _ in range(5)] == [numbered(number) for number in range(5)]
        assert not os.get_blocking(stream.fileno())


def test_nothing_makes_a_pipe_non_blocking() -> None:
    with pipe() as (reader, stream), writing_to(stream) as writer:
        writer.put("a")
        assert reader.line() == "a"
        assert os.get_blocking(stream.fileno())


@pytest.mark.parametrize(("seconds", "stalled"), [(PATIENCE_SECONDS, 0.01), (0.01, PATIENCE_SECONDS)])
def test_a_flush_gives_up_if_nobody_reads(seconds: float, stalled: float) -> None:
    with pipe() as (reader, stream), writing_to(stream) as writer:
        writer.put(numbered(0))
        began = time.monotonic()
        writer.flush(seconds, stalled)
        assert time.monotonic() - began < PATIENCE_SECONDS / 2
        assert reader.line() == numbered(0)


def test_a_flush_goes_on_as_long_as_the_reader_takes_something() -> None:
    count, stalled, in_the_pipe = 100, 0.5, 16
    received: list[str] = []
    between = threading.Event()

    def read_slowly() -> None:
        while len(received) < count:
            received.append(reader.read(4096).rstrip("\n"))
            between.wait(1.5 * stalled / count)

    with pipe() as (reader, stream), writing_to(stream) as writer:
        thread = threading.Thread(target=read_slowly)
        thread.start()
        for number in range(count):
            writer.put(numbered(number, 4096))
        writer.flush(PATIENCE_SECONDS, stalled)
        received_by_then = len(received)
        thread.join()
    assert received_by_then >= count - in_the_pipe - 1
    assert received == [numbered(number, 4096) for number in range(count)]


def test_after_the_end_the_stream_is_let_go_of_and_nothing_is_written_any_more() -> None:
    with pipe() as (reader, stream), writing_to(stream) as writer:
        writer.put("a")
        flush(writer)
        writer.close()
        writer.put("b")
        stream.close()
        assert [reader.line(), reader.read(1)] == ["a", ""]


def test_the_thread_starts_with_the_first_line() -> None:
    def threads() -> set[threading.Thread]:
        return {thread for thread in threading.enumerate() if thread.name == "log"}

    with pipe() as (_, stream), writing_to(stream) as writer:
        before = threads()
        writer.flush()
        assert not threads() - before
        writer.put("a")
        assert len(threads() - before) == 1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_what_the_streams_encoding_cannot_hold_is_escaped(encoding: str) -> None:
    written = io.BytesIO()
    with writing_to(io.TextIOWrapper(written, encoding)) as writer:
        writer.put("cut…")
        flush(writer)
        assert written.getvalue() == b"cut\\u2026\n"


def test_a_stream_that_was_closed_or_never_there_takes_nothing_and_harms_nobody(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as closed:
        pass
    for stream in (closed, None):
        with writing_to(stream) as writer:
            writer.put("a")
            flush(writer)
