"""``mockserver serve`` as a process that can be measured and killed. It ends when this process ends, in any way."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from endurance.connection import Address, Connection, LostError
from endurance.model.messages import Request

READY_SECONDS = 60
GRACE_SECONDS = 30
_PAUSE_SECONDS = 0.005
_TAIL = 10
_URL = re.compile(r"http://([\d.]+):(\d+)")
_PREFIX = "NFMOCK_"


class ServerError(Exception):
    """The server did not start, or ended by itself; the message has its last output."""


class Server:
    """A process of the server; ``folder`` has its log."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.log = folder / "server.log"
        self._began_at = self.log.stat().st_size if self.log.exists() else 0
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                [sys.executable, "-P", "-m", "mockserver.testing", "serve", "--port", "0", *options],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,  # Ctrl-C goes only to this process, which then ends the server
            )

    async def ready(self) -> Address:
        """Waits until it responds; returns its address. Raises ServerError."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                while True:
                    self.check_alive()
                    if match := _URL.search(self._output()):
                        address = Address(match[1], int(match[2]))
                        if await _responds(address):
                            return address
                    await asyncio.sleep(_PAUSE_SECONDS)
        except TimeoutError:
            raise ServerError(f"the server was not ready within {READY_SECONDS} seconds{self._tail()}") from None

    def check_alive(self) -> None:
        """Raises ServerError if it has ended."""
        code = self._popen.poll()
        if code is not None:
            raise ServerError(f"the server ended by itself, with exit code {code}{self._tail()}")

    def memory_mb(self) -> float:
        """Its present memory."""
        return self._status("VmRSS")

    def peak_mb(self) -> float:
        """Its peak memory so far."""
        return self._status("VmHWM")

    def descriptors(self) -> int:
        """How many files and connections it has open."""
        return sum(1 for _ in Path(f"/proc/{self._popen.pid}/fd").iterdir())

    def kill(self) -> None:
        """Ends it with SIGKILL, as ``kill -9`` does."""
        self._popen.kill()
        self._popen.wait()
        self._close()

    def stop(self) -> str | None:
        """Ends it with SIGTERM; None if it ends as it should, otherwise what went wrong."""
        self._popen.send_signal(signal.SIGTERM)
        try:
            code = self._popen.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return f"the server did not end within {GRACE_SECONDS} seconds of SIGTERM"
        self._close()
        if "Traceback" in self.log.read_text(errors="replace"):
            return f"there is a traceback in the server's log{self._tail()}"
        return None if code == 0 else f"the server ended with exit code {code}{self._tail()}"

    def _close(self) -> None:
        if self._popen.stdin is not None:
            self._popen.stdin.close()

    def _output(self) -> str:
        with self.log.open(errors="replace") as log:
            log.seek(self._began_at)
            return log.read()

    def _tail(self) -> str:
        return "".join(f"\n  {line}" for line in self._output().splitlines()[-_TAIL:])

    def _status(self, name: str) -> float:
        lines = Path(f"/proc/{self._popen.pid}/status").read_text().splitlines()
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:")), 0.0)


async def _responds(address: Address) -> bool:
    connection = Connection(address)
    try:
        response = await connection.request(Request("GET", "/_mock/health"))
    except LostError:
        return False
    finally:
        connection.close()
    return response.status == 200
