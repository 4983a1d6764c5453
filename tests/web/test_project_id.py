"""The gate reads the project id of a path before there is a route; the router has to read the same one."""

import pytest
from starlette.routing import Match, Route

from mockserver.app import API_ROUTES
from mockserver.web.heads import project_in

ROUTES = [route for route in API_ROUTES if isinstance(route, Route)]
DISTINCT = {"teamId": "a-team", "projectId": "a-project", "addonId": "an-addon", "backupId": "a-backup"}
IDS = {
    "distinct": DISTINCT,
    "words of the path": {"teamId": "projects", "projectId": "teams", "addonId": "projects", "backupId": "restores"},
    "a project called projects": DISTINCT | {"projectId": "projects"},
    "a team called teams": DISTINCT | {"teamId": "teams"},
    "not ASCII": DISTINCT | {"teamId": "é", "projectId": "a b.ü+%2F"},
}


def project_of_route(path: str, method: str) -> str | None:
    """The project id that the router hands to the operation."""
    for route in ROUTES:
        match, child_scope = route.matches({"type": "http", "method": method, "path": path})
        if match is Match.FULL:
            project_id: str | None = child_scope["path_params"].get("projectId")
            return project_id
    pytest.fail(f"no route for {method} {path}")


@pytest.mark.parametrize("ids", IDS.values(), ids=IDS.keys())
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{min(route.methods)} {route.path_format}")
def test_the_gate_and_the_router_read_the_same_project_id(route: Route, ids: dict[str, str]) -> None:
    path = route.path_format.format(**ids)
    in_path = ids["projectId"] if "{projectId}" in route.path_format else None
    assert project_in(path) == project_of_route(path, min(route.methods or ())) == in_path


def test_every_route_of_the_api_is_compared_with_and_without_a_team() -> None:
    assert len(ROUTES) == len(API_ROUTES)
    formats = {route.path_format for route in ROUTES if "{projectId}" in route.path_format}
    of_teams = {path for path in formats if path.startswith("/v1/teams/{teamId}/")}
    assert of_teams
    assert {path.replace("/teams/{teamId}", "") for path in of_teams} == formats - of_teams
