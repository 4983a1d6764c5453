"""Servers that stand in for others, on a free port of loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

POLL_SECONDS = 0.01
"""How long a stand-in may take to see that it is to end."""


class QuietHandler(BaseHTTPRequestHandler):
    """Answers, and writes no log."""

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def standing_in(handler: type[QuietHandler]) -> Iterator[str]:
    """The host and port of a server that answers as ``handler`` does."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,))
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
