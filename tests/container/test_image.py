"""The image as users run it."""

import re
from itertools import pairwise

import httpx2
import pytest

from bench.image import HARDENED, base_of
from mockserver.version import version
from tests.container.docker import ROOT, Container, docker, ok, running
from tests.support import TOKEN, restores_path

pytestmark = pytest.mark.container

MAX_BYTES_ABOVE_BASE = 45_000_000

NO_PRIVILEGES = "0000000000000000"


def page(container: Container, **parameters: str | int) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx2.get(container.url() + restores_path(), params=parameters, headers=headers)


def test_without_arguments_it_serves_all_pages_of_the_default_backup(container: Container) -> None:
    responses = [page(container)]
    while responses[-1].json()["pagination"]["hasNextPage"]:
        responses.append(page(container, cursor=responses[-1].json()["pagination"]["cursor"]))

    assert [response.json()["pagination"]["count"] for response in responses] == [50, 50, 20]
    ids = [restore["id"] for response in responses for restore in response.json()["data"]["restores"]]
    assert len(ids) == 120
    assert all(newer > older for newer, older in pairwise(ids))


def test_it_requires_a_token(container: Container) -> None:
    response = httpx2.get(container.url() + restores_path())

    assert (response.status_code, response.json()["error"]["status"]) == (401, 401)


def test_it_logs_when_it_is_ready(container: Container) -> None:
    assert "mockserver is ready at http://127.0.0.1:8080 (scenario default)" in container.logs()


def test_it_runs_as_a_numeric_user_that_is_not_root(container: Container) -> None:
    assert container.inspect("Config.User") == "10001:10001"
    assert container.exec("id", "-u").stdout.strip() == "10001"


def test_it_cannot_change_its_own_program(container: Container) -> None:
    writable = container.exec("find", "/opt/mockserver", "-writable", "-not", "-type", "l")

    assert (writable.returncode, writable.stdout) == (0, "")


def test_it_exposes_its_port(container: Container) -> None:
    assert list(container.inspect("Config.ExposedPorts")) == ["8080/tcp"]


def test_it_runs_with_a_read_only_disk_and_without_privileges(image: str) -> None:
    with running(image, *HARDENED) as container:
        container.wait_for_health("healthy")

        assert page(container).json()["pagination"]["count"] == 50
        assert f"CapEff:\t{NO_PRIVILEGES}" in container.exec("cat", "/proc/1/status").stdout


def test_settings_are_environment_variables_and_the_health_check_uses_them(image: str) -> None:
    with running(
        image, "--env", "NFMOCK_SCENARIO=example", "--env", "NFMOCK_PORT=9000", "--publish", "9000"
    ) as container:
        container.wait_for_health("healthy")
        headers = {"Authorization": f"Bearer {TOKEN}"}
        response = httpx2.get(container.url(9000) + restores_path(), headers=headers)

        assert [restore["id"] for restore in response.json()["data"]["restores"]] == [1693287033325]


def test_arguments_after_the_image_are_a_command(image: str) -> None:
    listed = ok("run", "--rm", image, "scenarios")

    assert {"default", "example"} <= {line.split()[0] for line in listed.splitlines()}


def test_an_invalid_setting_is_one_line_of_error_and_exit_code_2(image: str) -> None:
    failed = docker("run", "--rm", "--env", "NFMOCK_PORT=none", image)

    assert failed.returncode == 2
    assert failed.stderr.startswith("mockserver: NFMOCK_PORT must be ")
    assert failed.stderr.count("\n") == 1


def test_it_is_not_much_larger_than_its_base(image: str) -> None:
    above = Container(image).inspect("Size") - Container(base_of(image)).inspect("Size")

    assert above <= MAX_BYTES_ABOVE_BASE


def test_its_labels_have_its_title_version_and_license(image: str) -> None:
    labels = Container(image).inspect("Config.Labels")

    assert labels["org.opencontainers.image.title"] == "northflank-mockserver"
    assert labels["org.opencontainers.image.version"] == version()
    assert labels["org.opencontainers.image.licenses"] == "MIT"


def test_a_build_fails_if_its_version_differs_from_the_wheels(image: str) -> None:  # noqa: ARG001 - reuses its layers
    failed = docker("build", "--build-arg", "VERSION=9.9.9", str(ROOT))

    assert failed.returncode != 0
    assert f"VERSION=9.9.9, but this is {version()}" in failed.stderr


def test_it_has_no_compiler_no_test_tools_and_no_pip(container: Container) -> None:
    program = "import importlib.util as u; print([n for n in ('pip', 'pytest', 'hatchling', 'rich') if u.find_spec(n)])"

    assert container.exec("python", "-c", program).stdout.strip() == "[]"
    assert container.exec("sh", "-c", "command -v gcc cc strip").stdout == ""
    assert container.exec("sh", "-c", "ls /opt/mockserver/bin").stdout.split() == [
        "mockserver",
        "python",
        "python3",
        "python3.13",
    ]


def test_every_loaded_module_is_already_compiled(container: Container) -> None:
    loaded = container.exec("python", "-v", "-c", "import mockserver.cli, mockserver.app, mockserver.server")

    assert not re.findall(r"^# code object from '?(/.*\.py)'?$", loaded.stderr, re.MULTILINE)
    assert "mockserver/__pycache__/app" in loaded.stderr


def test_variables_that_kubernetes_injects_for_a_service_named_nfmock_are_ignored(image: str) -> None:
    injected = {"NFMOCK_PORT": "tcp://10.0.0.1:8080", "NFMOCK_SERVICE_HOST": "10.0.0.1", "NFMOCK_SERVICE_PORT": "8080"}
    with running(image, *(word for name in injected for word in ("--env", f"{name}={injected[name]}"))) as container:
        container.wait_for_health("healthy")

        assert page(container).status_code == 200


def test_the_health_check_fails_if_the_server_does_not_respond(image: str) -> None:
    with running(image, "--health-interval", "100ms", "--health-retries", "1") as container:
        container.wait_for_health("healthy")
        ok("kill", "--signal", "STOP", container.id)

        container.wait_for_health("unhealthy")
