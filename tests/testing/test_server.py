"""mockserver.testing.Server: a server that is already running."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mockserver.testing import ControlPlaneError, Server, UnreachableError
from mockserver.version import version
from tests.fake_servers import QuietHandler, fake_server
from tests.support import PATIENCE_SECONDS, RunningServer, running_server


class ScriptedHandler(QuietHandler):
    """Sends one response after another, and repeats the last one."""

    script: list[tuple[int, bytes]]

    def do_GET(self) -> None:  # noqa: N802 - the name in http.server
        status, body = self.script[0] if len(self.script) == 1 else self.script.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def responding_with(*responses: tuple[int, bytes]) -> Iterator[str]:
    """The URL of a fake server that sends these responses."""
    handler = type("Handler", (ScriptedHandler,), {"script": list(responses)})
    with fake_server(handler) as address:
        yield f"http://{address}"


def test_a_server_has_its_version_and_url(server: RunningServer) -> None:
    running = Server(f"{server.url}/")
    running.wait_until_ready()
    assert running.version == version()
    assert repr(running) == f"Server({server.url!r})"


def test_a_reset_of_the_server_removes_created_projects() -> None:
    with running_server() as other:
        running = Server(other.url)
        mock = running.make_project()
        running.reset()
        with pytest.raises(ControlPlaneError, match="no project"):
            mock.reset()


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8080",
        "ftp://127.0.0.1",
        "http://",
        "http://127.0.0.1/v1",
        "http://a?b=c",
        "http://127.0.0.1:abc",
        "http://127.0.0.1:99999",
        "http://user:password@127.0.0.1:8080",
        "http://a b:1",
        "http://[::1",
        "http://a..b:80",
        5,
    ],
)
def test_an_invalid_url_raises_an_error(url: str) -> None:
    with pytest.raises(ValueError, match=r"is not the URL of a server: it should look like http://127\.0\.0\.1:8080"):
        Server(url)


@pytest.mark.parametrize("url", ["http://localhost", "https://my_mock.example.com.:65535", "http://[::1]:80"])
def test_a_url_may_have_a_host_name_a_port_and_https(url: str) -> None:
    assert Server(f"{url}/").url == url


def test_the_scheme_of_a_url_is_case_insensitive() -> None:
    assert Server("HTTP://127.0.0.1:8080").url == "http://127.0.0.1:8080"


def test_a_port_where_nothing_listens_is_unreachable() -> None:
    with pytest.raises(UnreachableError, match=r"no mockserver responds at http://127\.0\.0\.1:1: Connection refused"):
        Server("http://127.0.0.1:1").wait_until_ready(seconds=0.05)


@pytest.mark.parametrize("response", [(200, b"<html>"), (404, b"[]"), (404, b'{"error": "none"}'), (500, b"")])
def test_a_server_other_than_mockserver_is_unreachable(response: tuple[int, bytes]) -> None:
    with (
        responding_with(response) as url,
        pytest.raises(UnreachableError, match=f"is not mockserver: it responded with status {response[0]}"),
    ):
        print(Server(url).version)


def test_a_server_without_a_control_plane_is_unreachable() -> None:
    with running_server(no_control=True) as bare, pytest.raises(UnreachableError, match="has no control plane"):
        Server(bare.url).wait_until_ready()


def test_a_server_that_is_not_ready_is_polled() -> None:
    busy = (503, b'{"error": {"status": 503, "message": "not yet"}}')
    with responding_with((200, b"starting"), busy, busy, (200, b'{"version": "1"}')) as url:
        Server(url).wait_until_ready()


def test_a_server_that_does_not_become_ready_is_unreachable() -> None:
    with (
        responding_with((503, b'{"error": {"status": 503, "message": "not yet"}}')) as url,
        pytest.raises(UnreachableError, match="did not become ready: not yet"),
    ):
        Server(url).wait_until_ready(seconds=0.05)


def test_a_server_that_never_responds_is_unreachable_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        with pytest.raises(UnreachableError, match="timed out"):
            Server(f"http://127.0.0.1:{silent.getsockname()[1]}").wait_until_ready(seconds=0.2)
        assert time.monotonic() - start < PATIENCE_SECONDS


def test_requests_bypass_proxies(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert Server(server.url).version
