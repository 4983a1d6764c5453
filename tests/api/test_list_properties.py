"""Properties of the list for any number of restores, also while restores change."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, delete, insert, select

from mockserver.contract.pagination import decode_cursor
from mockserver.instants import INSTANT_MAX
from mockserver.store.queries import BackupPath
from mockserver.store.tables import Backup, Restore
from tests.contract.responses import error_of
from tests.support import EXAMPLE, RunningServer, restores_path, running_server

LIST = ("restores", EXAMPLE.project_id, EXAMPLE.addon_id, EXAMPLE.backup_id)


class RestoreList:
    """The restores of the example on a server of this module; a test sets which exist, and requests pages."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self._store = server.emulator.store
        with self._store.writing() as session:
            query = select(Backup.key, Backup.addon_key).where(Backup.id == EXAMPLE.backup_id)
            keys: tuple[Any, Any] = session.exec(query).one()
        self._backup_key, self._addon_key = keys

    def set_ids(self, ids: Iterable[int]) -> None:
        """Replaces all restores."""
        with self._store.writing() as session:
            session.connection().execute(delete(Restore))
        self.change(inserted=ids)

    def change(self, *, inserted: Iterable[int] = (), deleted: Iterable[int] = ()) -> None:
        with self._store.writing() as session:
            session.connection().execute(delete(Restore).where(col(Restore.id).in_(deleted)))
            if rows := [self._row(restore_id) for restore_id in inserted]:
                session.connection().execute(insert(Restore), rows)

    def page(self, **query: int | str) -> dict[str, Any]:
        """Requests a page; checks its status and that its pagination matches its restores."""
        response = self.server.get(restores_path(), params=query)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        pagination = body["pagination"]
        assert pagination["count"] == len(body["data"]["restores"]) <= int(query.get("per_page", 50))
        assert ("cursor" in pagination) == pagination["hasNextPage"]
        return body

    def _row(self, restore_id: int) -> dict[str, Any]:
        # the later the id, the earlier the timestamp: a list sorted by timestamp would be in the wrong order
        return {
            "backup_key": self._backup_key,
            "addon_key": self._addon_key,
            "id": restore_id,
            "initiated": INSTANT_MAX - restore_id,
        }


@pytest.fixture(scope="module")
def restores() -> Iterator[RestoreList]:
    with running_server(scenario="example") as server:
        yield RestoreList(server)


def ids_in(body: dict[str, Any]) -> list[int]:
    return [restore["id"] for restore in body["data"]["restores"]]


def cursor_in(body: dict[str, Any]) -> str:
    cursor: str = body["pagination"]["cursor"]
    return cursor


@st.composite
def sizes(draw: st.DrawFn) -> tuple[int, int]:
    """A ``per_page``, and a number of restores that often fills pages of it exactly, or is one more or one less."""
    per_page = draw(st.integers(1, 100))
    over = draw(st.sampled_from([-1, 0, 1]) | st.integers(0, per_page))
    return per_page, max(0, draw(st.integers(0, 5)) * per_page + over)


per_pages = st.integers(1, 100) | st.integers(1, 5)
ids_close_by = st.integers(0, 40) | st.integers(INSTANT_MAX - 5, INSTANT_MAX)
few_ids = st.sets(ids_close_by)
more_than_ten_ids = st.sets(ids_close_by, min_size=11)


@given(sizes(), st.integers(1, 10**9))
def test_pages_by_number_and_pages_by_cursor_are_the_same_and_hold_each_restore_once(
    restores: RestoreList, size: tuple[int, int], gap: int
) -> None:
    per_page, number = size
    restores.set_ids(gap * position for position in range(number))
    newest_first = [gap * position for position in reversed(range(number))]
    parts = [newest_first[start : start + per_page] for start in range(0, number, per_page)] or [[]]

    by_number = [restores.page(per_page=per_page, page=page) for page in range(1, len(parts) + 1)]
    by_cursor = [restores.page(per_page=per_page)]
    while by_cursor[-1]["pagination"]["hasNextPage"]:
        by_cursor.append(restores.page(per_page=per_page, cursor=cursor_in(by_cursor[-1])))

    assert [ids_in(page) for page in by_number] == parts
    assert [page["pagination"]["hasNextPage"] for page in by_number] == [True] * (len(parts) - 1) + [False]
    assert by_cursor == by_number


