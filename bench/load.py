"""Puts a server under load, with wrk, and measures it."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.errors import UnusableError
from bench.figures import Sample
from bench.processes import Running, on_core
from bench.workloads import Request

CONNECTIONS = 32
WARM_UP_SECONDS = 1
SCRIPT = Path(__file__).with_name("requests.lua")
MISSING = "make bench needs wrk, which puts servers under load: install it, for example with `apt-get install wrk`"


def require_wrk() -> None:
    """Raises UnusableError if the machine has no wrk."""
    if shutil.which("wrk") is None:
        raise UnusableError(MISSING)


def measure(server: Running, seconds: int, requests: Sequence[Request] = (), connections: int = CONNECTIONS) -> Sample:
    """Sends these requests, or the server's one page if there are none, again and again, after a warm-up.

    The server responds to one more request per connection after wrk has gone: use one connection if a page is slow.
    """
    requests = requests or [Request(server.path)]
    _wrk(server.url(), requests, WARM_UP_SECONDS, connections)
    before = server.cpu_seconds()
    measured = _wrk(server.url(), requests, seconds, connections)
    cpu_seconds = server.cpu_seconds() - before
    return Sample(
        requests_per_second=measured["requests"] / measured["seconds"],
        p50_ms=measured["p50_ms"],
        p99_ms=measured["p99_ms"],
        cpu_us=cpu_seconds / measured["requests"] * 1e6,
        peak_mb=server.peak_mb(),
        first_response_s=server.first_response_s,
        write_share=sum(request.method != "GET" for request in requests) / len(requests),
    )


def _wrk(url: str, requests: Sequence[Request], seconds: int, connections: int) -> dict[str, float]:
    options = [f"-c{connections}", "-t1", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT), url]
    finished = subprocess.run(
        on_core(1, ["wrk", *options]),
        input="".join(f"{request.line()}\n" for request in requests),
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=False,
    )
    if finished.returncode:
        raise UnusableError(f"wrk: {finished.stderr.strip() or finished.stdout.strip()}")
    measured: dict[str, float] = json.loads(finished.stdout.splitlines()[-1])
    if measured["failed"] or not measured["requests"]:
        raise UnusableError(f"{measured['failed']} of {measured['requests']} requests failed.")
    return measured
