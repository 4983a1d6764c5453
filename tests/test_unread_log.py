"""A server whose log nobody reads, or that has no log to write to, still responds and ends on SIGTERM."""

import json
import re
import signal
import socket
from pathlib import Path

import httpx2
import pytest

from mockserver.health import wait_for
from mockserver.settings import LogFormat
from tests.commands import MOCKSERVER, Served, serving, started
from tests.support import PATIENCE_SECONDS, restores_path

SHORT, LONG = 1, 2_000
"""How long a path is: some 2,000 lines with the latter fill the queue."""

SOON_SECONDS = 5
"""How long a server may take to end on a busy machine; otherwise it takes less than a second."""


def ask(url: str, numbers: range, size: int = SHORT) -> None:
    """Sends one request without a token for each number, and waits for all responses."""
    target = httpx2.URL(url)
    with socket.create_connection((target.host, target.port or 80), timeout=PATIENCE_SECONDS) as connection:
        for first in numbers[::50]:
            batch = range(first, min(first + 50, numbers.stop))
            lines = (f"GET /v1/{number}/{'x' * size} HTTP/1.1\r\nHost: test\r\n\r\n" for number in batch)
            connection.sendall("".join(lines).encode())
            responses = b""
            while responses.count(b"HTTP/1.1 401 Unauthorized") < len(batch):
                responses += (piece := connection.recv(65536))
                assert piece, "the connection was closed"


def number(line: str) -> int:
    """The number of the request in a line, from its path."""
    match = re.search(r'/v1/(\d+)/x+[ "].*\n$', line)
    assert match, line
    return int(match[1])


def dropped(line: str) -> int:
    """The number of dropped lines, if the line is a notice."""
    if line.startswith("{"):
        record = json.loads(line)
        return int(record["lines"]) if record["event"] == "dropped" else 0
    match = re.search(r"Z log lines dropped: (\d+)\n$", line)
    return int(match[1]) if match else 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port: int = reserved.getsockname()[1]
    return port


def test_a_pipe_that_nobody_reads_delays_neither_responses_nor_the_end() -> None:
    with serving() as served:
        ask(served.url, range(3000))
        assert served.get("/v1/").text == "success"
        served.popen.send_signal(signal.SIGTERM)
        assert served.popen.wait(SOON_SECONDS) == 0
        written, err = served.popen.communicate()
    numbers = [number(line) for line in written.splitlines(keepends=True)]
    assert 0 < len(numbers) < 3000
    assert numbers == list(range(len(numbers)))
    assert err == ""


def test_at_the_end_a_reader_still_gets_what_it_takes() -> None:
    with serving() as served:
        ask(served.url, range(3000))
        code, out, err = served.end()
    assert (code, err) == (0, "")
    assert [number(line) for line in out.splitlines(keepends=True)] == list(range(3000))


@pytest.mark.parametrize("form", LogFormat)
@pytest.mark.usefixtures("measured_processes")
def test_a_late_reader_gets_a_notice_of_dropped_lines(form: LogFormat) -> None:
    count = 3_000
    with serving("--log-format", form) as served:
        ask(served.url, range(count), LONG)
        assert served.get("/v1/").text == "success"
        numbers = []
        while not (missing := dropped(line := served.read_line())):
            numbers.append(number(line))
        assert numbers == list(range(count - missing))
        ask(served.url, range(count, count + 1))
        assert number(served.read_line()) == count
        assert served.end() == (0, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_full_disk_fails_no_request() -> None:
    port = free_port()
    command = (*MOCKSERVER, "serve", "--port", str(port), "--log-requests", "all")
    with Path("/dev/full").open("w") as full, started(*command, stdout=full.fileno()) as process:
        assert wait_for("127.0.0.1", port, PATIENCE_SECONDS) is None
        ask(f"http://127.0.0.1:{port}", range(500))
        assert Served(process.popen, f"http://127.0.0.1:{port}").get().status_code == 200
        code, _, err = process.end()
    assert (code, err) == (0, "")


@pytest.mark.usefixtures("measured_processes")
def test_a_server_that_is_started_without_standard_output_serves_without_a_log() -> None:
    port = free_port()
    command = (*MOCKSERVER, "serve", "--port", str(port))
    with started("sh", "-c", 'exec "$@" >&-', "sh", *command) as process:
        assert wait_for("127.0.0.1", port, PATIENCE_SECONDS) is None
        ask(f"http://127.0.0.1:{port}", range(1))
        assert process.end() == (0, "", "")


def test_serving_goes_on_when_whoever_reads_the_log_has_gone() -> None:
    with serving("--log-requests", "all") as served:
        assert served.popen.stdout
        served.popen.stdout.close()
        assert [served.get(path).status_code for path in (restores_path(), "/v1/nothing")] == [200, 404]
        served.popen.stdout = None
        code, _, err = served.end(signal.SIGTERM)
        assert (code, err) == (0, "")
