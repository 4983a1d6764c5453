"""The compose files work: a client in another container reaches the emulator by the name of its service.

The files are compose.yaml and those in docs/containers.md.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.testing import Server
from tests.blocks import blocks_of
from tests.clients.support import FOLDER as CLIENTS
from tests.clients.support import ensure_installed
from tests.container.docker import BUILD_SECONDS, ROOT, compose, docker, ok, unique_name
from tests.testing.asking import walk

pytestmark = pytest.mark.container

BEHIND_HAPROXY = ("--file", "compose.haproxy.yaml")
FILES = ("compose.tests.yaml", "walk.mjs")
NODE = "node:22-slim"
FREE_PORT = {"PORT": "0"}


@pytest.fixture(scope="module")
def node(engine: None) -> Iterator[str]:  # noqa: ARG001 - needs the engine
    """An image with Node and the vendor's client, which replaces the one in the docs."""
    ensure_installed()
    name = unique_name("client")
    file = str(ROOT / "tests" / "container" / "client.Dockerfile")
    ok("build", "--quiet", "--tag", name, "--file", file, str(CLIENTS), patience=BUILD_SECONDS)
    yield name
    docker("image", "rm", name)


@pytest.fixture(scope="module")
def haproxy(engine: None) -> Iterator[str]:  # noqa: ARG001 - needs the engine
    """An image with HAProxy, which replaces the one in the docs."""
    name = unique_name("haproxy")
    folder = ROOT / "tests" / "container"
    file = str(folder / "haproxy.Dockerfile")
    ok("build", "--quiet", "--tag", name, "--file", file, str(folder), patience=BUILD_SECONDS)
    yield name
    docker("image", "rm", name)


@pytest.fixture
def folder(node: str, tmp_path: Path) -> Path:
    """A folder with the files of the docs."""
    folder = tmp_path / unique_name("compose")
    folder.mkdir()
    shutil.copy(ROOT / "compose.yaml", folder)
    page = (ROOT / "docs" / "containers.md").read_text(encoding="utf-8")
    texts = {block.title: block.text for block in blocks_of(page)}
    for title in FILES:
        (folder / title).write_text(texts[title].replace(NODE, node), encoding="utf-8")
    assert node in (folder / FILES[0]).read_text()
    return folder


def test_the_vendors_client_in_another_container_lists_every_restore(image: str, folder: Path) -> None:
    files = ("--file", "compose.yaml", "--file", "compose.tests.yaml")
    variables = FREE_PORT | {"IMAGE": image}
    try:
        finished = compose(folder, *files, "run", "--rm", "tests", variables=variables)
        logs = compose(folder, *files, "logs", variables=variables)
    finally:
        removed = compose(folder, *files, "down", "--volumes", variables=variables)

    assert finished.returncode == 0, finished.stderr + logs.stdout
    assert finished.stdout.splitlines()[-1] == "120 restores"
    assert removed.returncode == 0, removed.stderr


def test_compose_starts_a_hardened_container_that_only_this_machine_reaches(image: str, folder: Path) -> None:
    variables = FREE_PORT | {"IMAGE": image}
    try:
        started = compose(folder, "up", "--detach", variables=variables)
        assert started.returncode == 0, started.stderr
        container = compose(folder, "ps", "--quiet", "mockserver", variables=variables).stdout.strip()
        limits = ok(
            *("inspect", "--format", "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.Memory}}"),
            container,
        )
        published = ok("port", container, "8080/tcp")
    finally:
        compose(folder, "down", "--volumes", variables=variables)

    assert limits == f"true [ALL] {128 * 1024**2}"
    assert published.startswith("127.0.0.1:")


def test_behind_haproxy_each_project_is_on_one_of_three_servers(image: str, haproxy: str, tmp_path: Path) -> None:
    folder = tmp_path / unique_name("compose")
    folder.mkdir()
    for name in ("compose.haproxy.yaml", "haproxy.cfg"):
        shutil.copy(ROOT / "docs" / name, folder)
    variables = FREE_PORT | {"IMAGE": image, "HAPROXY_IMAGE": haproxy}
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
