"""Get a backup, restore it and abort its restores, in both contracts."""

from typing import Any

import pytest

from mockserver.instants import INSTANT_MAX, timestamp
from tests.contract.responses import error_of
from tests.support import FROZEN, NOW, RunningServer, SandboxProject, make_project, running_server

BACKUP = "/addons/example-addon/backups/example-backup"
CONTRACTS = ["2024", "2026"]


@pytest.fixture(params=CONTRACTS)
def project(request: pytest.FixtureRequest, server: RunningServer) -> SandboxProject:
    """A project without restores and with a frozen clock, in each contract."""
    return make_project(server, restores=[], clock=FROZEN, contract=request.param)


def last_restore(project: SandboxProject) -> Any:
    response = project.ask("GET", BACKUP)
    assert response.status_code == 200
    body = response.json()
    assert list(body) == ["data"]
    return body["data"].get("lastRestore")


# Get


def test_a_backup_that_was_never_restored_has_no_last_restore(project: SandboxProject) -> None:
    assert last_restore(project) is None
    backup = project.ask("GET", BACKUP).json()["data"]
    assert list(backup) == ["id", "name", "uid", "status", "createdAt", "completedAt", "config"]
    listed = project.ask("GET", "/addons/example-addon/backups").json()["data"]["backups"]
    assert backup in listed


def test_a_backups_last_restore_is_its_newest_as_it_stands_now(project: SandboxProject) -> None:
    project.add(endsAfter=60, outcome="failed")
    project.advance(1)
    project.add(endsAfter=60)
    started = timestamp(NOW + 1000)
    assert last_restore(project) == {"restoreTimestamp": started, "status": "in-progress"}
    project.advance(60)
    assert last_restore(project) == {
        "restoreTimestamp": started,
        "status": "completed",
        "completedAt": timestamp(NOW + 61_000),
    }


# Restore


def test_a_started_restore_goes_through_all_statuses(project: SandboxProject) -> None:
    restore_id = project.restore()
    (restore,) = project.restores()
    assert str(restore["id"]) == restore_id
    assert restore["restoreTimestamp"] == timestamp(NOW)
    assert project.statuses_after(4.999, 0.001, 59.999, 0.001) == [
        "scheduled",
        "scheduled",
        "in-progress",
        "in-progress",
        "completed",
    ]
    assert project.restores()[0]["completedAt"] == timestamp(NOW + 65_000)


def test_the_settings_determine_how_long_each_status_lasts() -> None:
    with running_server(scheduled_for="PT1S", in_progress_for="2", aborting_for=3) as own:
        project = make_project(own, restores=[], clock=FROZEN)
        project.restore()
        assert project.statuses_after(1, 2) == ["scheduled", "in-progress", "completed"]
        project.abort(project.restore()).raise_for_status()
        project.advance(2.999)
        assert project.statuses()[0] == "aborting"
        project.advance(0.001)
        assert project.statuses()[0] == "aborted"


def test_restores_of_one_instant_have_ids_of_their_own(project: SandboxProject) -> None:
    ids = [project.restore() for _ in range(3)]
    assert [str(restore["id"]) for restore in project.restores()] == ids[::-1]
    assert len(set(ids)) == 3
    assert [restore["restoreTimestamp"] for restore in project.restores()] == [
        timestamp(NOW + later) for later in (2, 1, 0)
    ]


def test_a_restore_may_be_started_by_a_client_that_sends_a_body(project: SandboxProject) -> None:
    assert project.ask("POST", f"{BACKUP}/restore", json={"anything": 5}).status_code == 200


def test_a_restore_near_the_end_of_time_ends_with_it(server: RunningServer) -> None:
    project = make_project(server, restores=[]).freeze(INSTANT_MAX - 1000)
    project.restore()
    assert project.statuses_after(1) == ["scheduled", "completed"]


# Abort


def test_an_abort_takes_a_restore_through_aborting_to_aborted(project: SandboxProject) -> None:
    for started in (0, 5):
        restore_id = project.restore()
        project.advance(started)
        response = project.abort(restore_id)
        assert (response.status_code, response.json()) == (200, {"data": {}})
        seen = [project.statuses()[0]]
        for by in (9.999, 0.001, 3600):
            project.advance(by)
            seen.append(project.statuses()[0])
        assert seen == ["aborting", "aborting", "aborted", "aborted"]
        assert "completedAt" not in project.restores()[0]


