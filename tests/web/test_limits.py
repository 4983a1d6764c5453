"""Limits of what clients send: each exactly at it and one beyond, and what becomes of the connection."""

import json
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from mockserver.web import limits
from mockserver.web.unfinished import Unfinished
from tests.commands import serving
from tests.contract.responses import RESTORES, error_of, received_from, send_raw, sent_to
from tests.support import PATIENCE_SECONDS, TOKEN, RunningServer, make_project, running_server, until

HOST = f"Host: localhost\r\nAuthorization: Bearer {TOKEN}\r\n".encode()
LOGIN = b"GET /v1/login HTTP/1.1\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as running:
        yield running


def post(body: bytes, *headers: bytes, path: str = "/_mock/projects") -> bytes:
    return b"".join([f"POST {path} HTTP/1.1\r\n".encode(), HOST, *headers, b"\r\n", body])


def length(count: int) -> bytes:
    return b"Content-Length: %d\r\n" % count


def chunked(body: bytes, size: int = 60_000) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def json_of(count: int) -> bytes:
    """A body that creates a project, and has that many bytes."""
    return b'{"scenario": "empty"' + b" " * (count - 21) + b"}"


def is_reset(connection: socket.socket) -> bool:
    try:
        connection.sendall(b"x")
    except OSError:
        return True
    return False


def object_of(count: int) -> str:
    """A JSON object with that many fields."""
    return json.dumps({f"{number:x}": 1 for number in range(count)})


def check_limit(response: httpx2.Response, beyond: int, status: int, words: str, *, within: int = 200) -> None:
    """Beyond the limit, the response is an error with these words, and the connection ends."""
    if beyond:
        assert words in error_of(response, status)["message"]
        assert response.headers["connection"] == "close"
    else:
        assert response.status_code == within


@pytest.mark.parametrize("beyond", [0, 1])
def test_a_request_line_has_a_limit(server: RunningServer, beyond: int) -> None:
    line = b"GET /v1/login?" + b"x" * (limits.MAX_REQUEST_LINE_BYTES - 23 + beyond) + b" HTTP/1.1"
    assert len(line) == limits.MAX_REQUEST_LINE_BYTES + beyond
    response = send_raw(server, line + b"\r\n" + HOST + b"\r\n")
    check_limit(response, beyond, 414, "request line")


@pytest.mark.parametrize("beyond", [0, 1])
def test_a_header_has_a_limit(server: RunningServer, beyond: int) -> None:
    header = b"X: " + b"x" * (limits.MAX_HEADER_BYTES - 3 + beyond)
    response = send_raw(server, LOGIN + header + b"\r\n" + HOST + b"\r\n")
    check_limit(response, beyond, 431, "a header")


@pytest.mark.parametrize("beyond", [0, 1])
def test_all_headers_together_have_a_limit(server: RunningServer, beyond: int) -> None:
    half = b"X: " + b"x" * 60_000 + b"\r\n"
    rest = limits.MAX_HEADERS_BYTES - len(HOST) - 2 * len(half) - len(b"Y: \r\n\r\n") + beyond
    headers = HOST + half * 2 + b"Y: " + b"y" * rest + b"\r\n\r\n"
    assert len(headers) == limits.MAX_HEADERS_BYTES + beyond
    response = send_raw(server, LOGIN + headers)
    check_limit(response, beyond, 431, "together")


@pytest.mark.parametrize("beyond", [0, 1])
def test_headers_are_limited_in_number(server: RunningServer, beyond: int) -> None:
    response = send_raw(server, LOGIN + HOST + b"X: x\r\n" * (limits.MAX_HEADERS - 2 + beyond) + b"\r\n")
    check_limit(response, beyond, 431, "100 headers")


@pytest.mark.parametrize("beyond", [0, 1])
@pytest.mark.parametrize("is_chunked", [False, True], ids=["length", "chunked"])
def test_a_body_to_the_control_plane_has_a_limit(server: RunningServer, beyond: int, *, is_chunked: bool) -> None:
    body = json_of(limits.MAX_CONTROL_BODY_BYTES + beyond)
    assert len(body) == limits.MAX_CONTROL_BODY_BYTES + beyond
    request = post(chunked(body), b"Transfer-Encoding: chunked\r\n") if is_chunked else post(body, length(len(body)))
    response = send_raw(server, request)
    check_limit(response, beyond, 413, "2 MB", within=201)


