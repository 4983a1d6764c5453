"""The control plane under the names that a container has: from other containers, and from this machine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.container.docker import Container, compose, docker, done, name_of_its_own, running

pytestmark = pytest.mark.container

PORT = 8080
MAKE_PROJECT = """\
import sys, urllib.error, urllib.request
try:
    response = urllib.request.urlopen(sys.argv[1] + "/_mock/projects", data=b"{}", timeout=20)
except urllib.error.HTTPError as refused:
    response = refused
print(response.status, response.read().decode())
"""
COMPOSE = """\
services:
  mockserver:
    image: ${IMAGE}
  my_mock.v2:
    image: ${IMAGE}
    environment:
      NFMOCK_ALLOW_HOST: my_mock.v2
  tests:
    image: ${IMAGE}
    entrypoint: [python, -c]
    command: ["pass", http://mockserver:8080]
    depends_on:
      mockserver: {condition: service_healthy}
      my_mock.v2: {condition: service_healthy}
"""


def made(output: str) -> tuple[int, Any]:
    """What ``MAKE_PROJECT`` printed: the status and the JSON of the response."""
    status, _, body = output.partition(" ")
    return int(status), json.loads(body)


def make_project_from_a_container(image: str, url: str, *options: str) -> tuple[int, Any]:
    """Asks for a project from a container of its own."""
    return made(done("run", "--rm", *options, "--entrypoint", "python", image, "-c", MAKE_PROJECT, url))


@contextmanager
def a_network() -> Iterator[str]:
    """A new network, removed when the block ends."""
    network = name_of_its_own("network")
    done("network", "create", network)
    try:
        yield network
    finally:
        done("network", "rm", network)


def gateway() -> str:
    """The address of this machine in the engine's default network."""
    return done("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", "bridge")


def test_a_service_of_compose_is_reached_by_its_name(image: str, tmp_path: Path) -> None:
    folder = tmp_path / name_of_its_own("compose")
    folder.mkdir()
    (folder / "compose.yaml").write_text(COMPOSE)
    variables = {"IMAGE": image}
    ask = ("run", "--rm", "-T", "tests", MAKE_PROJECT)
    try:
        answers = [
            compose(folder, *ask, f"http://{service}:{PORT}", variables=variables)
            for service in ("mockserver", "my_mock.v2")
        ]
        logs = compose(folder, "logs", variables=variables)
    finally:
        compose(folder, "down", "--volumes", variables=variables)
    for answer in answers:
        assert answer.returncode == 0, answer.stderr + logs.stdout
        status, project = made(answer.stdout)
        assert (status, project["scenario"]) == (201, "default")


def test_a_containers_alias_with_a_dot_is_refused_with_the_option_that_allows_it(image: str) -> None:
    alias = "mock.example.com"
    with a_network() as network:
        named = ("--network", network, "--network-alias", alias)
        with running(image, *named) as container:
            container.becomes("healthy")
            status, refused = make_project_from_a_container(image, f"http://{alias}:{PORT}", "--network", network)
        assert status == 403
        assert f"start the server with --allow-host {alias} " in refused["error"]["message"]

        with running(image, *named, "--env", f"NFMOCK_ALLOW_HOST={alias}") as container:
            container.becomes("healthy")
            status, project = make_project_from_a_container(image, f"http://{alias}:{PORT}", "--network", network)
        assert status == 201
        assert project["restoresUrl"].startswith(f"http://{alias}:{PORT}/v1/")


def test_a_container_reaches_a_port_of_this_machine_by_the_name_that_docker_gives_it(image: str) -> None:
    with running(image, "--publish", f"{gateway()}::{PORT}/tcp") as container:
        container.becomes("healthy")
        published = done("port", container.id, f"{PORT}/tcp").splitlines()
        port = next(line.rpartition(":")[2] for line in published if line.startswith(f"{gateway()}:"))
        url = f"http://host.docker.internal:{port}"
        status, project = make_project_from_a_container(image, url, "--add-host", "host.docker.internal:host-gateway")

    assert status == 201
    assert project["restoresUrl"].startswith(f"{url}/v1/")


@pytest.mark.parametrize(
    "host", ["mockserver.tests.svc.cluster.local", "mockserver.tests.svc", "mockserver.tests", "mockserver"]
)
def test_a_service_of_kubernetes_is_reached_by_its_names(container: Container, host: str) -> None:
    answer = httpx2.get(f"{container.url()}/_mock/projects", headers={"Host": f"{host}:{PORT}"})

    assert answer.status_code == (403 if host == "mockserver.tests" else 200)


def test_a_probe_is_answered_by_whatever_name(container: Container) -> None:
    for path in ("/_mock/health", "/_mock/ready"):
        assert httpx2.get(container.url() + path, headers={"Host": "balancer.example.com"}).status_code == 200


def test_a_bad_name_to_allow_ends_it_with_one_line(image: str) -> None:
    refused = docker("run", "--rm", "--env", "NFMOCK_ALLOW_HOST=mock.example.com:8080", image)

    assert refused.returncode == 2
    assert refused.stderr.startswith("mockserver: NFMOCK_ALLOW_HOST must be a host name without a port")
    assert refused.stderr.count("\n") == 1
