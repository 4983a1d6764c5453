"""Decides which Host headers the control plane accepts: IP addresses, and names that no stranger can register. Pure.

A web page can have its own host name resolve to this machine (DNS rebinding). The browser then treats the page and the
control plane as the same origin, and only the Host header tells the page's requests from those of other clients.
"""

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv6Address

ANY_HOST = "*"
"""Allows every host name."""

RESERVED = (".localhost", ".internal", ".local", ".test", ".home.arpa", ".svc")
"""Suffixes that nobody can register: reserved by RFC 2606, 6761, 6762, 8375 or ICANN, or Kubernetes services."""

_MAX_NAME = 253
"""Characters in a DNS name (RFC 1035)."""

_HOST = re.compile(r"(?:(?P<name>[\w-]+(?:\.[\w-]+)*)\.?|\[(?P<ipv6>[^\[\]]+)\])(?::\d*)?", re.ASCII)


def parse_host(header: str) -> str | None:
    """The host in a Host header, in lower case, without port and trailing dot; None if the header has no valid host."""
    match = _HOST.fullmatch(header.strip(" \t"))
    if match is None or len(match["name"] or "") > _MAX_NAME:
        return None
    if match["name"]:
        return match["name"].lower()
    try:
        return f"[{IPv6Address(match['ipv6'])}]"  # keeps its zone
    except AddressValueError:
        return None


def is_allowed(header: str, names: Iterable[str]) -> bool:
    """Whether the control plane accepts this Host header.

    ``names`` are allowed in addition: a name, a suffix such as ``.example.com`` (which includes ``example.com``), or
    ``*``.
    """
    names = [name.lower().rstrip(".") for name in names]
    host = parse_host(header)
    if host is None:
        return ANY_HOST in names
    is_private = "." not in host or _is_address(host)
    return is_private or any(_matches(host, name) for name in (*RESERVED, *names))


def _is_address(host: str) -> bool:
    try:
        IPv4Address(host)
    except AddressValueError:
        return host.startswith("[")
    return True


def _matches(host: str, name: str) -> bool:
    if name.startswith("."):
        return f".{host}".endswith(name)
    return name in {host, ANY_HOST}
