"""The vendor's clients under the 2026 contract: ids are strings, and a backup may belong to another project."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from northflank import ApiClient

from mockserver.contract.versions import Contract
from tests.clients import support
from tests.clients.support import CommandLine, JavaScript
from tests.support import TOKEN, RunningServer, SandboxProject, make_project, running_server

RESTORES = 120


@pytest.fixture(scope="module")
def server_of_2026() -> Iterator[RunningServer]:
    with running_server(contract=Contract.V2026) as running:
        yield running


@pytest.fixture(params=["of the server", "of the project"])
def project(request: pytest.FixtureRequest) -> SandboxProject:
    """A project under the 2026 contract, which is set on its server or on the project."""
    if request.param == "of the server":
        return make_project(request.getfixturevalue("server_of_2026"), scenario="many", restores=RESTORES)
    return make_project(request.getfixturevalue("server"), scenario="many", restores=RESTORES, contract="2026")


def expected_restores(project: SandboxProject) -> list[Any]:
    return support.expected_restores(project.server, project.backup, Contract.V2026)


@dataclass(frozen=True)
class Python:
    """The Python SDK, with the interface of the JavaScript programs."""

    project: SandboxProject
    token: str

    @property
    def _client(self) -> Any:
        return ApiClient(self.token, base_url=self.project.server.url)

    def all(self, ids: dict[str, str]) -> list[Any]:
        return list(self._client.get.addon.backup.restores.all(**ids).data["restores"])

    def restore_and_abort(self, ids: dict[str, str]) -> str:
        restore_id = str(self._client.restore.addon.backup(**ids).data["restoreId"])
        self._client.abort.addon.restore(**ids, data={"restoreId": restore_id})
        return restore_id


def python_ids(target: SandboxProject, source: SandboxProject | None) -> dict[str, str]:
    ids = support.python_ids(target.backup)
    if source is not None:
        ids |= {"backup_id": source.backup.backup_id}
        ids |= {"source_project_id": source.id, "source_addon_id": source.backup.addon_id}
    return ids


def source_options(source: SandboxProject) -> dict[str, str]:
    return {"sourceProjectId": source.id, "sourceAddonId": source.backup.addon_id}


def test_the_javascript_client_lists_every_restore_with_string_ids(
    javascript: JavaScript, project: SandboxProject
) -> None:
    client = javascript.of(project)
    restores = client.run("all.mjs", backup=project.backup)["data"]["restores"]
    assert restores == expected_restores(project)
    assert {len(restore["id"]) for restore in restores} == {24}
    assert project.walk()["verdict"] == "complete"


def test_the_python_sdk_lists_every_restore_with_string_ids(project: SandboxProject) -> None:
    assert Python(project, project.token).all(python_ids(project, None)) == expected_restores(project)
    assert project.walk()["verdict"] == "complete"


def test_the_command_line_lists_every_restore_with_string_ids(
    command_line: CommandLine, project: SandboxProject
) -> None:
    command_line.login(project.server.url, project.token)
    finished = command_line.restores("--loadAll", "-o", "json", backup=project.backup)
    assert json.loads(finished.stdout) == {"restores": expected_restores(project)}
    assert project.walk()["verdict"] == "complete"


def restored_by_javascript(project: SandboxProject, javascript: JavaScript) -> str:
    client = javascript.of(project)
    result = client.run("restore-and-abort.mjs", backup=project.backup)
    assert result == {"restoreId": result["restoreId"], "aborted": {}}
    return str(result["restoreId"])


def restored_by_python(project: SandboxProject, _: JavaScript) -> str:
    return Python(project, project.token).restore_and_abort(python_ids(project, None))


@pytest.mark.parametrize("restored_by", [restored_by_javascript, restored_by_python])
def test_a_restore_is_aborted_by_the_id_in_the_response(
    javascript: JavaScript, project: SandboxProject, restored_by: Callable[[SandboxProject, JavaScript], str]
) -> None:
    restore_id = restored_by(project, javascript)
    newest = expected_restores(project)[0]
    assert (newest["id"], newest["status"]) == (restore_id, "aborting")


def test_source_ids_list_the_restores_of_another_projects_backup(javascript: JavaScript, server: RunningServer) -> None:
    target, source = (make_project(server, scenario="many", restores=number, contract="2026") for number in (1, 70))
    by_javascript = javascript.run("all.mjs", source_options(source), target.backup)
    assert by_javascript == {"data": {"restores": expected_restores(source)}}
    assert Python(target, TOKEN).all(python_ids(target, source)) == expected_restores(source)


def test_source_ids_restore_and_abort_another_projects_backup(javascript: JavaScript, server: RunningServer) -> None:
    target, source = (make_project(server, scenario="single", contract="2026") for _ in range(2))
    before = expected_restores(target)
    by_javascript = javascript.run("restore-and-abort.mjs", source_options(source), target.backup)
    by_python = Python(target, TOKEN).restore_and_abort(python_ids(target, source))
    newest = expected_restores(source)[:2]
    assert [(restore["id"], restore["status"]) for restore in newest] == [
        (by_python, "aborting"),
        (by_javascript["restoreId"], "aborting"),
    ]
    assert expected_restores(target) == before


def test_source_ids_are_ignored_under_the_2024_contract(javascript: JavaScript, server: RunningServer) -> None:
    target, source = (make_project(server, scenario="many", restores=number) for number in (1, 70))
    response = javascript.run("page.mjs", source_options(source), target.backup)
    assert len(response["data"]["restores"]) == 1
    assert target.requests()[0]["ignoredParameters"] == ["sourceProjectId", "sourceAddonId"]