@pytest.mark.parametrize("beyond", [0, 1])
@pytest.mark.parametrize("is_chunked", [False, True], ids=["length", "chunked"])
def test_a_body_to_the_api_has_a_limit(server: RunningServer, beyond: int, *, is_chunked: bool) -> None:
    body = b" " * (limits.MAX_API_BODY_BYTES + beyond)
    path = RESTORES.replace("/restores", "/abort-restore")
    framing = (b"Transfer-Encoding: chunked\r\n",) if is_chunked else (length(len(body)),)
    response = send_raw(server, post(chunked(body) if is_chunked else body, *framing, path=path))
    error = error_of(response, 413 if beyond else 400)
    assert ("64 KB" in error["message"]) == bool(beyond)


def test_a_body_that_is_too_long_is_logged_once_with_the_request_id_of_the_response(server: RunningServer) -> None:
    body = b" " * (limits.MAX_CONTROL_BODY_BYTES + 1)
    with sent_to(server, post(b"", b"Transfer-Encoding: chunked\r\n")) as connection:
        connection.sendall(chunked(body))
        response = connection.makefile("rb").read()
    (request_id,) = re.findall(rb"\r\nx-request-id: (\S+)\r\n", response)
    assert json.loads(response.partition(b"\r\n\r\n")[2])["error"]["id"] == "nf-too-large"
    lines = [line for line in server.log.getvalue().splitlines() if request_id.decode() in line]
    assert len(lines) == 1
    assert " 413 POST /_mock/projects " in lines[0]


def test_a_length_over_the_limit_is_refused_at_the_headers_without_a_100(server: RunningServer) -> None:
    head = post(b"", b"Expect: 100-continue\r\n", length(limits.MAX_CONTROL_BODY_BYTES + 1))
    assert received_from(server, head).startswith(b"HTTP/1.1 413 ")


def test_a_length_within_the_limit_gets_its_100(server: RunningServer) -> None:
    with sent_to(server, post(b"", b"Expect: 100-continue\r\nConnection: close\r\n", length(21))) as connection:
        stream = connection.makefile("rb")
        assert stream.readline() == b"HTTP/1.1 100 Continue\r\n"
        connection.sendall(json_of(21))
        assert b"HTTP/1.1 201 Created" in stream.read()


