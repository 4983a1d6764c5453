"""A server that runs already, from a test-suite's side."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mockserver.testing import ControlPlaneError, Server, UnreachableError
from mockserver.version import version
from tests.fake_servers import QuietHandler, standing_in
from tests.support import PATIENCE_SECONDS, RunningServer, running_server


class Answers(QuietHandler):
    """Gives one answer after another, and the last one from then on."""

    left: list[tuple[int, bytes]]

    def do_GET(self) -> None:  # noqa: N802 - as the library wants it
        status, body = self.left[0] if len(self.left) == 1 else self.left.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def answering(*answers: tuple[int, bytes]) -> Iterator[str]:
    """The URL of something that gives these answers."""
    handler = type("Given", (Answers,), {"left": list(answers)})
    with standing_in(handler) as address:
        yield f"http://{address}"


def test_a_server_tells_its_version_and_where_it_is(server: RunningServer) -> None:
    running = Server(f"{server.url}/")
    running.wait_until_ready()
    assert running.version == version()
    assert repr(running) == f"Server({server.url!r})"


def test_a_reset_of_the_server_removes_the_projects_that_were_made() -> None:
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
def test_what_is_no_url_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"is not the URL of a server: it should be as http://127\.0\.0\.1:8080"):
        Server(url)


@pytest.mark.parametrize("url", ["http://localhost", "https://my_mock.example.com.:65535", "http://[::1]:80"])
def test_a_server_may_have_a_name_a_port_and_tls(url: str) -> None:
    assert Server(f"{url}/").url == url


def test_a_url_is_of_http_however_that_is_written() -> None:
    assert Server("HTTP://127.0.0.1:8080").url == "http://127.0.0.1:8080"


def test_where_nothing_listens_it_says_so() -> None:
    with pytest.raises(UnreachableError, match=r"no mockserver answers at http://127\.0\.0\.1:1: Connection refused"):
        Server("http://127.0.0.1:1").wait_until_ready(seconds=0.05)


@pytest.mark.parametrize("answer", [(200, b"<html>"), (404, b"[]"), (404, b'{"error": "none"}'), (500, b"")])
def test_what_is_not_mockserver_is_told_as_such(answer: tuple[int, bytes]) -> None:
    with (
        answering(answer) as url,
        pytest.raises(UnreachableError, match=f"is not mockserver: its status is {answer[0]}"),
    ):
        print(Server(url).version)


def test_a_server_without_its_control_plane_is_told_as_such() -> None:
    with running_server(no_control=True) as bare, pytest.raises(UnreachableError, match="has no control plane"):
        Server(bare.url).wait_until_ready()


def test_a_server_that_is_not_ready_yet_is_asked_again() -> None:
    busy = (503, b'{"error": {"status": 503, "message": "not yet"}}')
    with answering((200, b"starting"), busy, busy, (200, b'{"version": "1"}')) as url:
        Server(url).wait_until_ready()


def test_a_server_that_does_not_get_ready_is_told_as_such() -> None:
    with (
        answering((503, b'{"error": {"status": 503, "message": "not yet"}}')) as url,
        pytest.raises(UnreachableError, match="did not get ready: not yet"),
    ):
        Server(url).wait_until_ready(seconds=0.05)


def test_something_that_takes_calls_and_never_answers_is_waited_for_no_longer_than_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        began = time.monotonic()
        with pytest.raises(UnreachableError, match="timed out"):
            Server(f"http://127.0.0.1:{mute.getsockname()[1]}").wait_until_ready(seconds=0.2)
        assert time.monotonic() - began < PATIENCE_SECONDS


def test_calls_go_through_no_proxy(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert Server(server.url).version
