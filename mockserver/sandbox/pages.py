"""Pages of a backup's restores: rendered from the store, and remembered while they are valid."""

import sqlite3
import sys
from array import array
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from mockserver.contract import wire
from mockserver.contract.broken_pages import BrokenPaging, ItemSource, Position, break_page
from mockserver.contract.lifecycle import Status, Timeline, final_since, next_change, status_at
from mockserver.contract.pagination import Key, PageRequest
from mockserver.contract.shapes import Pagination
from mockserver.contract.versions import Contract, public_id_json
from mockserver.store import object_ids, queries
from mockserver.store.queries import BackupPath, RestoreRow

CAPACITY = 8_000_000
"""How many bytes a server's remembered pages may take."""

RESTORES_REMEMBERED = 8192
"""How many restores a process remembers as they are once they have ended: up to some 6 MB."""

NEVER = sys.maxsize
"""Later than every instant: until when a page is valid whose restores never change again."""

_STATUSES = tuple(Status)
_INDEX_OF_STATUS = {status: index for index, status in enumerate(_STATUSES)}
_ID_BYTES = 8
_OVERHEAD = 1_200
"""The bytes that a remembered page takes without its body and its packed restores."""


@dataclass(slots=True, eq=False)
class Listing:
    """The page's part of a journal record: what was requested, and what was sent.

    ``number`` is the page's number, also if it was requested by cursor. The ids are those of the backup. ``packed``
    holds the number and the status of each restore sent, and ``broken`` says how a fault broke the page. All requests
    for one remembered page share its listing; ``records`` counts the journal's records of them.
    """

    number: int
    cursor: str | None
    project_id: str = ""
    addon_id: str = ""
    backup_id: str = ""
    next_cursor: str | None = None
    packed: bytes = b""
    records: int = 0
    broken: BrokenPaging | None = None

    @property
    def count(self) -> int:
        """How many restores were sent."""
        return len(self.packed) // (_ID_BYTES + 1)

    def restores(self) -> tuple[tuple[int, ...], tuple[Status, ...]]:
        """The numbers and the statuses of the restores sent."""
        count = self.count
        numbers = array("q", self.packed[: count * _ID_BYTES])
        return tuple(numbers), tuple([_STATUSES[index] for index in self.packed[count * _ID_BYTES :]])


@lru_cache(256)
def requested(number: int, cursor: str | None) -> Listing:
    """The listing of a request that got no page, or a page of another list than a backup's restores."""
    return Listing(number, cursor)


@dataclass(frozen=True, slots=True, eq=False)
class RenderedPage:
    """A page's response body, valid from ``valid_from`` until just before ``valid_until`` (unix milliseconds)."""

    body: bytes
    listing: Listing
    valid_from: int
    valid_until: int

    @property
    def size(self) -> int:
        """The bytes that it takes in memory, roughly."""
        return _OVERHEAD + len(self.body) + len(self.listing.packed)


class RememberedPages:
    """A cache of rendered pages, of at most ``capacity`` bytes; forgets the least recently used page first.

    A page depends on its key, the stored rows and the instant. Whenever SQLite's count of changed rows has increased,
    all pages are forgotten. The count includes writes that are rolled back later, so a page must not be rendered inside
    a transaction: after the rollback it would be wrong, and the count would not show it.
    """

    def __init__(self, connection: sqlite3.Connection, capacity: int = CAPACITY) -> None:
        self._connection = connection
        self._capacity = capacity
        self._changes = connection.total_changes
        self._pages: OrderedDict[tuple[Contract, PageRequest], RenderedPage] = OrderedDict()
        self.size = 0

    def restores(self, contract: Contract, path: BackupPath, request: PageRequest, now: int) -> RenderedPage:
        """The page as it is at ``now``; raises NotFoundError if there is no such backup."""
        assert not self._connection.in_transaction  # noqa: S101 - see above
        if self._changes != self._connection.total_changes:
            self._forget_all()
        key = contract, request
        page = self._pages.get(key)
        if page is None or not page.valid_from <= now < page.valid_until:
            page = render_page(self._connection, contract, path, request, now)
            self._remember(key, page)
        else:
            self._pages.move_to_end(key)
        return page

    def _forget_all(self) -> None:
        """Forgets every page."""
        self._pages.clear()
        self.size = 0
        self._changes = self._connection.total_changes

    def _remember(self, key: tuple[Contract, PageRequest], page: RenderedPage) -> None:
        outdated = self._pages.pop(key, None)
        self.size += page.size - (outdated.size if outdated else 0)
        self._pages[key] = page
        while self.size > self._capacity:
            self.size -= self._pages.popitem(last=False)[1].size


