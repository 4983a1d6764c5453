"""Servers: where they listen, how they end, and that two of them share nothing."""

import asyncio
import queue
import signal
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from fastapi import Response

from mockserver.address import address, reachable
from mockserver.app import create_app
from mockserver.errors import UsageError
from mockserver.settings import LogRequests, Settings
from mockserver.web.server import bind, make_server, url_of
from tests.commands import Served, serving, started
from tests.support import PATIENCE_SECONDS, restores_path, running_server

SLOW = "/v1/slow"


@contextmanager
def loopback6() -> Iterator[None]:
    """Skips where the machine has no IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("no IPv6 on this machine")
    yield


def refusal(**settings: str | int) -> str:
    with pytest.raises(UsageError) as refused:
        bind(Settings(**settings))  # type: ignore[arg-type]  # each has the type of its setting
    return str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "::1", "::"])  # noqa: S104 - what is tested
def test_the_url_to_paste_leads_to_the_server(host: str) -> None:
    if ":" in host:
        with loopback6():
            pass
    with running_server(host=host) as server:
        assert server.url in server.log.getvalue()
        assert server.get("/v1/").text == "success"


def test_an_ipv6_address_stands_in_brackets() -> None:
    with loopback6(), bind(Settings(host="::1", port=0)) as bound:
        assert url_of(bound) == f"http://[::1]:{bound.getsockname()[1]}"
    assert address("::1", 80) == "[::1]:80"
    assert address("localhost", 80) == "localhost:80"


@pytest.mark.parametrize(
    ("host", "host_requested"),
    [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("::1", "::1"), ("db.local", "db.local")],  # noqa: S104 - the same
)
def test_what_listens_on_all_interfaces_is_reached_on_loopback(host: str, host_requested: str) -> None:
    assert reachable(host) == host_requested


def test_a_port_in_use_is_refused() -> None:
    with bind(Settings(port=0)) as bound:
        port = bound.getsockname()[1]
        assert refusal(port=port) == (
            f"cannot listen on 127.0.0.1:{port}: Address already in use; choose another with --port or --host"
        )


@pytest.mark.parametrize(
    ("host", "quoted_host", "reason"),
    [
        ("192.0.2.1", "192.0.2.1:8080", "Cannot assign requested address"),
        ("2001:db8::1", "[2001:db8::1]:8080", ""),
        ("a..b", "a..b:8080", "not the name of a host"),
        ("x" * 64, f"{'x' * 64}:8080", "not the name of a host"),
        ("not a host", "not a host:8080", ""),
    ],
)
def test_a_host_that_is_not_this_machine_is_refused(host: str, quoted_host: str, reason: str) -> None:
    message = refusal(host=host)
    assert message.startswith(f"cannot listen on {quoted_host}: {reason}")
    assert message.endswith("; choose another with --port or --host")


def test_two_servers_in_one_process_share_nothing() -> None:
    with running_server(seed=1) as one, running_server(seed=2, scenario="example", token=("other",)) as other:
        assert one.page().json()["pagination"]["count"] == 50
        assert other.page().status_code == 401
        assert (
            other.client.get(restores_path(), headers={"Authorization": "Bearer other"}).json()["data"]["restores"]
            != (one.page().json()["data"]["restores"])
        )
        assert one.page().headers["x-ratelimit-remaining"] == "997"
        assert " 401 " in other.log.getvalue()
        assert " 401 " not in one.log.getvalue()


@pytest.mark.parametrize("is_released", [True, False], ids=["finished", "given up"])
def test_a_request_in_flight_is_finished_if_it_takes_no_longer_than_the_grace(*, is_released: bool) -> None:
    loops: queue.Queue[asyncio.AbstractEventLoop] = queue.Queue()
    released = asyncio.Event()

    async def slow() -> Response:
        loops.put(asyncio.get_running_loop())
        await released.wait()
        return Response("done")

    with bind(Settings(port=0)) as bound, ThreadPoolExecutor() as pool:
        app = create_app(Settings(port=0, log_requests=LogRequests.NONE))
        app.add_api_route(SLOW, slow)
        server = make_server(app, bound)
        running = pool.submit(server.run, sockets=[bound])
        pending = pool.submit(
            httpx2.get, url_of(bound) + SLOW, headers={"Authorization": "Bearer t"}, timeout=PATIENCE_SECONDS
        )
        try:
            loop = loops.get(timeout=PATIENCE_SECONDS)
        finally:
            server.should_exit = True
        if is_released:
            loop.call_soon_threadsafe(released.set)
        assert (pending.result(PATIENCE_SECONDS).text == "done") is is_released
        running.result(PATIENCE_SECONDS)
        app.state.emulator.log.writer.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_cleanly(number: signal.Signals) -> None:
    with serving() as served, httpx2.Client(base_url=served.url, trust_env=False) as kept_alive:
        assert kept_alive.get("/v1/").text == "success"
        assert served.end(number) == (0, "", "")


SIGNALLED_EARLY = """
import os, signal, sys, uvicorn
from mockserver.cli import main

run = uvicorn.Server.run

def signalled_first(self, *args, **kwargs):
    os.kill(os.getpid(), signal.SIGTERM)
    run(self, *args, **kwargs)

uvicorn.Server.run = signalled_first
main(["serve", "--port", "0", "--database", sys.argv[1]])
"""


@pytest.mark.usefixtures("measured_processes")
def test_a_signal_that_comes_before_the_server_is_ready_is_not_lost(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    with started(sys.executable, "-c", SIGNALLED_EARLY, str(file)) as process:
        _, err = process.popen.communicate(timeout=PATIENCE_SECONDS)
        assert (process.popen.returncode, err) == (0, "")
    assert list(tmp_path.iterdir()) == [file]


COLLECTING = """
import atexit, gc, sys
from mockserver.cli import main

atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count() > 100_000, file=sys.stderr))
main(["serve", "--port", "0"])
"""


def test_a_server_looks_for_garbage_but_not_in_what_its_start_has_made() -> None:
    with started(sys.executable, "-c", COLLECTING) as process:
        assert Served(process.popen, process.read_line()).get().status_code == 200
        assert process.end() == (0, "", "True True\n")
