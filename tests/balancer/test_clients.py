"""Clients and helpers behind HAProxy: faults, HAProxy's own errors, and default project ids."""

import json
import os
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from northflank import ApiCallError, ApiClient

from mockserver.store.queries import BackupPath
from mockserver.testing import Project, Server
from tests.balancer.haproxy import CONFIGURATION, NO_SERVER, haproxy_in_front_of
from tests.clients.support import FOLDER, JavaScript, ensure_installed, run
from tests.support import EXAMPLE, until

BODIES = dict(re.findall(r"^    http-error status (\d+) .* string '(.+)'$", CONFIGURATION, re.MULTILINE))


@pytest.fixture(scope="module")
def without_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of HAProxy in front of three ports where nothing listens."""
    with ExitStack() as stack:
        ports = [stack.enter_context(socket.socket()) for _ in range(3)]
        for port in ports:
            port.bind(("127.0.0.1", 0))
        addresses = ["{}:{}".format(*port.getsockname()) for port in ports]
        yield stack.enter_context(haproxy_in_front_of(addresses, tmp_path_factory.mktemp("without_servers")))


def backup_of(mock: Project) -> BackupPath:
    return BackupPath(mock.project_id, mock.addon_id, mock.backup_id)


def through_python(mock: Project) -> list[Any]:
    client = ApiClient(mock.token, base_url=mock.base_url)
    response = client.get.addon.backup.restores.all(
        project_id=mock.project_id, addon_id=mock.addon_id, backup_id=mock.backup_id
    )
    return list(response.data["restores"])


def through_javascript(mock: Project) -> list[Any]:
    ensure_installed()
    result = JavaScript(mock.base_url, mock.token).run("all.mjs", backup=backup_of(mock))
    assert "error" not in result
    return list(result["data"]["restores"])


@pytest.mark.parametrize("restores_of", [through_python, through_javascript], ids=["Python", "JavaScript"])
@pytest.mark.parametrize("page", [1, 2])
def test_clients_retry_after_a_reset_fault(front: Server, restores_of: Any, page: int) -> None:
    mock = front.make_project(scenario="many", restores=60)
    mock.faults.add("reset", page=page, times=1)
    assert len(restores_of(mock)) == 60
    assert mock.assert_walk("complete").retries == 1
    assert [request.status for request in mock.requests].count(None) == 1


def test_the_server_notices_that_a_client_disconnects(front: Server) -> None:
    mock = front.make_project(scenario="single")
    mock.faults.add("latency", ms=600_000, times=1)
    with socket.create_connection(("127.0.0.1", int(front.url.rpartition(":")[2]))) as connection:
        path = mock.restores_url.removeprefix(front.url)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {mock.token}\r\n\r\n".encode())
        until(lambda: next(iter(mock.faults)).triggered)
        (waiting,) = mock.requests
    until(lambda: mock.requests[0].duration_ms > waiting.duration_ms)
    assert mock.requests[0].status is None


@pytest.mark.parametrize("status", BODIES)
def test_errors_of_haproxy_have_the_shape_of_the_contract(status: str) -> None:
    error = json.loads(BODIES[status])["error"]
    assert error["status"] == int(status)
    assert error["message"]
    assert re.fullmatch(r"nf-[a-z-]+", error["id"])
    assert error.keys() <= {"status", "message", "id", "details"}


def test_the_javascript_client_returns_an_error_if_no_server_is_up(without_servers: str) -> None:
    ensure_installed()
    result = JavaScript(without_servers).run("page.mjs", backup=EXAMPLE)
    assert result["error"] == {"status": 503, "message": NO_SERVER, "id": "nf-no-server"}


def test_the_python_client_raises_an_error_if_no_server_is_up(without_servers: str) -> None:
    with pytest.raises(ApiCallError) as raised:
        ApiClient("any-token", base_url=without_servers).get.addon.backup.restores(
            project_id=EXAMPLE.project_id, addon_id=EXAMPLE.addon_id, backup_id=EXAMPLE.backup_id
        )
    assert (raised.value.status, raised.value.message, raised.value.id) == (503, NO_SERVER, "nf-no-server")


def test_the_javascript_helper_creates_projects_behind_the_balancer(front: Server) -> None:
    ensure_installed()
    program = f"""
        import {{ createProject }} from '{(FOLDER / "javascript" / "northflank-mock.mjs").as_uri()}';
        for (let count = 0; count < 6; count++) {{
          const mock = await createProject({{ scenario: 'single' }});
          await mock.restores.add();
          await mock.delete();
        }}
    """
    finished = run(["node", "--input-type=module", "-e", program], variables(front))
    assert (finished.returncode, finished.stderr) == (0, "")


def test_the_shell_helper_creates_projects_behind_the_balancer(front: Server) -> None:
    ensure_installed()
    script = """
        set -euo pipefail; source northflank-mock.sh
        for _ in 1 2 3 4; do mock_project; mock_advance PT1S; mock_clear; done
    """
    finished = run(["bash", "-c", script], variables(front), folder=FOLDER / "command-line")
    assert (finished.returncode, finished.stderr) == (0, "")


def variables(front: Server) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "NORTHFLANK_MOCK_URL": front.url}
