"""The image with testcontainers for Python."""

from datetime import timedelta

import httpx2
import pytest
from testcontainers.core.config import testcontainers_config

from mockserver.testing import StartError
from mockserver.testing.container import NorthflankMockContainer
from mockserver.version import version
from tests.testing.asking import statuses, walk

pytestmark = [pytest.mark.container, pytest.mark.usefixtures("_no_reaper")]


@pytest.fixture
def _no_reaper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disables testcontainers' cleanup container, which needs another image. Each test removes its own container."""
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)


def test_a_container_is_ready_when_the_block_begins_and_its_projects_can_be_controlled(image: str) -> None:
    with NorthflankMockContainer(image) as container:
        assert container.server.version == version()
        mock = container.make_project(scenario="empty")
        mock.clock.freeze("2024-07-01T12:00:00Z")
        mock.restores.add(ends_after=timedelta(minutes=1))
        assert statuses(mock) == ["in-progress"]
        mock.clock.advance(timedelta(minutes=1))
        assert statuses(mock) == ["completed"]
        mock.assert_walk("poll")
        assert mock.restores_url.startswith(mock.base_url)


def test_settings_are_environment_variables(image: str) -> None:
    with NorthflankMockContainer(image).with_env("NFMOCK_CONTRACT", "2026") as container:
        restore, *_ = walk(container.make_project(scenario="single"))
        assert len(restore["id"]) == 24


def test_the_control_plane_accepts_the_host_of_testcontainers(image: str) -> None:
    with NorthflankMockContainer(image).with_env("NFMOCK_ALLOW_HOST", "engine.example.com") as container:
        url = f"http://{container.get_container_host_ip()}:{container.get_exposed_port(8080)}/_mock/projects"
        assert httpx2.post(url).status_code == 201
        assert httpx2.get(url, headers={"Host": "engine.example.com:32768"}).status_code == 200
        assert httpx2.get(url, headers={"Host": "other.example.com:32768"}).status_code == 403


def test_a_container_that_cannot_start_tells_why_at_once(image: str) -> None:
    container = NorthflankMockContainer(image).with_env("NFMOCK_PORT", "none")
    with (
        pytest.raises(StartError, match=r"the container ended \(status exited\):\nmockserver: NFMOCK_PORT must be "),
        container,
    ):
        pytest.fail("it is not ready")