def test_a_client_that_goes_on_sending_reads_the_error(server: RunningServer) -> None:
    """Closed at once, the connection would be reset by what still arrives, and the error lost."""
    rest = b"x" * (limits.MAX_DROPPED_BYTES // 2)
    response = received_from(server, LOGIN + b"X: x\r\n" * 101 + b"\r\n" + rest)
    assert response.startswith(b"HTTP/1.1 431 ")
    assert response.endswith(b"}}")


def test_a_client_that_never_stops_sending_is_closed(server: RunningServer) -> None:
    with sent_to(server, b"GET /") as connection, pytest.raises(OSError):  # noqa: PT011 - a reset or a broken pipe
        connection.sendall(b"x" * 100 * limits.MB)


def test_a_connection_that_nobody_closes_is_closed_after_a_second(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_DROPPING_SECONDS", 0.05)
    with sent_to(server, b"garbage\r\n\r\n") as connection:
        assert connection.makefile("rb").read().startswith(b"HTTP/1.1 400 ")
        until(lambda: is_reset(connection))


@pytest.mark.parametrize(
    ("begin", "endless", "status"),
    [
        (b"GET /", b"x", 414),
        (LOGIN + b"X: ", b"x", 431),
        (LOGIN, b"X: x\r\n", 431),
        (LOGIN + b"X", b"x", 431),
        (b"", b"\r\n", 431),
        (post(b"0\r\n", b"Transfer-Encoding: chunked\r\n"), b"X: x\r\n", 431),
        (post(b"0\r\nX: ", b"Transfer-Encoding: chunked\r\n"), b"x", 431),
        (post(b"1;", b"Transfer-Encoding: chunked\r\n"), b"x", 431),
        (b"", b"\x00", 400),
    ],
    ids=["target", "header", "headers", "name", "blank lines", "trailers", "trailer", "chunk extension", "garbage"],
)
@pytest.mark.parametrize("size", [1000, 300_000])
def test_what_has_no_end_is_refused(
    server: RunningServer, begin: bytes, endless: bytes, status: int, size: int
) -> None:
    piece = endless * (size // len(endless))
    with sent_to(server, begin) as connection:
        connection.settimeout(PATIENCE_SECONDS)
        with suppress(OSError):  # it is closed meanwhile
            for _ in range(600_000 // len(piece)):
                connection.sendall(piece)
        response = connection.makefile("rb").read()
    assert response.startswith(b"HTTP/1.1 %d " % status)


def test_a_slow_request_is_served(server: RunningServer) -> None:
    body = json_of(21)
    with sent_to(server, b"") as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in post(body, length(len(body)), b"Connection: close\r\n"):
            connection.sendall(bytes([byte]))
        assert connection.makefile("rb").read().startswith(b"HTTP/1.1 201 ")


def test_what_holds_most_gives_way() -> None:
    class Holder:
        held = 0
        has_given_up = False

        def give_up(self) -> None:
            self.has_given_up = True

    unfinished = Unfinished(100)
    small, large, late = Holder(), Holder(), Holder()
    unfinished.hold(small, 30)
    unfinished.hold(large, 70)
    assert unfinished.total == 100
    unfinished.hold(late, 1)
    assert (large.has_given_up, small.has_given_up, late.has_given_up) == (True, False, False)
    assert (unfinished.total, large.held) == (31, 0)
    unfinished.hold(small, 0)
    unfinished.hold(late, 0)
    assert unfinished.total == 0


def test_unfinished_requests_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_UNFINISHED_BYTES", 200 * limits.KB)
    with running_server() as server:
        large = sent_to(server, post(b" " * 50_000, length(60_000)))
        others = [sent_to(server, LOGIN + b"X: " + b"x" * 20_000) for _ in range(8)]
        with large:
            assert b"HTTP/1.1 503 " in large.makefile("rb").readline()
        assert server.get("/v1/login").status_code == 200
        for other in others:
            other.sendall(b"\r\n" + HOST + b"Connection: close\r\n\r\n")
            with other:
                assert other.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"restores": [' + ",".join(["[]"] * 10_001) + "]}", "restores must be at most 10000"),
        ('{"restores": [' + ",".join(["[]"] * 10_000) + "]}", "restores[0] must be an object"),
        ('{"restores": [' + ",".join(["[]"] * 600_000) + "]}", "the body has more than 150,000 JSON values"),
        ('{"permissions": [' + ",".join(["1"] * 140_000) + "]}", "permissions[0] must be"),
        ('{"permissions": ["' + "[{," * 60_000 + '"]}', "permissions[0] must be"),
        (object_of(101), "the body has an object with more than 100 fields"),
        (f'{{"clock": {object_of(101)}}}', "the body has an object with more than 100"),
        (object_of(100), "unknown field: 0; allowed: scenario, "),
    ],
    ids=[
        "too many",
        "as many as may be",
        "far too many",
        "permissions",
        "one long value",
        "fields",
        "nested fields",
        "100 fields",
    ],
)
def test_validation_stops_at_the_first_bad_element(server: RunningServer, body: str, message: str) -> None:
    assert len(body) < limits.MAX_CONTROL_BODY_BYTES
    response = server.client.post("/_mock/projects", content=body)
    assert error_of(response, 400)["message"].startswith(message)


def test_as_many_restores_as_may_be_fit_into_a_body(server: RunningServer) -> None:
    row = {"status": "completed", "restoreTimestamp": "2024-06-30T23:34:15.559Z", "completedAt": "2024-06-30T23:35:15Z"}
    created = make_project(
        server, scenario="single", restores=[row | {"id": 1_719_790_455_559 + n} for n in range(10_000)]
    ).created
    assert created["restores"] == 10_000


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * 4096


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_stays_small_and_others_are_served_while_clients_attack() -> None:
    attacks = [
        LOGIN + b"X: " + b"x" * 4_000_000,
        b"GET /" + b"x" * 4_000_000,
        LOGIN + b"X: x\r\n" * 600_000,
        post(chunked(b" " * 4_000_000), b"Transfer-Encoding: chunked\r\n"),
        post(b"0\r\n" + b"X: x\r\n" * 600_000, b"Transfer-Encoding: chunked\r\n"),
        (LOGIN + HOST + b"\r\n") * 40_000,
        post(b'{"restores": [%b]}' % b",".join([b"[]"] * 600_000), length(1_800_016)),
        post(b'{"permissions": [%b]}' % b",".join([b"1"] * 900_000), length(1_800_018)),
    ]

    def attack(url: str, sent: bytes) -> None:
        address = urlsplit(url)
        place = (address.hostname, address.port)
        with suppress(OSError), socket.create_connection(place, timeout=1) as connection:
            connection.sendall(sent)  # until it is closed, or not read from

    with serving() as served:
        assert served.get().status_code == 200
        before = resident_bytes(served.popen.pid)
        threads = [threading.Thread(target=attack, args=(served.url, sent)) for sent in attacks for _ in range(3)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            assert httpx2.get(f"{served.url}/v1/", timeout=PATIENCE_SECONDS, trust_env=False).text == "success"
        for thread in threads:
            thread.join()
        assert resident_bytes(served.popen.pid) - before < 64 * limits.MB
        served.end()