class RenderedRestore(NamedTuple):
    """A restore as pages show it from ``since`` (unix milliseconds) on."""

    json: str
    status_index: int
    since: int


_NOT_FINAL = RenderedRestore("", 0, NEVER)


@lru_cache(RESTORES_REMEMBERED)
def _final_restore(contract: Contract, row: RestoreRow, own_id: str | None) -> RenderedRestore:
    """A restore whose status is final. It depends on nothing but its row: a write to other rows costs it nothing."""
    number, timeline = queries.restore_in(row)
    since = final_since(timeline)
    return _NOT_FINAL if since is None else _render_restore(contract, number, timeline, own_id, since)


def _render_restore(
    contract: Contract, number: int, timeline: Timeline, own_id: str | None, now: int
) -> RenderedRestore:
    status = status_at(timeline, now)
    json = wire.restore_json(contract, public_id_json(contract, number, own_id), timeline, status)
    return RenderedRestore(json, _INDEX_OF_STATUS[status], now)


def render_page(
    connection: sqlite3.Connection, contract: Contract, path: BackupPath, request: PageRequest, now: int
) -> RenderedPage:
    """Renders a page as it is at ``now``; raises NotFoundError if there is no such backup."""
    before = queries.NEWEST if request.after is None else int(request.after[0])
    rows = queries.restores(connection, path, before=before, offset=request.offset, limit=request.limit)
    if not rows:
        queries.backup_key(connection, path)
    rows, next_cursor = request.paginate(rows, _key_of)
    page = (rows, wire.pagination(len(rows), next_cursor), next_cursor)
    return _render(contract, path, request, now, page, _own_ids(connection, contract, path, rows))


def render_broken_page(  # noqa: PLR0917 - as render_page, and how it breaks
    connection: sqlite3.Connection,
    contract: Contract,
    path: BackupPath,
    request: PageRequest,
    now: int,
    what: BrokenPaging,
) -> RenderedPage:
    """Renders a page that a fault breaks; it is not to be remembered."""
    backup = queries.backup_key(connection, path).backup

    def read(position: Position, limit: int) -> list[RestoreRow]:
        return queries.restores(connection, path, before=before(position.after), offset=position.offset, limit=limit)

    def before(after: Key | None) -> int:
        return queries.NEWEST if after is None else int(after[0])

    source = ItemSource(read, _key_of, lambda after: queries.count_from(connection, backup, before(after) - 1))
    broken = break_page(what, request, source)
    page = _render(contract, path, request, now, broken, _own_ids(connection, contract, path, broken[0]))
    page.listing.broken = what
    return page


def _own_ids(
    connection: sqlite3.Connection, contract: Contract, path: BackupPath, rows: list[RestoreRow]
) -> Mapping[int, str]:
    """The ObjectIds that the restores in ``rows`` were given, by their numbers; none if the contract has none."""
    if contract is Contract.V2024 or not rows:
        return {}
    backup = queries.backup_key(connection, path).backup
    return object_ids.of_backup(connection, backup, oldest=rows[-1][0], newest=rows[0][0])


def _key_of(row: RestoreRow) -> Key:
    return row[:1]


def _render(  # noqa: PLR0917 - as render_page, and what it found
    contract: Contract,
    path: BackupPath,
    request: PageRequest,
    now: int,
    page: tuple[list[RestoreRow], Pagination, str | None],
    own_ids: Mapping[int, str],
) -> RenderedPage:
    rows, pagination, next_cursor = page
    restores = [_final_restore(contract, row, own_ids.get(row[0])) for row in rows]
    valid_until = NEVER
    for index, restore in enumerate(restores):
        if restore.since > now:
            number, timeline = queries.restore_in(rows[index])
            restores[index] = _render_restore(contract, number, timeline, own_ids.get(number), now)
            valid_until = min(valid_until, next_change(timeline, now) or NEVER)
    statuses = bytes([restore.status_index for restore in restores])
    return RenderedPage(
        body=wire.restore_list_json([restore.json for restore in restores], pagination),
        listing=Listing(
            number=request.number,
            cursor=request.cursor,
            project_id=path.project_id,
            addon_id=path.addon_id,
            backup_id=path.backup_id,
            next_cursor=next_cursor,
            packed=array("q", [row[0] for row in rows]).tobytes() + statuses,
        ),
        valid_from=now,
        valid_until=valid_until,
    )
