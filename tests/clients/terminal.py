"""A person at a terminal: a program under a pseudo-terminal, what it shows, and the keys that are pressed."""

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
    """What a program shows and is told."""

    def __init__(self, master: int, popen: "subprocess.Popen[bytes]") -> None:
        self._master = master
        self._popen = popen
        self._deadline = time.monotonic() + PATIENCE_SECONDS
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._unread = ""

    def read_until(self, pattern: "str | re.Pattern[str]") -> re.Match[str]:
        """Reads on to where ``pattern`` shows, without colours and the like."""
        while not (found := re.search(pattern, self._shown())):
            assert self._read(), f"it ended, and showed no {pattern!r}: {self._shown()}"
        self._unread = self._shown()[found.end() :]
        return found

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def choose(self, question: str, choice: str) -> None:
        """Goes down the list under ``question`` to ``choice``, and takes it."""
        self.read_until(re.escape(question))
        passed = [self.read_choice()]
        while passed[-1] != choice:
            self.press(DOWN)
            passed.append(self.read_choice())
            assert passed[-1] not in passed[:-1], f"no {choice!r} among {passed}"
        self.press(ENTER)

    def read_choice(self) -> str:
        """The choice that is pointed at."""
        return self.read_until(_POINTED_AT)[1]

    def read_to_end(self) -> tuple[int, str]:
        """The exit code, and all that it showed since what was read last."""
        while self._read():
            pass
        return self._popen.wait(PATIENCE_SECONDS), self._shown()

    def _shown(self) -> str:
        return _ESCAPES.sub("", self._unread)

    def _read(self) -> bool:
        left = self._deadline - time.monotonic()
        readable, _, _ = select.select([self._master], [], [], max(0, left))
        assert readable, f"nothing more came in {PATIENCE_SECONDS} seconds after: {self._shown()}"
        try:
            piece = os.read(self._master, 65536)
        except OSError:  # as Linux says that the program has gone
            return False
        self._unread += self._decoder.decode(piece)
        return bool(piece)


@contextmanager
def at_terminal(command: Sequence[str | Path], environment: Mapping[str, str], folder: Path) -> Iterator[Terminal]:
    """Runs ``command`` at a terminal of its own; it has ended when the block has."""
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
