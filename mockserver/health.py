"""Asks a running server whether it answers."""

from http.client import HTTPConnection, HTTPException

TIMEOUT_SECONDS = 2


def check(host: str, port: int) -> str | None:
    """What is wrong with the server at that address; None where it answers as it should."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - it is compared with, not listened on
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    connection = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/v1/")
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, HTTPException) as failure:
        return f"no server answers at {host}:{port}: {failure}"
    finally:
        connection.close()
    if answer.status == 200 and body == b"success":
        return None
    return f"what answers at {host}:{port} is not mockserver: status {answer.status}"
