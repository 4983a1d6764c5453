"""The control plane accepts the host names of a container, from other containers and from this machine."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.container.docker import Container, compose, docker, new, ok, running, unique_name

pytestmark = pytest.mark.container

PORT = 8080
MAKE_PROJECT = """\
import sys, urllib.error, urllib.request
try:
    response = urllib.request.urlopen(sys.argv[1] + "/_mock/projects", data=b"{}", timeout=20)
except urllib.error.HTTPError as error:
    response = error
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


def parse_output(output: str) -> tuple[int, Any]:
    """The status and the JSON of the response that ``MAKE_PROJECT`` printed."""
    status, _, body = output.partition(" ")
    return int(status), json.loads(body)


def make_project_from_a_container(image: str, url: str, *options: str) -> tuple[int, Any]:
    """Creates a project from another container."""
    return parse_output(ok("run", "--rm", *options, "--entrypoint", "python", image, "-c", MAKE_PROJECT, url))


def gateway() -> str:
    """This machine's address in the engine's default network."""
    return ok("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", "bridge")


def test_a_compose_service_is_reached_by_its_name(image: str, tmp_path: Path) -> None:
    folder = tmp_path / unique_name("compose")
    folder.mkdir()
    (folder / "compose.yaml").write_text(COMPOSE)
    variables = {"IMAGE": image}
    command = ("run", "--rm", "-T", "tests", MAKE_PROJECT)
    try:
        responses = [
            compose(folder, *command, f"http://{service}:{PORT}", variables=variables)
            for service in ("mockserver", "my_mock.v2")
        ]
        logs = compose(folder, "logs", variables=variables)
    finally:
        compose(folder, "down", "--volumes", variables=variables)
    for response in responses:
        assert response.returncode == 0, response.stderr + logs.stdout
        status, project = parse_output(response.stdout)
        assert (status, project["scenario"]) == (201, "default")


def test_a_network_alias_with_a_dot_is_rejected_until_it_is_allowed(image: str) -> None:
    alias = "mock.example.com"
    with new("network") as network:
        options = ("--network", network, "--network-alias", alias)
        with running(image, *options) as container:
            container.wait_for_health("healthy")
            status, error = make_project_from_a_container(image, f"http://{alias}:{PORT}", "--network", network)
        assert status == 403
        assert f"start the server with --allow-host {alias} " in error["error"]["message"]

        with running(image, *options, "--env", f"NFMOCK_ALLOW_HOST={alias}") as container:
            container.wait_for_health("healthy")
            status, project = make_project_from_a_container(image, f"http://{alias}:{PORT}", "--network", network)
        assert status == 201
        assert project["restoresUrl"].startswith(f"http://{alias}:{PORT}/v1/")


def test_host_docker_internal_is_accepted(image: str) -> None:
    with running(image, "--publish", f"{gateway()}::{PORT}/tcp") as container:
        container.wait_for_health("healthy")
        published = ok("port", container.id, f"{PORT}/tcp").splitlines()
        port = next(line.rpartition(":")[2] for line in published if line.startswith(f"{gateway()}:"))
        url = f"http://host.docker.internal:{port}"
        status, project = make_project_from_a_container(image, url, "--add-host", "host.docker.internal:host-gateway")

    assert status == 201
    assert project["restoresUrl"].startswith(f"{url}/v1/")


@pytest.mark.parametrize(
    "host", ["mockserver.tests.svc.cluster.local", "mockserver.tests.svc", "mockserver.tests", "mockserver"]
)
def test_the_names_of_a_kubernetes_service_are_accepted_except_its_short_name_with_a_dot(
    container: Container, host: str
) -> None:
    response = httpx2.get(f"{container.url()}/_mock/projects", headers={"Host": f"{host}:{PORT}"})

    assert response.status_code == (403 if host == "mockserver.tests" else 200)


def test_probes_accept_any_host_name(container: Container) -> None:
    for path in ("/_mock/health", "/_mock/ready"):
        assert httpx2.get(container.url() + path, headers={"Host": "balancer.example.com"}).status_code == 200


def test_an_invalid_host_name_to_allow_is_one_line_of_error(image: str) -> None:
    failed = docker("run", "--rm", "--env", "NFMOCK_ALLOW_HOST=mock.example.com:8080", image)

    assert failed.returncode == 2
    assert failed.stderr.startswith("mockserver: NFMOCK_ALLOW_HOST must be a host name without a port")
    assert failed.stderr.count("\n") == 1
