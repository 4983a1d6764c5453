"""The image, as its users run it."""

from itertools import pairwise

import httpx2
import pytest

from tests.container.docker import Container, docker, done, running
from tests.support import TOKEN, restores_path

pytestmark = pytest.mark.container

HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "128m")
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


def test_told_to_stop_it_ends_by_itself_within_five_seconds(image: str) -> None:
    with running(image) as container:
        container.answers()
        done("stop", "--time", "5", container.id)  # it is killed after that, which gives another exit code

        assert container.inspect("State.ExitCode") == 0


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
