"""Which Host headers the control plane answers: those of hosts that no stranger's web page can be at."""

from contextlib import suppress
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.address import ANY_ADDRESS
from mockserver.web.host import ANY_HOST, RESERVED, is_allowed, parse_host

ALLOWED = [
    "localhost",
    "LocalHost:8080",
    "localhost.",
    "localhost.:8080",
    "localhost:",
    "app.localhost",
    "a.b.localhost:3000",
    "127.0.0.1",
    "127.0.0.1:8080",
    "127.0.0.1.",
    "10.0.0.7",
    "0.0.0.0:8080",
    "203.0.113.9",
    "[::1]",
    "[::1]:8080",
    "[::]",
    "[2001:DB8::1]",
    "[::ffff:127.0.0.1]:80",
    "[fe80::1%eth0]:8080",
    "[fe80::1%25eth0]",
    "mockserver",
    "mockserver:8080",
    "my_service",
    "docker",
    "host.docker.internal:8080",
    "gateway.docker.internal",
    "mac.local",
    "mockserver.tests.svc.cluster.local:8080",
    "mockserver.tests.svc",
    "mockserver.tests.svc.",
    "mock.test",
    "nas.home.arpa",
    " localhost\t",
]
REFUSED = [
    "evil.example",
    "EVIL.example:8080",
    "evil.example.",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "internal.evil.example",
    "notlocal.evil.example",
    "x.notlocal",
    "x.nottest.",
    "home.arpa.evil.example",
    "x.arpa",
    "svc.evil.example",
    "127.0.0.1.nip.io",
    "999.0.0.1",
    "127.1",
    "0127.0.0.1",
    "0x7f.0.0.1",
]
MALFORMED = [
    "",
    " ",
    ".",
    "..",
    ":8080",
    ".localhost",
    "localhost..",
    "a..localhost",
    "localhost:http",
    "localhost:80:80",
    "localhost:-1",
    "localhost:\u00b2",
    "user@localhost",
    "user:word@localhost",
    "localhost@evil.example",
    "localhost:80@evil.example",
    "localhost evil.example",
    "localhost,evil.example",
    "localhost/",
    "evil.example/localhost",
    "evil.example#.localhost",
    "evil.example?.localhost",
    "evil.example\\.localhost",
    "evil.example\0.localhost",
    "local%68ost",
    "http://localhost",
    "b\u00fccher.test",
    "\u212aube.localhost",
    "::1",
    "fe80::1:8080",
    "[::1",
    "::1]",
    "[]",
    "[::1]evil.example",
    "[::1].evil.example",
    "[::1]@evil.example",
    "[::1].",
    "[127.0.0.1]",
    "[localhost]",
    "[evil.example]",
    "[::1%]",
    "[::g]",
    "[v1.x]",
    f"{'a.' * 127}test",
    "a" * 254,
    "*",
    "localhost\n",
]


@pytest.mark.parametrize("header", ALLOWED)
def test_a_host_that_no_stranger_can_be_at_is_allowed(header: str) -> None:
    assert parse_host(header) is not None
    assert is_allowed(header, ())


@pytest.mark.parametrize("header", REFUSED)
def test_a_name_that_a_stranger_could_have_is_refused(header: str) -> None:
    assert parse_host(header) is not None
    assert not is_allowed(header, ())
    assert is_allowed(header, (ANY_HOST,))


@pytest.mark.parametrize("header", MALFORMED)
def test_what_is_no_host_is_refused_unless_any_is_allowed(header: str) -> None:
    assert parse_host(header) is None
    assert not is_allowed(header, ("localhost", "evil.example", ".example", ""))
    assert is_allowed(header, (ANY_HOST,))


