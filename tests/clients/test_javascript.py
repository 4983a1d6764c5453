"""The vendor's JavaScript client lists the stored restores."""

from dataclasses import replace

import pytest

from mockserver.store.queries import BackupPath
from tests.clients.support import BACKUPS, UNKNOWN, JavaScript, error_response, expected_restores, without_id
from tests.support import EXAMPLE, RunningServer, make_project


def test_a_request_returns_the_first_page_and_its_pagination(javascript: JavaScript, server: RunningServer) -> None:
    page = javascript.run("page.mjs")
    assert page["data"] == {"restores": expected_restores(server)[:50]}
    assert page["pagination"] == server.page().json()["pagination"]


def test_a_request_with_a_team_id_returns_the_same(javascript: JavaScript) -> None:
    assert javascript.run("page.mjs", teamId="any-team") == javascript.run("page.mjs")


@pytest.mark.parametrize("backup", BACKUPS, ids=lambda backup: backup.backup_id)
def test_all_returns_every_restore_once(javascript: JavaScript, server: RunningServer, backup: BackupPath) -> None:
    assert javascript.run("all.mjs", backup=backup) == {"data": {"restores": expected_restores(server, backup)}}


@pytest.mark.parametrize("per_page", [7, 60, 100])
def test_all_returns_every_restore_with_any_page_size(
    javascript: JavaScript, server: RunningServer, per_page: int
) -> None:
    assert javascript.run("all.mjs", {"per_page": per_page}) == {"data": {"restores": expected_restores(server)}}


def test_all_from_page_2_returns_the_rest_and_ends(javascript: JavaScript, server: RunningServer) -> None:
    assert javascript.run("all.mjs", {"page": 2}) == {"data": {"restores": expected_restores(server)[50:]}}


def test_all_beyond_the_last_page_returns_nothing(javascript: JavaScript) -> None:
    assert javascript.run("all.mjs", {"page": 9}) == {"data": {"restores": []}}


@pytest.mark.parametrize(
    ("options", "first", "counts"), [({}, 0, [50, 50, 20]), ({"page": 2, "per_page": 30}, 30, [30] * 3)]
)
def test_get_next_page_leads_to_the_end(
    javascript: JavaScript, server: RunningServer, options: dict[str, int], first: int, counts: list[int]
) -> None:
    pages = javascript.run("next-pages.mjs", options)
    assert [restore for page in pages for restore in page["data"]["restores"]] == expected_restores(server)[first:]
    assert [page["pagination"]["count"] for page in pages] == counts
    assert pages[-1]["pagination"] == {"hasNextPage": False, "count": counts[-1]}


@pytest.mark.parametrize("program", ["page.mjs", "all.mjs"])
def test_an_unknown_backup_returns_an_error(javascript: JavaScript, server: RunningServer, program: str) -> None:
    response = javascript.run(program, backup=UNKNOWN)
    assert without_id(response["error"]) == error_response(server, backup=UNKNOWN)
    assert response["error"]["status"] == 404
    assert "data" not in response


def test_an_invalid_option_returns_an_error_that_names_it(javascript: JavaScript, server: RunningServer) -> None:
    error = javascript.run("page.mjs", {"per_page": 101})["error"]
    assert without_id(error) == error_response(server, "per_page=101")
    assert list(error["details"]) == ["per_page"]


def test_a_rejected_token_returns_an_error(javascript: JavaScript, restricted_server: RunningServer) -> None:
    error = replace(javascript, url=restricted_server.url).run("page.mjs")["error"]
    assert without_id(error) == error_response(restricted_server)
    assert error["status"] == 401


def test_options_are_sent_without_url_encoding(javascript: JavaScript, server: RunningServer) -> None:
    error = javascript.run("page.mjs", {"cursor": "one&per_page=two"})["error"]
    assert without_id(error) == error_response(server, "cursor=one&per_page=two")


def test_a_failed_page_looks_like_the_last_one(javascript: JavaScript, server: RunningServer) -> None:
    project = make_project(server, scenario="many", restores=120)
    project.fault("status", {"page": 2, "times": 1}, status=503)
    failed = javascript.of(project).run("failed-page.mjs", backup=project.backup)
    assert failed == {
        "error": 503,
        "hasNextPage": None,
        "itsNextPage": "Cannot convert undefined or null to object",
        "retried": 50,
    }


@pytest.mark.parametrize(
    ("options", "backup", "query"),
    [({}, UNKNOWN, ""), ({"per_page": 0}, EXAMPLE, "per_page=0")],
    ids=["unknown-backup", "invalid-option"],
)
def test_a_client_with_throw_error_on_http_error_code_throws_errors(
    javascript: JavaScript, server: RunningServer, options: dict[str, int], backup: BackupPath, query: str
) -> None:
    thrown = javascript.run("thrown.mjs", options, backup)
    assert [without_id(error) for error in thrown] == [error_response(server, query, backup)] * 2


def test_nodes_own_fetch_reaches_the_control_plane(javascript: JavaScript) -> None:
    statuses = javascript.run("fetch.mjs")
    assert statuses.pop("foreign") == 403
    assert statuses == {"get": 200, "head": 200, "json": 201, "text": 201, "cors": 200, "localhost": 200}
