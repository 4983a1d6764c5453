"""Lists of projects, addons, backups and an addon's restores: complete, in order, page by page."""

from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.responses import ask, bearer, error_of
from tests.support import RunningServer, make_project

ON_PROJECT = "/v1/projects/project-0/addons"
ON_ADDON = f"{ON_PROJECT}/addon-0"
LISTS = {
    "projects": "/v1/projects",
    "addons": ON_PROJECT,
    "backups": f"{ON_ADDON}/backups",
    "restores": f"{ON_ADDON}/restores",
}
PATHS = list(LISTS.items())
OF_TEAM = [(kind, path.replace("/v1/", "/v1/teams/a-team/")) for kind, path in PATHS]

names = st.sampled_from(sorted(LISTS))


def got(server: RunningServer, path: str, query: str = "", token: str = "any") -> httpx2.Response:  # noqa: S107 - any
    response = ask(server, f"{path}?{query}", headers=bearer(token))
    assert response.status_code == 200, response.text
    return response


def items(response: httpx2.Response, kind: str) -> list[dict[str, Any]]:
    body = response.json()
    assert list(body) == ["data", "pagination"]
    assert list(body["data"]) == [kind]
    listed: list[dict[str, Any]] = body["data"][kind]
    assert body["pagination"]["count"] == len(listed)
    assert ("cursor" in body["pagination"]) == body["pagination"]["hasNextPage"]
    return listed


def whole(server: RunningServer, kind: str) -> list[dict[str, Any]]:
    return items(got(server, LISTS[kind], "per_page=100"), kind)


@pytest.mark.parametrize("kind", ["projects", "addons", "backups"])
def test_a_list_is_in_the_order_of_its_ids(sevens: RunningServer, kind: str) -> None:
    singular = kind.removesuffix("s")
    assert [item["id"] for item in whole(sevens, kind)] == [f"{singular}-{number}" for number in range(7)]


def test_an_addons_restores_are_newest_first_and_of_equal_ids_the_later_backup_first(sevens: RunningServer) -> None:
    listed = [(restore["id"], restore["backupId"]) for restore in whole(sevens, "restores")]
    backups = [f"backup-{number}" for number in range(7)]
    assert listed == [
        *((30, backup) for backup in reversed(backups)),
        *((20, backup) for backup in reversed(backups)),
        *((10 + number, backups[number]) for number in reversed(range(7))),
    ]


@pytest.mark.parametrize(
    ("kind", "path", "keys"),
    [
        ("projects", "/v1/projects", ["id", "name", "description"]),
        ("addons", "/v1/projects/default-project/addons", ["id", "name", "appId", "description", "spec", "status"]),
        (
            "backups",
            "/v1/projects/default-project/addons/example-addon/backups",
            ["id", "name", "uid", "status", "createdAt", "completedAt", "config"],
        ),
        (
            "restores",
            "/v1/projects/default-project/addons/example-addon/restores",
            ["id", "restoreTimestamp", "status", "completedAt", "backupId"],
        ),
    ],
)
def test_an_item_has_exactly_its_keys_in_their_order(
    server: RunningServer, kind: str, path: str, keys: list[str]
) -> None:
    for item in items(got(server, path), kind):
        expected = [key for key in keys if key in item or key != "completedAt"]
        assert list(item) == expected
        assert ("completedAt" in item) == (item.get("status") == "completed")


def test_an_addon_has_its_type_and_its_app_id(server: RunningServer) -> None:
    addons = items(got(server, "/v1/projects/default-project/addons"), "addons")
    assert addons[0] == {
        "id": "example-addon",
        "name": "Example Addon",
        "appId": "/example-user/default-project/example-addon",
        "description": "The addon of the vendor's examples.",
        "spec": {"type": "postgresql"},
        "status": "running",
    }


def test_a_backup_has_its_size_and_its_source(server: RunningServer) -> None:
    (backup, *_) = items(got(server, "/v1/projects/default-project/addons/example-addon/backups"), "backups")
    assert backup["config"]["source"] == {"type": "snapshot"}
    assert backup["config"]["size"].isdigit()
    assert backup["createdAt"] < backup["completedAt"]


@given(names, st.integers(1, 100) | st.integers(1, 8))
def test_pages_by_number_and_by_cursor_are_the_same_and_hold_each_item_once(
    sevens: RunningServer, kind: str, per_page: int
) -> None:
    everything = whole(sevens, kind)
    parts = [everything[start : start + per_page] for start in range(0, len(everything), per_page)]
    cursor = ""
    for number, part in enumerate(parts, 1):
        by_number = got(sevens, LISTS[kind], f"per_page={per_page}&page={number}")
        by_cursor = got(sevens, LISTS[kind], f"per_page={per_page}&page=1{cursor}")
        assert items(by_number, kind) == part
        assert by_cursor.content == by_number.content
        pagination = by_number.json()["pagination"]
        assert pagination["hasNextPage"] is (number < len(parts))
        cursor = f"&cursor={pagination.get('cursor')}"
    assert items(got(sevens, LISTS[kind], f"per_page={per_page}&page={len(parts) + 1}"), kind) == []


