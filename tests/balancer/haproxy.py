"""Runs HAProxy in front of three servers, with the configuration in the docs."""

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
    """The path of HAProxy. Skips the test if it is not installed; in CI the test fails instead."""
    program = shutil.which("haproxy", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))
    return program or skip_or_fail("the load balancer tests need HAProxy: install it with `apt-get install haproxy`")


@contextmanager
def haproxy_in_front_of(addresses: Sequence[str], folder: Path) -> Iterator[str]:
    """Runs HAProxy with these servers instead of those in the configuration, and yields its URL."""
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
    """Runs HAProxy in front of ready servers, and yields it when it is ready."""
    with haproxy_in_front_of([url.removeprefix("http://") for url in urls], folder) as url:
        server = Server(url)
        server.wait_until_ready(PATIENCE_SECONDS)
        yield server
