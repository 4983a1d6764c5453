"""Asks a running server whether it answers."""

import time
from http.client import HTTPConnection, HTTPException

from mockserver.address import address, reachable
from mockserver.clock import MachineClock

TIMEOUT_SECONDS = 2
PAUSE_SECONDS = 0.05


def check(host: str, port: int) -> str | None:
    """What is wrong with the server at that address; None where it answers as it should."""
    asked = address(reachable(host), port)
    try:
        status, body = _ask(reachable(host), port)
    except (OSError, UnicodeError, HTTPException) as failure:
        return f"no server answers at {asked}: {getattr(failure, 'strerror', None) or failure}"
    if status == 200 and body == b"success":
        return None
    return f"what answers at {asked} is not mockserver: status {status}"


def wait_for(host: str, port: int, seconds: float) -> str | None:
    """As ``check``, asking again until all is well or so many seconds are over."""
    clock = MachineClock()
    until = clock.monotonic() + seconds
    while (problem := check(host, port)) and clock.monotonic() < until:
        time.sleep(PAUSE_SECONDS)
    return problem


def _ask(host: str, port: int) -> tuple[int, bytes]:
    connection = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/v1/")
        answer = connection.getresponse()
        return answer.status, answer.read(100)
    finally:
        connection.close()
