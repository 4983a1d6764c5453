"""Puts a server under load, with wrk, and measures it."""

import json
import shutil
import subprocess
from pathlib import Path

from bench.figures import Sample
from bench.processes import HEADERS, Running, UnusableError, on_core

CONNECTIONS = 32
WARM_UP_SECONDS = 1
SCRIPT = Path(__file__).with_name("figures.lua")
MISSING = "make bench needs wrk, which puts servers under load: install it, as in `apt-get install wrk`"


def require_wrk() -> None:
    """Raises UnusableError where the machine has no wrk."""
    if shutil.which("wrk") is None:
        raise UnusableError(MISSING)


def measure(server: Running, seconds: int, query: str = "", connections: int = CONNECTIONS) -> Sample:
    """Loads a server for so many seconds, once it is warm.

    Of each connection it answers one more request when wrk has gone: where a page is slow, ask over one alone.
    """
    _wrk(server.url(query), WARM_UP_SECONDS, connections)
    before = server.cpu_seconds()
    measured = _wrk(server.url(query), seconds, connections)
    cpu_seconds = server.cpu_seconds() - before
    return Sample(
        requests_per_second=measured["requests"] / measured["seconds"],
        p50_ms=measured["p50_ms"],
        p99_ms=measured["p99_ms"],
        cpu_us=cpu_seconds / measured["requests"] * 1e6,
        peak_mb=server.peak_mb(),
        first_answer_s=server.first_answer_s,
    )


def _wrk(url: str, seconds: int, connections: int) -> dict[str, float]:
    header = "".join(f"{name}: {value}" for name, value in HEADERS.items())
    options = [f"-c{connections}", "-t1", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT), "-H", header, url]
    finished = subprocess.run(
        on_core(1, ["wrk", *options]), capture_output=True, text=True, timeout=seconds + 60, check=False
    )
    if finished.returncode:
        raise UnusableError(f"wrk: {finished.stderr.strip() or finished.stdout.strip()}")
    measured: dict[str, float] = json.loads(finished.stdout.splitlines()[-1])
    if measured["failed"] or not measured["requests"]:
        raise UnusableError(f"{measured['failed']} of {measured['requests']} requests failed.")
    return measured
