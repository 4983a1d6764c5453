"""HAProxy as a process in front of three servers, with the configuration that the docs show."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mockserver.testing import Server
from tests.support import PATIENCE_SECONDS, skip_or_fail

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = (ROOT / "docs" / "haproxy.cfg").read_text(encoding="utf-8")
NO_SERVER = "the balancer cannot reach the server for this request: if that server has ended, its projects are lost"
ADDRESSES = re.findall(r"^    server \S+ (\S+)$", CONFIGURATION, re.MULTILINE)


def ensure_installed() -> str:
    """The path of HAProxy. Without it, skips the test that asked, and fails it in CI."""
    program = shutil.which("haproxy", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))
    return program or skip_or_fail("the tests behind a balancer need HAProxy: `apt-get install haproxy` brings it")


@contextmanager
def haproxy_in_front_of(addresses: Sequence[str], folder: Path) -> Iterator[str]:
    """The URL of HAProxy, which has these servers instead of those in the shipped configuration."""
    program = ensure_installed()
    text = CONFIGURATION
    for shipped, address in zip(ADDRESSES, addresses, strict=True):
        text = text.replace(f" {shipped}\n", f" {address}\n")
    file, log = folder / "haproxy.cfg", folder / "haproxy.log"
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener, log.open("wb") as output:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        file.write_text(text.replace("bind :8080\n", f"bind fd@{listener.fileno()}\n"), encoding="utf-8")
        process = subprocess.Popen(
            [program, "-dW", "-db", "-f", file], pass_fds=[listener.fileno()], stdout=output, stderr=output
        )
    try:
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
        print(log.read_text())


@contextmanager
def balancer(urls: Sequence[str], folder: Path) -> Iterator[Server]:
    """A balancer that is ready, in front of servers that are."""
    with haproxy_in_front_of([url.removeprefix("http://") for url in urls], folder) as url:
        server = Server(url)
        server.wait_until_ready(PATIENCE_SECONDS)
        yield server