def test_a_restore_that_is_aborting_may_be_aborted_again_and_takes_no_longer(project: SandboxProject) -> None:
    restore_id = project.restore()
    project.abort(restore_id)
    project.advance(9)
    assert project.abort(restore_id).status_code == 200
    assert project.statuses() == ["aborting"]
    project.advance(1)
    assert project.statuses() == ["aborted"]


@pytest.mark.parametrize("status", ["completed", "failed", "aborted", "not-supported"])
@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_restore_that_has_ended_is_a_conflict(server: RunningServer, status: str, contract: str) -> None:
    project = make_project(server, restores=[{"status": status}], contract=contract)
    before = project.restores()
    restore_id = str(before[0]["id"])
    error = error_of(project.abort(restore_id), 409)
    assert f'"{restore_id}"' in error["message"]
    assert status in error["message"]
    assert project.restores() == before


@pytest.mark.parametrize("status", ["scheduled", "in-progress", "aborting"])
def test_a_restore_that_has_not_ended_is_aborted(server: RunningServer, status: str) -> None:
    project = make_project(server, restores=[{"status": status, "id": 5}], clock=FROZEN)
    assert project.abort("5").status_code == 200
    assert project.statuses() == ["aborting"]
    project.advance(3600)
    assert project.statuses() == ["aborting" if status == "aborting" else "aborted"]


def test_an_unknown_restore_is_a_404(project: SandboxProject) -> None:
    restore_id = project.restore()
    for unknown in (
        "",
        "0",
        "nope",
        restore_id + "0",
        "0" + restore_id,
        restore_id.upper() + " ",
        "668596c647fed81696a8a82c",
    ):
        error = error_of(project.abort(unknown), 404)
        assert f'restore "{unknown}"' in error["message"]
    assert project.statuses() == ["scheduled"]


def test_the_id_of_another_contract_is_unknown(server: RunningServer) -> None:
    old, new = (make_project(server, restores=[{"status": "in-progress", "id": NOW}], contract=c) for c in CONTRACTS)
    error_of(old.abort(str(new.restores()[0]["id"])), 404)
    error_of(new.abort(str(NOW)), 404)


@pytest.mark.parametrize(
    ("content", "details"),
    [
        (b"", {"body": "is missing"}),
        (b"{", {"body": "JSON"}),
        (b"\xff", {"body": "JSON"}),
        (b"restoreId=5", {"body": "JSON"}),
        (b"null", {"body": "object"}),
        (b"[]", {"body": "object"}),
        (b"5", {"body": "object"}),
        (b"{}", {"restoreId": "is missing"}),
        (b'{"restoreId": null}', {"restoreId": "string"}),
        (b'{"restoreId": 5, "force": 1}', {"restoreId": "string", "force": "unknown"}),
        (b'{"restoreId": "5", "force": true}', {"force": "unknown"}),
    ],
)
def test_an_invalid_body_is_rejected_with_what_is_wrong_with_each_field(
    project: SandboxProject, content: bytes, details: dict[str, str]
) -> None:
    headers = {"Content-Type": "application/json"}
    error = error_of(project.ask("POST", f"{BACKUP}/abort-restore", content=content, headers=headers), 400)
    assert error["details"].keys() == details.keys()
    assert all(essence in error["details"][field][0] for field, essence in details.items())


@pytest.mark.parametrize("operation", ["restore", "abort-restore"])
def test_a_backup_that_is_not_there_is_a_404(project: SandboxProject, operation: str) -> None:
    for path, words in (
        (f"/addons/none/backups/example-backup/{operation}", 'no addon "none"'),
        (f"/addons/example-addon/backups/none/{operation}", 'no backup "none"'),
    ):
        response = project.ask("POST", path, json={"restoreId": "5"})
        assert error_of(response, 404)["message"].startswith(words)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_what_starts_or_aborts_a_restore_is_a_post(project: SandboxProject, method: str) -> None:
    for operation in ("restore", "abort-restore"):
        response = project.ask(method, f"{BACKUP}/{operation}")
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"


# The contract, for the server and for one project


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_servers_contract_holds_in_a_project_that_chooses_none(contract: str) -> None:
    other = "2026" if contract == "2024" else "2024"
    with running_server(contract=contract) as own:
        projects = {
            project.ok("GET")["contract"]: project
            for project in (make_project(own, scenario="single"), make_project(own, scenario="single", contract=other))
        }
        assert set(projects) == set(CONTRACTS)
        assert isinstance(projects["2024"].restores()[0]["id"], int)
        assert isinstance(projects["2026"].restores()[0]["id"], str)
        restore_id = own.page("per_page=1").json()["data"]["restores"][0]["id"]
        assert isinstance(restore_id, int if contract == "2024" else str)
        schema = own.client.get("/openapi.json").json()["components"]["schemas"]["Restore"]["properties"]["id"]
        assert schema["type"] == ("integer" if contract == "2024" else "string")