@given(sizes(), st.integers(1, 10**9))
def test_a_page_past_the_end_is_empty(restores: RestoreList, size: tuple[int, int], further: int) -> None:
    per_page, number = size
    restores.set_ids(range(number))
    past = min(number // per_page + 1 + further, 10**9)
    assert restores.page(per_page=per_page, page=past) == {
        "data": {"restores": []},
        "pagination": {"hasNextPage": False, "count": 0},
    }


@given(few_ids | more_than_ten_ids, st.lists(per_pages, min_size=1))
def test_per_page_may_change_from_page_to_page_of_a_walk(
    restores: RestoreList, ids: set[int], sizes_of_pages: list[int]
) -> None:
    restores.set_ids(ids)
    left = sorted(ids, reverse=True)
    query: dict[str, int | str] = {}
    for per_page in [*sizes_of_pages, 100]:
        body = restores.page(per_page=per_page, **query)
        assert ids_in(body) == left[:per_page]
        left = left[per_page:]
        assert body["pagination"]["hasNextPage"] == bool(left)
        if not left:
            break
        query = {"cursor": cursor_in(body)}
    assert not left


@given(more_than_ten_ids, st.integers(1, 5), st.integers(1, 2), per_pages)
def test_the_cursor_of_a_numbered_page_continues_after_it(
    restores: RestoreList, ids: set[int], per_page: int, page: int, next_per_page: int
) -> None:
    restores.set_ids(ids)
    body = restores.page(per_page=per_page, page=page)
    next_page = restores.page(per_page=next_per_page, cursor=cursor_in(body))
    rest = sorted(ids, reverse=True)[page * per_page :]
    assert ids_in(next_page) == rest[:next_per_page]


@given(more_than_ten_ids, per_pages)
def test_a_cursor_holds_the_last_restore_sent_and_the_number_of_the_next_page(
    restores: RestoreList, ids: set[int], per_page: int
) -> None:
    restores.set_ids(ids)
    body, page = restores.page(per_page=per_page), 1
    while body["pagination"]["hasNextPage"]:
        page += 1
        cursor = decode_cursor(LIST, cursor_in(body))
        assert (cursor.page, cursor.after) == (page, (ids_in(body)[-1],))
        body = restores.page(per_page=per_page, cursor=cursor_in(body))


@given(few_ids | more_than_ten_ids, st.lists(st.tuples(per_pages, few_ids)))
def test_a_walk_repeats_no_restore_and_skips_none_that_exists_throughout(
    restores: RestoreList, ids: set[int], changes: list[tuple[int, set[int]]]
) -> None:
    restores.set_ids(ids)
    existing, existing_throughout = set(ids), set(ids)
    seen: list[int] = []
    body = restores.page(per_page=1)
    for per_page, changed in [*changes, (100, set())]:
        seen += ids_in(body)
        if not body["pagination"]["hasNextPage"]:
            break
        restores.change(inserted=changed - existing, deleted=changed & existing)
        existing ^= changed
        existing_throughout -= changed
        body = restores.page(per_page=per_page, cursor=cursor_in(body))
        behind = sorted((restore_id for restore_id in existing if restore_id < seen[-1]), reverse=True)
        assert ids_in(body) == behind[:per_page]
        assert body["pagination"]["hasNextPage"] == (len(behind) > per_page)
    else:
        seen += ids_in(body)
    assert seen == sorted(set(seen), reverse=True)
    assert existing_throughout <= set(seen)


def test_a_walk_ends_with_an_empty_page_if_the_remaining_restores_are_deleted(restores: RestoreList) -> None:
    restores.set_ids(range(3))
    cursor = cursor_in(restores.page(per_page=2))
    restores.change(inserted=[3], deleted=[0, 1])
    assert restores.page(cursor=cursor) == {
        "data": {"restores": []},
        "pagination": {"hasNextPage": False, "count": 0},
    }


@pytest.mark.parametrize(
    "edited",
    ["{}=", "={}", "{}A", "A{}", "%20{}", "{}%20", "{}%0A", "{}%C3%A9", "{}%00", "{}+", "{}.{}", "{}&cursor={}"],
)
def test_an_edited_cursor_is_rejected(restores: RestoreList, edited: str) -> None:
    restores.set_ids(range(3))
    cursor = cursor_in(restores.page(per_page=1))
    error = error_of(restores.server.page("cursor=" + edited.replace("{}", cursor)), 400)
    assert list(error["details"]) == ["cursor"]
    assert error["message"].startswith("cursor must be ")


def test_a_cursor_is_valid_only_for_its_list(server: RunningServer) -> None:
    backups = [
        BackupPath(project_id, addon_id, backup_id)
        for project_id, addon_id, backup_id in server.emulator.store.connection.execute(
            "SELECT project.id, addon.id, backup.id FROM backup"
            " JOIN addon ON addon.key = backup.addon_key JOIN project ON project.key = addon.project_key"
        )
    ]
    cursor = cursor_in(server.page("per_page=1").json())
    statuses = {backup: server.page(f"cursor={cursor}", backup).status_code for backup in backups}
    assert len(backups) > 3
    assert statuses == {backup: 200 if backup == EXAMPLE else 400 for backup in backups}


def test_equal_requests_on_equal_data_get_equal_bytes(server: RunningServer) -> None:
    assert len({server.page("per_page=7&page=3").content for _ in range(3)}) == 1


def test_a_cursor_is_valid_after_a_restart_on_the_same_file(tmp_path: Path) -> None:
    database = tmp_path / "store.sqlite"
    with running_server(database=database) as server:
        cursor = cursor_in(server.page("per_page=30").json())
        before = server.page(f"cursor={cursor}").content
        ids = [restore_id for restore_id, _ in server.stored()]
    with running_server(database=database) as server:
        after = server.page(f"cursor={cursor}")
        assert after.status_code == 200
        assert after.content == before
        assert ids_in(after.json()) == ids[30:80]
