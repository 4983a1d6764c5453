"""Has a page open in a browser while its server is measured."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.client import PATIENCE_SECONDS, Client
from bench.errors import UnusableError
from bench.processes import end, free_port, on_core

PAUSE_SECONDS = 0.05
SETTLING_SECONDS = 1
"""How long a page that has loaded gets for its first requests."""


@contextmanager
def browsing(url: str, title: str) -> Iterator[None]:
    """Has ``url`` open, in a browser beside wrk; raises UnusableError unless a page of that title comes of it."""
    program = shutil.which("chromium")
    if program is None:
        raise UnusableError("there is no Chromium: install it, for example with `apt-get install chromium`.")
    port = free_port()
    options = ["--headless=new", "--disable-gpu", f"--remote-debugging-port={port}"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as profile:
        popen = subprocess.Popen(
            on_core(1, [program, *options, f"--user-data-dir={profile}", url]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for_page(port, title)
            yield
        finally:
            end(popen)


def _wait_for_page(port: int, title: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with Client(port) as client:
                titles = [tab["title"] for tab in client.get_json("/json/list")]
        except UnusableError:
            titles = []
        if title in titles:
            time.sleep(SETTLING_SECONDS)
            return
        if time.monotonic() > until:
            raise UnusableError(f"the browser shows {titles} and not the page.")
        time.sleep(PAUSE_SECONDS)
