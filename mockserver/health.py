"""Checks that a server is running and responds."""

import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException

from mockserver.address import address, reachable
from mockserver.clock import MachineClock

TIMEOUT_SECONDS = 2
PAUSE_SECONDS = 0.05


def check(host: str, port: int) -> str | None:
    """The problem with the server at that address; None if it responds as expected."""
    location = address(reachable(host), port)
    try:
        with closing(HTTPConnection(reachable(host), port, timeout=TIMEOUT_SECONDS)) as connection:
            connection.request("GET", "/v1/")
            response = connection.getresponse()
            status, body = response.status, response.read(100)
    except (OSError, UnicodeError, HTTPException) as failure:
        return f"no server responds at {location}: {getattr(failure, 'strerror', None) or failure}"
    if status == 200 and body == b"success":
        return None
    return f"the server at {location} is not mockserver: it responded with status {status}"


def wait_for(host: str, port: int, seconds: float) -> str | None:
    """Repeats ``check`` until it finds no problem or ``seconds`` have passed."""
    until = MachineClock.monotonic() + seconds
    while (problem := check(host, port)) and MachineClock.monotonic() < until:
        time.sleep(PAUSE_SECONDS)
    return problem
