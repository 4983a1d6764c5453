"""NorthflankMockContainer with the real testcontainers and a fake Docker engine.

``tests/container`` tests it with a real engine.
"""

import re
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from testcontainers.core.config import ConnectionMode, testcontainers_config

from mockserver.testing import StartError
from mockserver.testing.container import IMAGE, NorthflankMockContainer
from tests.commands import run
from tests.support import PATIENCE_SECONDS, RunningServer, running_server
from tests.testing.asking import walk
from tests.testing.engine import ID, LOG, Engine, fake_engine

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _fast_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testcontainers_config, "max_tries", 5)
    monkeypatch.setattr(testcontainers_config, "sleep_time", 0.01)
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    monkeypatch.setattr(testcontainers_config, "connection_mode_override", ConnectionMode.docker_host)


@contextmanager
def engine_with(monkeypatch: pytest.MonkeyPatch, port: int, *states: str) -> Iterator[Engine]:
    with fake_engine(port, *states) as (engine, address):
        monkeypatch.setenv("DOCKER_HOST", address)
        yield engine


def assert_start_error(monkeypatch: pytest.MonkeyPatch, port: int, message: str) -> None:
    """A container whose server is at that port fails to start, with this message."""
    with (
        engine_with(monkeypatch, port, "running"),
        pytest.raises(StartError, match=message),
        NorthflankMockContainer(),
    ):
        pytest.fail("the container is not ready")


def test_a_container_provides_projects_and_is_removed_after_the_block(
    monkeypatch: pytest.MonkeyPatch, server: RunningServer
) -> None:
    port = int(server.url.rpartition(":")[2])
    with engine_with(monkeypatch, port, "created", "running") as engine:
        with NorthflankMockContainer().with_env("NFMOCK_SEED", "2") as container:
            mock = container.make_project(scenario="single")
            assert len(walk(mock)) == 1
            assert re.fullmatch(r"single-[0-9a-f]{10}", mock.project_id)
            mock.assert_walk("complete")
            assert container.server.url == mock.base_url == server.url
        assert engine.created["Image"] == "northflank-mockserver"
        assert engine.created["Env"] == ["NFMOCK_SEED=2"]
        assert list(engine.created["ExposedPorts"]) == ["8080/tcp"]
        assert f"DELETE /containers/{ID}" in engine.requests


def test_a_container_that_has_ended_fails_at_once_with_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    with engine_with(monkeypatch, 1, "exited") as engine:
        container = NorthflankMockContainer("another-image")
        with pytest.raises(StartError, match=rf"the container ended \(status exited\):\n{LOG.decode()}"), container:
            pytest.fail("the container is not ready")
        assert engine.created["Image"] == "another-image"
        assert f"DELETE /containers/{ID}" in engine.requests


def test_a_server_without_a_control_plane_fails_at_once_with_the_containers_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running_server(no_control=True) as server:
        port = int(server.url.rpartition(":")[2])
        message = r"has no control plane: was it started with --no-control\?\nlog of"
        assert_start_error(monkeypatch, port, message)


def test_a_server_that_does_not_become_ready_is_a_start_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert_start_error(monkeypatch, 1, r"the server was not ready within 0\.05 seconds:\nlog of")


def test_a_server_that_accepts_connections_and_never_responds_is_a_start_error_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        port = silent.getsockname()[1]
        assert_start_error(monkeypatch, port, r"the server was not ready within 0\.05 seconds")
        assert time.monotonic() - start < PATIENCE_SECONDS


@pytest.mark.usefixtures("measured_processes")
def test_without_testcontainers_the_error_names_the_extra_to_install() -> None:
    program = "import sys; sys.modules['testcontainers'] = None; import mockserver.testing.container"
    finished = run(sys.executable, "-c", program)
    assert finished.stderr.rstrip().endswith(
        'install the extra with pip install "northflank-mockserver[testcontainers]"'
    )


def test_the_default_image_is_the_one_that_make_builds() -> None:
    built = re.search(r"^IMAGE \?= (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert built
    assert built[1] == IMAGE