def test_both_contracts_show_the_same_restores(server: RunningServer) -> None:
    old, new = (make_project(server, clock=FROZEN, contract=contract).restores() for contract in CONTRACTS)
    assert [int(restore.pop("id")[:8], 16) for restore in new] == [restore.pop("id") // 1000 for restore in old]
    assert new == old


# A backup that belongs to another project


def pair(server: RunningServer, contract: str) -> tuple[SandboxProject, SandboxProject]:
    """A project to send requests to, and a source project whose addon has another id but whose backup has the same."""
    asking = make_project(server, restores=[], contract=contract, clock=FROZEN)
    source = make_project(server, restores=[], contract=contract, clock=FROZEN, addonId="source-addon")
    return asking, source


def from_source(
    asking: SandboxProject, source: SandboxProject, method: str = "GET", rest: str = "restores", **more: Any
) -> Any:
    query = f"sourceProjectId={source.id}&sourceAddonId=source-addon"
    headers = {"Authorization": "Bearer any-other"}
    return asking.ask(method, f"{BACKUP}/{rest}?{query}", headers=headers, **more)


def test_in_2026_the_query_can_name_the_backup_of_another_project(server: RunningServer) -> None:
    asking, source = pair(server, "2026")
    restore_id = from_source(asking, source, "POST", "restore").json()["data"]["restoreId"]
    assert asking.restores() == []
    assert from_source(asking, source).json() == source.page().json()
    assert [restore["id"] for restore in source.restores()] == [restore_id]
    assert from_source(asking, source, "POST", "abort-restore", json={"restoreId": restore_id}).status_code == 200
    assert source.statuses() == ["aborting"]


def test_in_2024_source_parameters_are_unknown_and_ignored(server: RunningServer) -> None:
    asking, source = pair(server, "2024")
    from_source(asking, source, "POST", "restore")
    assert (len(asking.restores()), source.restores()) == (1, [])
    assert asking.page("sourceProjectId=&sourceProjectId=x").status_code == 200


def test_in_2026_a_source_parameter_must_be_sent_once_with_a_value(server: RunningServer) -> None:
    asking, _ = pair(server, "2026")
    for query in ("sourceProjectId=", "sourceAddonId=", "sourceProjectId=a&sourceProjectId=a"):
        error = error_of(asking.page(query), 400)
        assert list(error["details"]) == [query.partition("=")[0]]


def test_in_2026_one_source_parameter_may_be_sent_without_the_other(server: RunningServer) -> None:
    project = make_project(server, contract="2026")
    assert project.page("sourceAddonId=session-cache").status_code == 404
    path = "/addons/example-addon/backups/one-page/restores"
    assert project.ask("GET", path).status_code == 404
    assert project.ask("GET", f"{path}?sourceAddonId=session-cache").json()["pagination"]["count"] == 50


def test_in_2026_the_addon_in_the_path_must_exist_despite_a_source(server: RunningServer) -> None:
    asking, source = pair(server, "2026")
    query = f"sourceProjectId={source.id}&sourceAddonId=source-addon"
    response = asking.ask(
        "GET", f"/addons/none/backups/example-backup/restores?{query}", headers={"Authorization": "Bearer any-other"}
    )
    message = error_of(response, 404)["message"]
    assert 'addon "none"' in message
    assert asking.id in message


def test_a_projects_token_cannot_use_another_project_as_source(server: RunningServer) -> None:
    asking, source = pair(server, "2026")
    error_of(asking.page(f"sourceProjectId={source.id}&sourceAddonId=source-addon"), 404)
    query = f"sourceProjectId={source.id}&sourceAddonId=source-addon"
    response = asking.ask("GET", f"{BACKUP}/restores?{query}", headers=source.authorization)
    error_of(response, 404)


def test_a_cursor_from_a_source_is_valid_for_the_source_list(server: RunningServer) -> None:
    asking, source = pair(server, "2026")
    for _ in range(3):
        source.restore()
    query = f"sourceProjectId={source.id}&sourceAddonId=source-addon&per_page=2"
    response = asking.ask("GET", f"{BACKUP}/restores?{query}", headers={"Authorization": "Bearer any-other"})
    cursor = response.json()["pagination"]["cursor"]
    assert source.page(f"cursor={cursor}").json()["pagination"]["count"] == 1
    error_of(asking.page(f"cursor={cursor}"), 400)
