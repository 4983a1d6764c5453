"""Every list can break in the ways in which the list of a backup's restores can."""

from typing import Any

import pytest

from tests.support import RunningServer, SandboxProject, make_project

LISTS = {
    "list-addons": ("/addons", "addons"),
    "list-backups": ("/addons/addon-0/backups", "backups"),
    "list-addon-restores": ("/addons/addon-0/restores", "restores"),
}


def items(project: SandboxProject, operation: str, query: str) -> tuple[list[Any], dict[str, Any]]:
    path, key = LISTS[operation]
    response = project.ask("GET", f"{path}?per_page=2&{query}")
    assert response.status_code == 200, response.text
    return response.json()["data"][key], response.json()["pagination"]


def pages_of(project: SandboxProject, operation: str) -> tuple[list[list[Any]], dict[int, str]]:
    """The pages of a list, and the cursor that leads to each."""
    page, pagination = items(project, operation, "")
    pages, cursors = [page], {}
    while "cursor" in pagination:
        cursors[len(pages) + 1] = pagination["cursor"]
        page, pagination = items(project, operation, f"cursor={pagination['cursor']}")
        pages.append(page)
    return pages, cursors


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.parametrize("by", ["cursor", "number"])
def test_every_list_breaks_in_every_way(sevens: RunningServer, operation: str, by: str) -> None:
    project = make_project(sevens, scenario="sevens")
    pages, cursors = pages_of(project, operation)
    last = len(pages)

    def broken(what: str, number: int) -> tuple[list[Any], bool, str | None]:
        fault = project.fault("paging", {"operation": operation, "times": 1}, what=what)
        query = f"cursor={cursors[number]}" if by == "cursor" and number > 1 else f"page={number}"
        sent, pagination = items(project, operation, query)
        project.ok("DELETE", f"/faults/{fault}")
        return sent, pagination["hasNextPage"], pagination.get("cursor", "absent")

    assert broken("repeat-cursor", 2) == (pages[1], True, cursors[2])
    assert broken("ignore-cursor", 3) == (pages[0], True, cursors[2])
    assert broken("no-cursor", 1) == (pages[0], True, "absent")
    assert broken("null-cursor", 2) == (pages[1], True, None)
    assert broken("empty-cursor", 2) == (pages[1], True, "")
    overlapping, has_next, _ = broken("repeat-rows", 2)
    assert (overlapping, has_next) == ([pages[0][1], pages[1][0]], True)
    for number in (1, 2):
        empty, has_next, cursor = broken("empty-page", number)
        assert (empty, has_next) == ([], True)
        assert items(project, operation, f"cursor={cursor}")[0] == pages[number - 1]
    end, has_next, cursor = broken("cursor-at-end", last)
    assert (end, has_next) == (pages[-1], False)
    assert items(project, operation, f"cursor={cursor}") == ([], {"hasNextPage": False, "count": 0})
