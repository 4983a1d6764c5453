"""Decides which Host headers the control plane answers: addresses, and names that no stranger can register. Pure.

A web page can have its own host name resolve to this machine (DNS rebinding). To the browser the page and the control
plane then have the same origin, and no header tells the page's requests from those of other clients. Only the host name
is still the page's.
"""

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv6Address

ANY_HOST = "*"
"""As a name to allow: every one."""

RESERVED = (".localhost", ".internal", ".local", ".test", ".home.arpa", ".svc")
"""Suffixes that nobody can register: reserved (RFC 2606, 6761, 6762, 8375; ICANN's for private use), or Kubernetes'
own for services."""

_MAX_NAME = 253
"""Characters in a DNS name (RFC 1035)."""

_HOST = re.compile(r"(?:(?P<name>[\w-]+(?:\.[\w-]+)*)\.?|\[(?P<ipv6>[^\[\]]+)\])(?::\d*)?", re.ASCII)


def parse_host(header: str) -> str | None:
    """The host in a Host header, in lower case, without port and trailing dot; None if there is none in it."""
    found = _HOST.fullmatch(header.strip(" \t"))
    if found is None or len(found["name"] or "") > _MAX_NAME:
        return None
    if found["name"]:
        return found["name"].lower()
    try:
        return f"[{IPv6Address(found['ipv6'])}]"  # with its zone, if it has one
    except AddressValueError:
        return None


def is_allowed(header: str, names: Iterable[str]) -> bool:
    """Whether the control plane answers this Host header.

    ``names`` are those allowed in addition: a name, a suffix such as ``.example.com`` (with the name behind its dot),
    or ``*``.
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
