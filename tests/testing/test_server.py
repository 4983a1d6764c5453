"""A server that runs already, from a test-suite's side."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from mockserver.testing import RefusedError, Server, UnreachableError
from mockserver.version import version
from tests.support import RunningServer, running_server


class Answers(BaseHTTPRequestHandler):
    """Gives one answer after another, and the last one from then on."""

    left: list[tuple[int, bytes]]

    def do_GET(self) -> None:
        status, body = self.left[0] if len(self.left) == 1 else self.left.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def answering(*answers: tuple[int, bytes]) -> Iterator[str]:
    """The URL of something that gives these answers."""
    handler = type("Given", (Answers,), {"left": list(answers)})
    with HTTPServer(("127.0.0.1", 0), handler) as stand_in:
        thread = threading.Thread(target=stand_in.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{stand_in.server_port}"
        finally:
            stand_in.shutdown()
            thread.join()


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
        with pytest.raises(RefusedError, match="no project"):
            mock.reset()


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://127.0.0.1", "http://", "http://127.0.0.1/v1", "http://a?b=c"])
def test_what_is_no_url_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"is not the URL of a server: it should be as http://127\.0\.0\.1:8080"):
        Server(url)


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


def test_calls_go_through_no_proxy(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert Server(server.url).version
