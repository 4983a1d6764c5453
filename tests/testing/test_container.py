"""The class for testcontainers, with the real testcontainers and a stand-in for the engine.

``tests/container`` has it with a real engine.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from testcontainers.core.config import ConnectionMode, testcontainers_config

from mockserver.testing import StartError
from mockserver.testing.container import IMAGE, NorthflankMockContainer
from tests.support import RunningServer
from tests.testing.asking import walk
from tests.testing.engine import ID, LOG, Engine, standing_in

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testcontainers_config, "sleep_time", 0.01)
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    monkeypatch.setattr(testcontainers_config, "connection_mode_override", ConnectionMode.docker_host)


@contextmanager
def engine_with(monkeypatch: pytest.MonkeyPatch, port: int, *states: str) -> Iterator[Engine]:
    with standing_in(port, *states) as (engine, address):
        monkeypatch.setenv("DOCKER_HOST", address)
        yield engine


@pytest.mark.usefixtures("_quick")
def test_a_started_container_gives_projects_and_is_removed_behind_the_block(
    monkeypatch: pytest.MonkeyPatch, server: RunningServer
) -> None:
    port = int(server.url.rpartition(":")[2])
    with engine_with(monkeypatch, port, "created", "running") as engine:
        with NorthflankMockContainer().with_env("NFMOCK_SEED", "2") as container:
            mock = container.make_project(scenario="single")
            assert len(walk(mock)) == 1
            mock.assert_walk("complete")
            assert container.server.url == mock.base_url == server.url
        assert engine.created["Image"] == "northflank-mockserver"
        assert engine.created["Env"] == ["NFMOCK_SEED=2"]
        assert list(engine.created["ExposedPorts"]) == ["8080/tcp"]
        assert f"DELETE /containers/{ID}" in engine.calls


@pytest.mark.usefixtures("_quick")
def test_a_container_that_has_ended_is_not_waited_for_and_its_log_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with engine_with(monkeypatch, 1, "exited") as engine:
        container = NorthflankMockContainer("another-image")
        with pytest.raises(StartError, match=f"the container has exited:\n{LOG.decode()}"), container:
            pytest.fail("it is not ready")
        assert engine.created["Image"] == "another-image"
        assert f"DELETE /containers/{ID}" in engine.calls


@pytest.mark.usefixtures("_quick")
def test_a_server_that_does_not_get_ready_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testcontainers_config, "max_tries", 5)
    with (
        engine_with(monkeypatch, 1, "running"),
        pytest.raises(StartError, match=r"the server was not ready within 0\.05 seconds:\nwhat"),
        NorthflankMockContainer(),
    ):
        pytest.fail("it is not ready")


def test_its_image_is_the_one_that_make_builds() -> None:
    built = re.search(r"^IMAGE \?= (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert built
    assert built[1] == IMAGE
