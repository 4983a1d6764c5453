"""Where a server is: hosts and ports in words."""

ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - they are compared with, not listened on
"""As a host to listen on: all interfaces."""


def reachable(host: str) -> str:
    """Where on this machine a server answers that listens on ``host``."""
    return "127.0.0.1" if host in ANY_ADDRESS else host


def address(host: str, port: int) -> str:
    """A host and a port as a URL has them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
