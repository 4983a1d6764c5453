"""Pages that break as those of real services do: what the client gets, and the verdict on what it does then."""

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.contract.broken_pages import BrokenPaging
from tests.contract.responses import error_of
from tests.support import RunningServer, SandboxProject, make_project

Json = dict[str, Any]

ROWS = [{"status": "completed", "id": number} for number in range(9, 0, -1)]
PAGES = [[9, 8, 7, 6], [5, 4, 3, 2], [1]]
PER_PAGE = 4
BEYOND_PAGE_1 = [BrokenPaging.REPEAT_CURSOR, BrokenPaging.IGNORE_CURSOR, BrokenPaging.REPEAT_ROWS]
WITH_NEXT = [BrokenPaging.EMPTY_PAGE, BrokenPaging.NO_CURSOR, BrokenPaging.NULL_CURSOR, BrokenPaging.EMPTY_CURSOR]


@pytest.fixture(params=["2024", "2026"])
def project(server: RunningServer, request: pytest.FixtureRequest) -> SandboxProject:
    return make_project(server, restores=ROWS, contract=request.param)


@pytest.fixture
def cursors(project: SandboxProject) -> dict[int, str]:
    """The cursor that leads to each page."""
    pages = {number: project.page(f"per_page={PER_PAGE}&page={number - 1}").json() for number in (2, 3)}
    return {number: page["pagination"]["cursor"] for number, page in pages.items()}


@pytest.fixture(params=["by cursor", "by number"])
def query(request: pytest.FixtureRequest, cursors: dict[int, str]) -> Callable[[int], str]:
    """The query that requests a page."""
    by_cursor = request.param == "by cursor"
    return lambda number: f"cursor={cursors[number]}" if by_cursor and number > 1 else f"page={number}"


def get(project: SandboxProject, query: str) -> Json:
    response = project.page(f"per_page={PER_PAGE}&{query}")
    assert response.status_code == 200
    body: Json = response.json()
    assert list(body["pagination"]) in (["hasNextPage", "count"], ["hasNextPage", "cursor", "count"])
    assert body["pagination"]["count"] == len(body["data"]["restores"])
    return body


def ids(page: Json) -> list[int]:
    """The numbers of a page's restores: their instants, which tell them apart under both contracts."""
    return [int(restore["restoreTimestamp"][-4:-1]) for restore in page["data"]["restores"]]


@pytest.mark.parametrize("what", BrokenPaging)
def test_a_rule_matches_only_pages_where_its_kind_has_a_meaning(
    project: SandboxProject, what: BrokenPaging, query: Callable[[int], str]
) -> None:
    def pages() -> list[bytes]:
        return [project.page(f"per_page={PER_PAGE}&{query(number)}").content for number in (1, 2, 3)]

    whole = pages()
    project.fault("paging", what=what)
    project.fault("paging", {"nth": 1}, what=what)
    broken = [page != as_it_was for page, as_it_was in zip(pages(), whole, strict=True)]
    if what in BEYOND_PAGE_1:
        assert broken == [False, True, True]
    elif what in WITH_NEXT:
        assert broken == [True, True, False]
    else:
        assert broken == [False, False, True]
    first, nth = project.ok("GET", "/faults")["faults"]
    assert first["triggered"] == sum(broken)
    assert nth["triggered"] == 0, "only the first of several exclusive faults triggers"
    assert "restores" in project.ok("GET", "/requests")["requests"][-1]


def test_a_repeated_cursor_is_the_one_that_led_here(
    project: SandboxProject, cursors: dict[int, str], query: Callable[[int], str]
) -> None:
    project.fault("paging", what="repeat-cursor")
    for number in (2, 3):
        page = get(project, query(number))
        assert ids(page) == PAGES[number - 1]
        assert page["pagination"]["hasNextPage"] is True
        assert page["pagination"]["cursor"] == cursors[number]
        assert ids(get(project, f"cursor={page['pagination']['cursor']}")) == PAGES[number - 1]


@pytest.mark.parametrize("number", [1, 2])
def test_an_empty_page_has_a_cursor_to_what_it_should_have_had(
    project: SandboxProject, number: int, query: Callable[[int], str]
) -> None:
    project.fault("paging", {"times": 1}, what="empty-page")
    empty = get(project, query(number))
    assert (ids(empty), empty["pagination"]["hasNextPage"]) == ([], True)
    page = get(project, f"cursor={empty['pagination']['cursor']}")
    assert ids(page) == PAGES[number - 1]
    assert ids(get(project, f"cursor={page['pagination']['cursor']}")) == PAGES[number]


def test_a_cursor_at_the_end_leads_to_an_empty_page_that_is_the_end(
    project: SandboxProject, query: Callable[[int], str]
) -> None:
    project.fault("paging", what="cursor-at-end")
    last = get(project, query(3))
    assert (ids(last), last["pagination"]["hasNextPage"]) == (PAGES[2], False)
    beyond = get(project, f"cursor={last['pagination']['cursor']}")
    assert beyond == {"data": {"restores": []}, "pagination": {"hasNextPage": False, "count": 0}}


@pytest.mark.parametrize(
    ("what", "cursor"), [("no-cursor", {}), ("null-cursor", {"cursor": None}), ("empty-cursor", {"cursor": ""})]
)
def test_a_page_can_hide_the_cursor_of_the_next(
    project: SandboxProject, what: str, cursor: Json, query: Callable[[int], str]
) -> None:
    project.fault("paging", what=what)
    for number in (1, 2):
        page = get(project, query(number))
        assert ids(page) == PAGES[number - 1]
        assert page["pagination"] == {"hasNextPage": True, **cursor, "count": PER_PAGE}


