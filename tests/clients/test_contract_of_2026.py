"""The vendor's clients under the contract of today: ids are strings, and a backup may belong to another project."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from northflank import ApiClient

from mockserver.contract import wire
from mockserver.contract.versions import Contract, public_id
from tests.clients.support import CommandLine, JavaScript
from tests.projects import Project, make_project
from tests.support import TOKEN, RunningServer, running_server

RESTORES = 120


@pytest.fixture(scope="module")
def server_of_2026() -> Iterator[RunningServer]:
    with running_server(contract=Contract.V2026) as running:
        yield running


@pytest.fixture(params=["of the server", "of the project"])
def project(request: pytest.FixtureRequest) -> Project:
    """A project under the contract of 2026, whether that is its server's or its own."""
    if request.param == "of the server":
        return make_project(request.getfixturevalue("server_of_2026"), scenario="many", restores=RESTORES)
    return make_project(request.getfixturevalue("server"), scenario="many", restores=RESTORES, contract="2026")


def shown(project: Project) -> list[Any]:
    now = project.server.emulator.clock.now()
    return [
        wire.restore(public_id(Contract.V2026, number), timeline, now)
        for number, timeline in project.server.stored(project.backup)
    ]


@dataclass(frozen=True)
class Python:
    """The Python SDK, asked as the JavaScript client is."""

    project: Project
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


def python_ids(asked: Project, source: Project | None) -> dict[str, str]:
    ids = {
        "project_id": asked.backup.project_id,
        "addon_id": asked.backup.addon_id,
        "backup_id": (source or asked).backup.backup_id,
    }
    if source is not None:
        ids |= {"source_project_id": source.backup.project_id, "source_addon_id": source.backup.addon_id}
    return ids


def source_options(source: Project) -> dict[str, str]:
    return {"sourceProjectId": source.backup.project_id, "sourceAddonId": source.backup.addon_id}


def test_the_javascript_client_walks_to_the_end_and_gets_ids_that_are_strings(
    javascript: JavaScript, project: Project
) -> None:
    client = replace(javascript, url=project.server.url, token=project.token)
    restores = client.run("all.mjs", backup=project.backup)["data"]["restores"]
    assert restores == shown(project)
    assert {len(restore["id"]) for restore in restores} == {24}
    assert project.walk["explanation"] == "reached the end: 120 of 120 restores on 3 pages"


def test_the_python_sdk_does_too(project: Project) -> None:
    assert Python(project, project.token).all(python_ids(project, None)) == shown(project)
    assert project.walk["verdict"] == "complete"


def test_the_command_line_does_too(command_line: CommandLine, project: Project) -> None:
    command_line.login(project.server.url, project.token)
    finished = command_line.restores("--loadAll", "-o", "json", backup=project.backup)
    assert json.loads(finished.stdout) == {"restores": shown(project)}
    assert project.walk["verdict"] == "complete"


def restored_by_javascript(project: Project, javascript: JavaScript) -> str:
    client = replace(javascript, url=project.server.url, token=project.token)
    done = client.run("restore-and-abort.mjs", backup=project.backup)
    assert done == {"restoreId": done["restoreId"], "aborted": {}}
    return str(done["restoreId"])


def restored_by_python(project: Project, _: JavaScript) -> str:
    return Python(project, project.token).restore_and_abort(python_ids(project, None))


@pytest.mark.parametrize("restored_by", [restored_by_javascript, restored_by_python])
def test_a_restore_is_aborted_by_the_id_that_it_was_given(
    javascript: JavaScript, project: Project, restored_by: Callable[[Project, JavaScript], str]
) -> None:
    restore_id = restored_by(project, javascript)
    newest = shown(project)[0]
    assert (newest["id"], newest["status"]) == (restore_id, "aborting")


def test_a_backup_of_another_project_is_listed_by_its_source(javascript: JavaScript, server: RunningServer) -> None:
    asked, source = (make_project(server, scenario="many", restores=number, contract="2026") for number in (1, 70))
    by_javascript = replace(javascript, token=TOKEN).run("all.mjs", source_options(source), asked.backup)
    assert by_javascript == {"data": {"restores": shown(source)}}
    assert Python(asked, TOKEN).all(python_ids(asked, source)) == shown(source)


def test_a_backup_of_another_project_is_restored_and_aborted_by_its_source(
    javascript: JavaScript, server: RunningServer
) -> None:
    asked, source = (make_project(server, scenario="single", contract="2026") for _ in range(2))
    before = shown(asked)
    by_javascript = replace(javascript, token=TOKEN).run("restore-and-abort.mjs", source_options(source), asked.backup)
    by_python = Python(asked, TOKEN).restore_and_abort(python_ids(asked, source))
    newest = shown(source)[:2]
    assert [(restore["id"], restore["status"]) for restore in newest] == [
        (by_python, "aborting"),
        (by_javascript["restoreId"], "aborting"),
    ]
    assert shown(asked) == before


def test_under_2024_the_source_is_unknown_and_ignored(javascript: JavaScript, server: RunningServer) -> None:
    asked, source = (make_project(server, scenario="many", restores=number) for number in (1, 70))
    client = replace(javascript, token=TOKEN)
    answer = client.run("call.mjs", source_options(source), asked.backup)
    assert len(answer["data"]["restores"]) == 1
    assert asked.requests[0]["ignoredParameters"] == ["sourceProjectId", "sourceAddonId"]
