"""The image, as its users run it."""

import re
from itertools import pairwise

import httpx2
import pytest

from bench.image import HARDENED, base_of
from mockserver.version import version
from tests.container.docker import ROOT, Container, docker, done, running
from tests.support import TOKEN, restores_path

pytestmark = pytest.mark.container

MOST_ABOVE_ITS_BASE = 45_000_000

NO_PRIVILEGES = "0000000000000000"


def page(container: Container, **parameters: str | int) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx2.get(container.url() + restores_path(), params=parameters, headers=headers)


def test_started_with_no_arguments_it_serves_all_pages_of_the_default_backup(container: Container) -> None:
    answers = [page(container)]
    while answers[-1].json()["pagination"]["hasNextPage"]:
        answers.append(page(container, cursor=answers[-1].json()["pagination"]["cursor"]))

    assert [answer.json()["pagination"]["count"] for answer in answers] == [50, 50, 20]
    ids = [restore["id"] for answer in answers for restore in answer.json()["data"]["restores"]]
    assert len(ids) == 120
    assert all(newer > older for newer, older in pairwise(ids))


def test_it_asks_for_a_token(container: Container) -> None:
    answer = httpx2.get(container.url() + restores_path())

    assert (answer.status_code, answer.json()["error"]["status"]) == (401, 401)


def test_its_log_says_when_it_is_ready(container: Container) -> None:
    assert "mockserver is ready at http://127.0.0.1:8080 (scenario default)" in container.logs()


def test_it_runs_as_a_user_that_is_not_root_and_has_a_number(container: Container) -> None:
    assert container.inspect("Config.User") == "10001:10001"
    assert container.exec("id", "-u").stdout.strip() == "10001"


def test_it_cannot_change_its_own_program(container: Container) -> None:
    writable = container.exec("find", "/opt/mockserver", "-writable", "-not", "-type", "l")

    assert (writable.returncode, writable.stdout) == (0, "")


def test_it_tells_which_port_it_listens_on(container: Container) -> None:
    assert list(container.inspect("Config.ExposedPorts")) == ["8080/tcp"]


def test_hardened_it_needs_no_disk_and_no_privilege(image: str) -> None:
    with running(image, *HARDENED) as container:
        container.becomes("healthy")

        assert page(container).json()["pagination"]["count"] == 50
        assert f"CapEff:\t{NO_PRIVILEGES}" in container.exec("cat", "/proc/1/status").stdout


def test_each_setting_is_an_environment_variable_and_the_health_check_follows_it(image: str) -> None:
    with running(
        image, "--env", "NFMOCK_SCENARIO=example", "--env", "NFMOCK_PORT=9000", "--publish", "9000"
    ) as container:
        container.becomes("healthy")
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx2.get(container.url(9000) + restores_path(), headers=headers)

        assert [restore["id"] for restore in answer.json()["data"]["restores"]] == [1693287033325]


def test_a_command_is_what_follows_the_image(image: str) -> None:
    listed = done("run", "--rm", image, "scenarios")

    assert {"default", "example"} <= {line.split()[0] for line in listed.splitlines()}


def test_a_bad_setting_ends_it_with_one_line_and_exit_code_2(image: str) -> None:
    refused = docker("run", "--rm", "--env", "NFMOCK_PORT=none", image)

    assert refused.returncode == 2
    assert refused.stderr.startswith("mockserver: NFMOCK_PORT must be ")
    assert refused.stderr.count("\n") == 1


def test_it_is_not_much_larger_than_its_base(image: str) -> None:
    above = Container(image).inspect("Size") - Container(base_of(image)).inspect("Size")

    assert above <= MOST_ABOVE_ITS_BASE


def test_its_labels_say_what_it_is_and_of_which_version(image: str) -> None:
    labels = Container(image).inspect("Config.Labels")

    assert labels["org.opencontainers.image.title"] == "northflank-mockserver"
    assert labels["org.opencontainers.image.version"] == version()
    assert labels["org.opencontainers.image.licenses"] == "MIT"


def test_a_label_with_another_version_than_the_wheel_has_is_refused(image: str) -> None:  # noqa: ARG001 - its layers
    refused = docker("build", "--build-arg", "VERSION=9.9.9", str(ROOT))

    assert refused.returncode != 0
    assert f"VERSION=9.9.9, but this is {version()}" in refused.stderr


def test_it_holds_no_compiler_no_test_tools_and_no_pip_of_its_own(container: Container) -> None:
    asked = "import importlib.util as u; print([n for n in ('pip', 'pytest', 'hatchling', 'rich') if u.find_spec(n)])"

    assert container.exec("python", "-c", asked).stdout.strip() == "[]"
    assert container.exec("sh", "-c", "command -v gcc cc strip").stdout == ""
    assert container.exec("sh", "-c", "ls /opt/mockserver/bin").stdout.split() == [
        "mockserver",
        "python",
        "python3",
        "python3.13",
    ]


def test_no_module_that_it_loads_has_to_be_compiled(container: Container) -> None:
    loaded = container.exec("python", "-v", "-c", "import mockserver.cli, mockserver.app, mockserver.server")

    assert not re.findall(r"^# code object from '?(/.*\.py)'?$", loaded.stderr, re.MULTILINE)
    assert "mockserver/__pycache__/app" in loaded.stderr


def test_variables_that_kubernetes_injects_for_a_service_called_nfmock_do_no_harm(image: str) -> None:
    injected = {"NFMOCK_PORT": "tcp://10.0.0.1:8080", "NFMOCK_SERVICE_HOST": "10.0.0.1", "NFMOCK_SERVICE_PORT": "8080"}
    with running(image, *(word for name in injected for word in ("--env", f"{name}={injected[name]}"))) as container:
        container.becomes("healthy")

        assert page(container).status_code == 200


def test_the_health_check_tells_a_server_that_does_not_answer(image: str) -> None:
    with running(image, "--health-interval", "100ms", "--health-retries", "1") as container:
        container.becomes("healthy")
        done("kill", "--signal", "STOP", container.id)

        container.becomes("unhealthy")