@given(names, st.integers(1, 6), st.integers(1, 100), st.integers(1, 3))
def test_a_cursor_continues_after_its_page_with_any_per_page(
    sevens: RunningServer, kind: str, per_page: int, per_page_then: int, page: int
) -> None:
    everything = whole(sevens, kind)
    pagination = got(sevens, LISTS[kind], f"per_page={per_page}&page={page}").json()["pagination"]
    if pagination["hasNextPage"]:
        then = got(sevens, LISTS[kind], f"per_page={per_page_then}&cursor={pagination['cursor']}")
        assert items(then, kind) == everything[page * per_page :][:per_page_then]


@pytest.mark.parametrize("kind", LISTS)
def test_the_cursor_of_another_list_is_rejected(sevens: RunningServer, kind: str) -> None:
    cursor = got(sevens, LISTS[kind], "per_page=1").json()["pagination"]["cursor"]
    others = [path for each, path in PATHS if each != kind]
    for path in [*others, f"{ON_ADDON}/backups/backup-0/restores", f"{ON_ADDON}/backups/backup-1/restores"]:
        error = error_of(ask(sevens, f"{path}?cursor={cursor}"), 400)
        assert list(error["details"]) == ["cursor"]


@pytest.mark.parametrize("kind", ["addons", "backups", "restores"])
def test_the_cursor_of_another_project_is_rejected(server: RunningServer, kind: str) -> None:
    one, other = (make_project(server) for _ in range(2))
    path = {
        "addons": "/addons",
        "backups": "/addons/example-addon/backups",
        "restores": "/addons/example-addon/restores",
    }
    cursor = one.ask("GET", f"{path[kind]}?per_page=1").json()["pagination"]["cursor"]
    assert one.ask("GET", f"{path[kind]}?cursor={cursor}").status_code == 200
    error_of(other.ask("GET", f"{path[kind]}?cursor={cursor}"), 400)


def test_a_cursor_is_rejected_from_a_token_that_lists_other_projects(sevens: RunningServer) -> None:
    cursor = got(sevens, "/v1/projects", "per_page=1").json()["pagination"]["cursor"]
    project = make_project(sevens, scenario="empty")
    got(sevens, "/v1/projects", f"cursor={cursor}", token="another")  # noqa: S106 - any
    error_of(ask(sevens, f"/v1/projects?cursor={cursor}", headers=bearer(project.token)), 400)


@pytest.mark.parametrize(("kind", "path"), PATHS)
@pytest.mark.parametrize(
    "query",
    ["page=0", "page=1000000001", "page=", "per_page=0", "per_page=101", "page=1&page=1", "cursor=", "cursor=x"],
)
def test_the_error_for_an_invalid_parameter_names_it(sevens: RunningServer, kind: str, path: str, query: str) -> None:
    error = error_of(ask(sevens, f"{path}?{query}"), 400)
    assert list(error["details"]) == [query.partition("=")[0]], kind


@pytest.mark.parametrize(("plain", "of_team"), list(zip(PATHS, OF_TEAM, strict=True)))
def test_every_team_has_the_same_lists(sevens: RunningServer, plain: tuple[str, str], of_team: tuple[str, str]) -> None:
    assert got(sevens, plain[1]).content == got(sevens, of_team[1]).content
    cursor = got(sevens, of_team[1], "per_page=2").json()["pagination"]["cursor"]
    assert items(got(sevens, plain[1], f"cursor={cursor}"), plain[0])


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("/v1/projects/none/addons", 'project "none"'),
        ("/v1/projects/none/addons/addon-0/backups", 'project "none"'),
        ("/v1/projects/none/addons/addon-0/restores", 'project "none"'),
        (f"{ON_PROJECT}/none/backups", 'addon "none"'),
        (f"{ON_PROJECT}/none/restores", 'addon "none"'),
        (f"{ON_ADDON}/backups/none", 'backup "none"'),
    ],
)
def test_a_404_names_the_part_of_the_path_that_does_not_exist(sevens: RunningServer, path: str, missing: str) -> None:
    assert missing in error_of(ask(sevens, path), 404)["message"]


def test_a_list_of_nothing_is_one_empty_page(sevens: RunningServer) -> None:
    for kind, path in (
        ("addons", "/v1/projects/project-6/addons"),
        ("backups", f"{ON_PROJECT}/addon-6/backups"),
        ("restores", f"{ON_PROJECT}/addon-6/restores"),
    ):
        response = got(sevens, path)
        assert items(response, kind) == []
        assert response.json()["pagination"] == {"hasNextPage": False, "count": 0}


def test_a_walk_over_an_addons_restores_repeats_and_skips_none_while_they_change(server: RunningServer) -> None:
    rows = [{"status": "failed", "id": number} for number in (50, 40, 30, 20, 10)]
    project = make_project(server, scenario="empty", restores=rows)
    path = "/addons/example-addon/restores?per_page=1"
    seen: list[int] = []
    cursor = ""
    for _ in range(3):
        body = project.ask("GET", f"{path}{cursor}").json()
        seen += [restore["id"] for restore in body["data"]["restores"]]
        cursor = f"&cursor={body['pagination']['cursor']}"
        project.add()
        project.on_backup("DELETE", f"/{seen[-1]}").raise_for_status()
    assert seen == [50, 40, 30]