def test_an_ignored_cursor_gives_the_first_page_again(project: SandboxProject, query: Callable[[int], str]) -> None:
    first = get(project, "page=1")
    project.fault("paging", what="ignore-cursor")
    for number in (2, 3):
        assert get(project, query(number)) == first


def test_repeated_rows_are_half_of_the_page_before_and_nothing_is_lost(
    project: SandboxProject, query: Callable[[int], str]
) -> None:
    project.fault("paging", {"page": 2}, what="repeat-rows")
    page = get(project, query(2))
    assert ids(page) == [7, 6, 5, 4]
    assert ids(get(project, f"cursor={page['pagination']['cursor']}")) == [3, 2, 1]


def test_rows_cannot_overlap_if_a_page_has_one(project: SandboxProject) -> None:
    project.fault("paging", what="repeat-rows")
    assert ids(project.page("per_page=1&page=2").json()) == [8]
    assert project.triggered() == 0


def test_a_list_of_one_page_has_an_end_with_a_cursor_and_no_other_break(project: SandboxProject) -> None:
    for what in BrokenPaging:
        project.fault("paging", {"operation": "list-projects"}, what=what)
    page = project.server.client.get("/v1/projects", headers=project.authorization).json()
    assert [each["id"] for each in page["data"]["projects"]] == [project.id]
    assert page["pagination"]["hasNextPage"] is False
    assert page["pagination"]["cursor"]
    triggered = {rule["fault"]["what"]: rule["triggered"] for rule in project.ok("GET", "/faults")["faults"]}
    assert [what for what, number in triggered.items() if number] == ["cursor-at-end"]


@pytest.mark.parametrize("operation", ["get-backup", "restore-backup", "abort-restore", "login", "auth"])
def test_only_lists_break(project: SandboxProject, operation: str) -> None:
    rule = {"operation": operation, "fault": {"kind": "paging", "what": "no-cursor"}}
    error = error_of(project.control("POST", "/faults", json=rule), 400)
    assert "not paginated" in error["message"]


def follow(project: SandboxProject, limit: int, *, stop_at_repeats: bool = False, stop_if_empty: bool = False) -> None:
    """Follows cursors while there are any, whatever ``hasNextPage`` says, with at most ``limit`` requests."""
    query, followed = "", set()
    for _ in range(limit):
        page = get(project, query)
        cursor = page["pagination"].get("cursor")
        if not cursor or (stop_at_repeats and cursor in followed) or (stop_if_empty and not page["data"]["restores"]):
            return
        followed.add(cursor)
        query = f"cursor={cursor}"


Case = tuple[str, Json, Json, str, str]
VERDICTS: list[Case] = [
    ("repeat-cursor", {}, {}, "looped", "the list repeated its cursor"),
    ("repeat-cursor", {}, {"stop_at_repeats": True}, "abandoned", "to stop was right"),
    ("ignore-cursor", {}, {}, "looped", "the list sent its first page and cursor again"),
    ("ignore-cursor", {}, {"stop_at_repeats": True}, "abandoned", "to stop was right"),
    ("empty-page", {"times": 1}, {}, "complete", "9 of 9 restores"),
    ("empty-page", {"times": 1, "page": 2}, {"stop_if_empty": True}, "abandoned", "that page was empty"),
    ("cursor-at-end", {}, {}, "overran", "followed the cursor that the list gave with page 3"),
    ("no-cursor", {}, {}, "abandoned", "the list gave no cursor"),
    ("null-cursor", {"page": 2}, {}, "abandoned", "the list gave no cursor"),
    ("empty-cursor", {}, {}, "abandoned", "the list gave no cursor"),
    ("repeat-rows", {"page": 2}, {}, "repeated", "2 restores came twice because the list repeated them"),
]


@pytest.mark.parametrize("case", VERDICTS, ids=lambda case: f"{case[0]} {case[3]}")
def test_the_verdict_says_what_the_list_did(server: RunningServer, case: Case) -> None:
    what, when, client, verdict, words = case
    project = make_project(server, restores=ROWS)
    project.fault("paging", when, what=what)
    follow(project, limit=10, **client)
    walk = project.walk()
    assert walk["verdict"] == verdict
    assert words in walk["explanation"]
    assert walk["retries"] == 0
    assert {entry["status"] for entry in project.requests()} == {200}


def test_a_client_that_follows_a_repeated_cursor_learns_how_often(server: RunningServer) -> None:
    project = make_project(server, restores=ROWS)
    project.fault("paging", what="repeat-cursor")
    follow(project, limit=42)
    walk = project.walk()
    assert walk["explanation"] == (
        "the list repeated its cursor; the client followed it 40 times: stop when a cursor repeats"
    )


def test_a_journal_entry_says_whether_the_page_said_that_another_follows(server: RunningServer) -> None:
    project = make_project(server, restores=ROWS)
    project.fault("paging", {"page": 1}, what="no-cursor")
    project.fault("paging", {"page": 3}, what="cursor-at-end")
    for number in (1, 2, 3):
        project.page(f"per_page={PER_PAGE}&page={number}")
    assert [entry["hasNextPage"] for entry in project.requests()] == [True, True, False]
    assert [[fault["kind"] for fault in entry["faults"]] for entry in project.requests()] == [
        ["paging"],
        [],
        ["paging"],
    ]