@pytest.mark.parametrize(
    ("name", "allowed", "refused"),
    [
        ("mock.example.com", ["mock.example.com", "Mock.Example.COM:80", "mock.example.com."], ["a.mock.example.com"]),
        ("Mock.Example.COM.", ["mock.example.com"], ["example.com", "amock.example.com"]),
        (
            ".example.com",
            ["example.com", "a.example.com", "a.b.example.com."],
            ["badexample.com", "example.com.evil.io"],
        ),
        (".Example.Com.", ["a.example.com"], ["a.example.org"]),
        ("example", ["example"], ["a.example"]),
        (".", [], ["evil.example"]),
        (ANY_ADDRESS[0], ["127.0.0.1"], ["evil.example"]),
        (ANY_ADDRESS[1], ["[::1]"], ["evil.example"]),
    ],
)
def test_a_name_or_a_suffix_can_be_allowed(name: str, allowed: list[str], refused: list[str]) -> None:
    for header in allowed:
        assert is_allowed(header, (name,))
        assert is_allowed(header, ("other.example", name))
    for header in refused:
        assert not is_allowed(header, (name,))


def test_the_name_of_a_host_is_as_long_as_dns_has_it() -> None:
    longest = f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 61}"
    assert parse_host(longest) == longest
    assert parse_host(f"{longest}.:8080") == longest
    assert parse_host(f"{longest}d") is None


LABELS = st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=5).map(".".join)
PORTS = st.one_of(st.just(""), st.integers(0, 65_535).map(":{}".format))


@given(NAMES, PORTS, st.sampled_from(["", "."]))
def test_case_port_and_a_trailing_dot_change_nothing(name: str, port: str, dot: str) -> None:
    spelled = f"{name.swapcase()}{dot}{port}"
    assert parse_host(spelled) == name.lower()
    assert is_allowed(spelled, ()) is is_allowed(name, ())
    assert is_allowed(spelled, (name,))


@given(st.one_of(st.ip_addresses(), st.just(IPv6Address("fe80::1%eth0"))), PORTS)
def test_every_address_is_allowed(address: IPv4Address | IPv6Address, port: str) -> None:
    host = f"[{address}]" if address.version == 6 else str(address)
    assert is_allowed(f"{host}{port}", ())


@given(NAMES, st.sampled_from(RESERVED))
def test_every_name_under_a_reserved_suffix_is_allowed_and_no_name_that_goes_on_behind_it(
    name: str, suffix: str
) -> None:
    assert is_allowed(name + suffix, ())
    assert not is_allowed(f"{name}{suffix}.example", ())


@given(NAMES, LABELS)
def test_a_suffix_begins_at_a_dot(name: str, label: str) -> None:
    assert is_allowed(f"{name}.corp.example", (".corp.example",))
    assert not is_allowed(f"{name}.{label}corp.example", (".corp.example",))


@given(NAMES, PORTS)
def test_a_rejected_host_is_allowed_by_the_name_in_the_message(name: str, port: str) -> None:
    header = f"{name}.Example{port}"
    parsed = parse_host(header)
    assert parsed is not None
    assert not is_allowed(header, ())
    assert is_allowed(header, (parsed,))
    assert not is_allowed(f"x{header}", (parsed,))


def is_ipv4(host: str) -> bool:
    """Whether it is an address in its one usual form."""
    with suppress(AddressValueError):
        return str(IPv4Address(host)) == host
    return False


PIECES = [
    "localhost",
    "evil",
    ".example",
    ".test",
    "127.0.0.1",
    "[::1]",
    ".",
    ":",
    "80",
    "@",
    "/",
    "?",
    "%",
    "[",
    "]",
    " ",
]


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join) | st.text())
def test_what_is_allowed_is_the_host_that_a_url_would_have(header: str) -> None:
    if is_allowed(header, ()):
        host = str(urlsplit(f"http://{header.strip()}/").hostname).removesuffix(".")
        assert ":" in host or "." not in host or is_ipv4(host) or host.endswith((".test", ".localhost"))
        assert parse_host(header) == (f"[{host}]" if ":" in host else host)
