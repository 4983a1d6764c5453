"""The vendor's JavaScript client gets what is stored."""

from dataclasses import replace

import pytest

from mockserver.store.queries import BackupPath
from tests.clients.support import BACKUPS, UNKNOWN, JavaScript, refusal, shown, without_id
from tests.projects import make_project
from tests.support import EXAMPLE, RunningServer


def test_a_call_gets_the_first_page_and_where_it_stands(javascript: JavaScript, server: RunningServer) -> None:
    page = javascript.run("call.mjs")
    assert page["data"] == {"restores": shown(server)[:50]}
    assert page["pagination"] == server.page().json()["pagination"]


def test_a_call_for_a_team_gets_the_same(javascript: JavaScript) -> None:
    assert javascript.run("call.mjs", teamId="any-team") == javascript.run("call.mjs")


@pytest.mark.parametrize("backup", BACKUPS, ids=lambda backup: backup.backup_id)
def test_all_gets_every_restore_once(javascript: JavaScript, server: RunningServer, backup: BackupPath) -> None:
    assert javascript.run("all.mjs", backup=backup) == {"data": {"restores": shown(server, backup)}}


@pytest.mark.parametrize("per_page", [7, 60, 100])
def test_all_gets_every_restore_whatever_a_page_holds(
    javascript: JavaScript, server: RunningServer, per_page: int
) -> None:
    assert javascript.run("all.mjs", {"per_page": per_page}) == {"data": {"restores": shown(server)}}


def test_all_from_a_page_on_gets_the_rest_and_comes_to_an_end(javascript: JavaScript, server: RunningServer) -> None:
    assert javascript.run("all.mjs", {"page": 2}) == {"data": {"restores": shown(server)[50:]}}


def test_all_past_the_end_gets_nothing(javascript: JavaScript) -> None:
    assert javascript.run("all.mjs", {"page": 9}) == {"data": {"restores": []}}


@pytest.mark.parametrize(
    ("options", "first", "counts"), [({}, 0, [50, 50, 20]), ({"page": 2, "per_page": 30}, 30, [30] * 3)]
)
def test_next_pages_lead_to_the_end(
    javascript: JavaScript, server: RunningServer, options: dict[str, int], first: int, counts: list[int]
) -> None:
    pages = javascript.run("next-pages.mjs", options)
    assert [restore for page in pages for restore in page["data"]["restores"]] == shown(server)[first:]
    assert [page["pagination"]["count"] for page in pages] == counts
    assert pages[-1]["pagination"] == {"hasNextPage": False, "count": counts[-1]}


@pytest.mark.parametrize("program", ["call.mjs", "all.mjs"])
def test_an_unknown_backup_comes_back_as_an_error(javascript: JavaScript, server: RunningServer, program: str) -> None:
    answer = javascript.run(program, backup=UNKNOWN)
    assert without_id(answer["error"]) == refusal(server, backup=UNKNOWN)
    assert answer["error"]["status"] == 404
    assert "data" not in answer


def test_a_bad_option_comes_back_as_an_error_that_names_it(javascript: JavaScript, server: RunningServer) -> None:
    error = javascript.run("call.mjs", {"per_page": 101})["error"]
    assert without_id(error) == refusal(server, "per_page=101")
    assert error["details"]["parameter"] == "per_page"


def test_a_bad_token_comes_back_as_an_error(javascript: JavaScript, guarded_server: RunningServer) -> None:
    error = replace(javascript, url=guarded_server.url).run("call.mjs")["error"]
    assert without_id(error) == refusal(guarded_server)
    assert error["status"] == 401


def test_what_is_in_an_option_goes_out_as_it_is(javascript: JavaScript, server: RunningServer) -> None:
    error = javascript.run("call.mjs", {"cursor": "one&per_page=two"})["error"]
    assert without_id(error) == refusal(server, "cursor=one&per_page=two")


def test_a_page_that_failed_looks_like_the_last_one(javascript: JavaScript, server: RunningServer) -> None:
    project = make_project(server, scenario="many", restores=120)
    project.add_fault("status", page=2, times=1, status=503)
    failed = replace(javascript, token=project.token).run("failed-page.mjs", backup=project.backup)
    assert failed == {
        "error": 503,
        "hasNextPage": None,
        "itsNextPage": "Cannot convert undefined or null to object",
        "askedAgain": 50,
    }


@pytest.mark.parametrize(
    ("options", "backup", "query"),
    [({}, UNKNOWN, ""), ({"per_page": 0}, EXAMPLE, "per_page=0")],
    ids=["unknown-backup", "bad-option"],
)
def test_a_client_that_is_told_to_throw_errors_throws_them(
    javascript: JavaScript, server: RunningServer, options: dict[str, int], backup: BackupPath, query: str
) -> None:
    thrown = javascript.run("thrown.mjs", options, backup)
    assert [without_id(error) for error in thrown] == [refusal(server, query, backup)] * 2


def test_nodes_own_fetch_reaches_the_control_plane(javascript: JavaScript) -> None:
    statuses = javascript.run("fetch.mjs")
    assert statuses.pop("foreign") == 403
    assert statuses == {"get": 200, "head": 200, "json": 201, "text": 201, "cors": 200, "localhost": 200}
