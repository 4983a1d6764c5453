"""Formats the address of a server."""

ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - only compared with
"""Hosts that mean all interfaces."""


def reachable(host: str) -> str:
    """The host at which clients on this machine reach a server that listens on ``host``."""
    return "127.0.0.1" if host in ANY_ADDRESS else host


def address(host: str, port: int) -> str:
    """Host and port in the form that URLs use."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
