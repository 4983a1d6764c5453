"""Runs a program at a pseudo-terminal: reads its output and presses keys."""

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ENTER = "\r"
DOWN = "\x1b[B"
ROWS, COLUMNS = 60, 200
PATIENCE_SECONDS = 180

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_POINTED_AT = re.compile("\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT} (\\S+)\\s")


class Terminal:
    """The output and the keyboard of a program."""

    def __init__(self, master: int, popen: "subprocess.Popen[bytes]") -> None:
        self._master = master
        self._popen = popen
        self._deadline = time.monotonic() + PATIENCE_SECONDS
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._unread = ""

    def read_until(self, pattern: "str | re.Pattern[str]") -> re.Match[str]:
        """Reads until ``pattern`` matches the output, without escape sequences such as colours."""
        while not (match := re.search(pattern, self._text())):
            assert self._read(), f"the program ended without {pattern!r} in its output: {self._text()}"
        self._unread = self._text()[match.end() :]
        return match

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def choose(self, question: str, choice: str) -> None:
        """Moves down the list under ``question`` to ``choice``, and selects it."""
        self.read_until(re.escape(question))
        passed = [self.read_choice()]
        while passed[-1] != choice:
            self.press(DOWN)
            passed.append(self.read_choice())
            assert passed[-1] not in passed[:-1], f"no {choice!r} among {passed}"
        self.press(ENTER)

    def read_choice(self) -> str:
        """The highlighted choice."""
        return self.read_until(_POINTED_AT)[1]

    def read_to_end(self) -> tuple[int, str]:
        """Waits for the program to end: its exit code, and the output that was not read before."""
        while self._read():
            pass
        return self._popen.wait(PATIENCE_SECONDS), self._text()

    def _text(self) -> str:
        return _ESCAPES.sub("", self._unread)

    def _read(self) -> bool:
        remaining = self._deadline - time.monotonic()
        readable, _, _ = select.select([self._master], [], [], max(0, remaining))
        assert readable, f"no more output within {PATIENCE_SECONDS} seconds, after: {self._text()}"
        try:
            chunk = os.read(self._master, 65536)
        except OSError:  # on Linux, the program has ended
            return False
        self._unread += self._decoder.decode(chunk)
        return bool(chunk)


@contextmanager
def at_terminal(command: Sequence[str | Path], environment: Mapping[str, str], folder: Path) -> Iterator[Terminal]:
    """Runs ``command`` at a new terminal, and kills it after the block."""
    master, slave = pty.openpty()
    try:
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        with subprocess.Popen(
            command,
            cwd=folder,
            env={"TERM": "xterm", **environment},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        ) as popen:
            os.close(slave)
            try:
                yield Terminal(master, popen)
            finally:
                popen.kill()
    finally:
        os.close(master)
