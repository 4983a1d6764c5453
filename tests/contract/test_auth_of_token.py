"""`GET /v1/auth`: who the token is."""

from typing import Any

from mockserver.contract.permissions import Permission
from tests.contract.responses import ask, bearer, error_of
from tests.support import RunningServer, make_project


def auth_of(server: RunningServer, token: str) -> dict[str, Any]:
    response = ask(server, "/v1/auth", headers=bearer(token))
    assert response.status_code == 200
    assert list(response.json()) == ["data"]
    auth: dict[str, Any] = response.json()["data"]
    return auth


def test_a_token_of_no_project_has_all_permissions_and_no_restrictions(server: RunningServer) -> None:
    auth = auth_of(server, "any-token")
    assert list(auth) == [
        "tokenKind",
        "id",
        "name",
        "description",
        "entityId",
        "entityUid",
        "entityType",
        "role",
        "permissions",
        "createdAt",
    ]
    assert (auth["tokenKind"], auth["entityType"]) == ("api", "team")
    assert list(auth["role"]) == ["name", "roleId", "roleType", "entityType"]
    assert auth["permissions"] == {
        "projectScope": ["ps_projects_manage_read", "ps_addons_general_read", "ps_addons_general_update"]
    }
    assert len(bytes.fromhex(auth["entityUid"])) == 12


def test_the_token_of_a_project_is_restricted_to_it_and_has_its_permissions(server: RunningServer) -> None:
    project = make_project(server, scenario="single", permissions=[Permission.READ_ADDONS])
    auth = auth_of(server, project.token)
    assert list(auth)[-3:] == ["permissions", "projectRestrictions", "createdAt"]
    assert auth["projectRestrictions"] == {"enabled": True, "restrictionMode": "in", "projects": [project.id]}
    assert auth["permissions"] == {"projectScope": ["ps_addons_general_read"]}


def test_no_permission_is_needed_but_a_token_is(server: RunningServer) -> None:
    project = make_project(server, scenario="single", permissions=[])
    assert auth_of(server, project.token)["permissions"] == {"projectScope": []}
    error_of(ask(server, "/v1/auth", headers=[]), 401)


def test_the_id_of_a_token_is_always_the_same_and_not_the_token(server: RunningServer) -> None:
    assert auth_of(server, "one")["id"] == auth_of(server, "one")["id"] != auth_of(server, "other")["id"]
    assert "one" not in auth_of(server, "one")["id"].removeprefix("token-")


def test_the_journal_names_the_operation(server: RunningServer) -> None:
    project = make_project(server, scenario="single")
    auth_of(server, project.token)
    assert [entry["operation"] for entry in project.requests()] == ["auth"]
