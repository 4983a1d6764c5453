"""A client in a container of its own, on a network of its own, finds the emulator by its service's name.

The files are this project's compose.yaml and those that docs/containers.md shows, as its reader has them.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.testing import Server
from tests.blocks import blocks_of
from tests.clients.support import FOLDER as CLIENTS
from tests.clients.support import ensure_installed
from tests.container.docker import BUILD_SECONDS, ROOT, compose, docker, done, name_of_its_own
from tests.testing.asking import walk

pytestmark = pytest.mark.container

BEHIND_HAPROXY = ("--file", "compose.haproxy.yaml")
FILES = ("compose.tests.yaml", "walk.mjs")
NODE = "node:22-slim"
CLEAN = {"PORT": "0"}


@pytest.fixture(scope="module")
def node(engine: None) -> Iterator[str]:  # noqa: ARG001 - which it needs
    """An image with Node and the official client, in place of the one that the docs name."""
    ensure_installed()
    name = name_of_its_own("client")
    file = str(ROOT / "tests" / "container" / "client.Dockerfile")
    done("build", "--quiet", "--tag", name, "--file", file, str(CLIENTS), patience=BUILD_SECONDS)
    yield name
    docker("image", "rm", name)


@pytest.fixture(scope="module")
def haproxy(engine: None) -> Iterator[str]:  # noqa: ARG001 - which it needs
    """An image with HAProxy, in place of the one that the docs name."""
    name = name_of_its_own("haproxy")
    folder = ROOT / "tests" / "container"
    file = str(folder / "haproxy.Dockerfile")
    done("build", "--quiet", "--tag", name, "--file", file, str(folder), patience=BUILD_SECONDS)
    yield name
    docker("image", "rm", name)


@pytest.fixture
def folder(node: str, tmp_path: Path) -> Path:
    """A reader's folder."""
    folder = tmp_path / name_of_its_own("compose")
    folder.mkdir()
    shutil.copy(ROOT / "compose.yaml", folder)
    page = (ROOT / "docs" / "containers.md").read_text(encoding="utf-8")
    shown = {block.title: block.text for block in blocks_of(page)}
    for title in FILES:
        (folder / title).write_text(shown[title].replace(NODE, node), encoding="utf-8")
    assert node in (folder / FILES[0]).read_text()
    return folder


def test_the_official_client_in_a_container_beside_it_lists_every_restore(image: str, folder: Path) -> None:
    files = ("--file", "compose.yaml", "--file", "compose.tests.yaml")
    variables = CLEAN | {"IMAGE": image}
    try:
        ran = compose(folder, *files, "run", "--rm", "tests", variables=variables)
        logs = compose(folder, *files, "logs", variables=variables)
    finally:
        ended = compose(folder, *files, "down", "--volumes", variables=variables)

    assert ran.returncode == 0, ran.stderr + logs.stdout
    assert ran.stdout.splitlines()[-1] == "120 restores"
    assert ended.returncode == 0, ended.stderr


def test_what_compose_starts_is_locked_up_and_reached_from_this_machine_alone(image: str, folder: Path) -> None:
    variables = CLEAN | {"IMAGE": image}
    try:
        started = compose(folder, "up", "--detach", variables=variables)
        assert started.returncode == 0, started.stderr
        container = compose(folder, "ps", "--quiet", "mockserver", variables=variables).stdout.strip()
        limits = done(
            *("inspect", "--format", "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.Memory}}"),
            container,
        )
        published = done("port", container, "8080/tcp")
    finally:
        compose(folder, "down", "--volumes", variables=variables)

    assert limits == f"true [ALL] {128 * 1024**2}"
    assert published.startswith("127.0.0.1:")


def test_three_servers_behind_haproxy_hold_each_project_on_one_of_them(
    image: str, haproxy: str, tmp_path: Path
) -> None:
    folder = tmp_path / name_of_its_own("compose")
    folder.mkdir()
    for name in ("compose.haproxy.yaml", "haproxy.cfg"):
        shutil.copy(ROOT / "docs" / name, folder)
    variables = CLEAN | {"IMAGE": image, "HAPROXY_IMAGE": haproxy}
    try:
        started = compose(folder, *BEHIND_HAPROXY, "up", "--detach", variables=variables)
        assert started.returncode == 0, started.stderr
        published = compose(folder, *BEHIND_HAPROXY, "port", "haproxy", "8080", variables=variables).stdout.strip()
        server = Server(f"http://{published}")
        server.wait_until_ready()
        for _ in range(12):
            mock = server.make_project(scenario="many", restores=60)
            assert len(walk(mock)) == 60
            mock.assert_walk("complete")
    finally:
        compose(folder, *BEHIND_HAPROXY, "down", "--volumes", variables=variables)
