"""Pages of a backup's restores: rendered from the store, and remembered for as long as they stay true."""

import sqlite3
import sys
from array import array
from collections import OrderedDict
from dataclasses import dataclass

from mockserver.contract import wire
from mockserver.contract.lifecycle import FINAL_STATUSES, Status, next_change, status_at
from mockserver.contract.pagination import PageRequest
from mockserver.contract.versions import Contract, public_id_json
from mockserver.store import queries
from mockserver.store.queries import BackupPath

CAPACITY = 8_000_000
"""How many bytes the remembered pages of a server take at most."""

NEVER = sys.maxsize
"""Later than every instant: when a page changes on which nothing is left to happen."""

_STATUSES = tuple(Status)
_INDEX_OF_STATUS = {status: index for index, status in enumerate(_STATUSES)}
_ID_BYTES = 8
_OVERHEAD = 1_200
"""What a remembered page takes beside its body and its packed restores: objects, key and table."""


@dataclass(slots=True, eq=False)
class Listing:
    """What the journal keeps of a page: what was requested, and what was sent.

    ``number`` is the page's, which a cursor carries. The ids are those of the backup. ``packed`` holds the number and
    the status of each restore sent. The requests for one remembered page share its listing; ``records`` counts those
    that are in a journal.
    """

    number: int
    cursor: str | None
    project_id: str = ""
    addon_id: str = ""
    backup_id: str = ""
    next_cursor: str | None = None
    packed: bytes = b""
    records: int = 0

    def restores(self) -> tuple[tuple[int, ...], tuple[Status, ...]]:
        """The numbers of the restores that were sent, and their statuses."""
        count = len(self.packed) // (_ID_BYTES + 1)
        numbers = array("q", self.packed[: count * _ID_BYTES])
        return tuple(numbers), tuple([_STATUSES[index] for index in self.packed[count * _ID_BYTES :]])


@dataclass(frozen=True, slots=True, eq=False)
class RenderedPage:
    """A page's response body. It is true from ``valid_from`` until just before ``valid_until`` (unix milliseconds)."""

    body: bytes
    listing: Listing
    valid_from: int
    valid_until: int

    @property
    def size(self) -> int:
        """The bytes that it takes in memory, roughly."""
        return _OVERHEAD + len(self.body) + len(self.listing.packed)


class RememberedPages:
    """The pages that were rendered last, within ``capacity`` bytes; the least recently used is forgotten first.

    A page depends on its key, the stored rows and the instant. All pages are forgotten if SQLite has counted a changed
    row since they were rendered. That count moves with every write, also with one that is rolled back, but not for a
    page rendered inside a transaction: none may be open here.
    """

    def __init__(self, connection: sqlite3.Connection, capacity: int = CAPACITY) -> None:
        self._connection = connection
        self._capacity = capacity
        self._changes = connection.total_changes
        self._pages: OrderedDict[tuple[Contract, PageRequest], RenderedPage] = OrderedDict()
        self.size = 0

    def restores(self, contract: Contract, path: BackupPath, request: PageRequest, now: int) -> RenderedPage:
        """The page of a backup's restores as it is at ``now``; raises NotThereError if there is no such backup."""
        assert not self._connection.in_transaction  # noqa: S101 - what it would remember could be rolled back
        if self._changes != self._connection.total_changes:
            self.forget_all()
        key = contract, request
        page = self._pages.get(key)
        if page is None or not page.valid_from <= now < page.valid_until:
            page = render_page(self._connection, contract, path, request, now)
            self._remember(key, page)
        else:
            self._pages.move_to_end(key)
        return page

    def forget_all(self) -> None:
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


def render_page(
    connection: sqlite3.Connection, contract: Contract, path: BackupPath, request: PageRequest, now: int
) -> RenderedPage:
    """The page of a backup's restores as it is at ``now``, from the store; raises NotThereError."""
    before = queries.NEWEST if request.after is None else int(request.after[0])
    rows = queries.restores(connection, path, before=before, offset=request.offset, limit=request.limit)
    if not rows:
        queries.backup_key(connection, path)
    rows, next_cursor = request.paginate(rows, lambda row: row[:1])
    statuses = [status_at(timeline, now) for _, timeline in rows]
    restores = [
        wire.restore_json(public_id_json(contract, number), timeline, status)
        for (number, timeline), status in zip(rows, statuses, strict=True)
    ]
    changes = [
        next_change(timeline, now)
        for (_, timeline), status in zip(rows, statuses, strict=True)
        if status not in FINAL_STATUSES
    ]
    return RenderedPage(
        body=wire.restore_list_json(restores, wire.pagination(len(rows), next_cursor)),
        listing=Listing(
            number=request.number,
            cursor=request.cursor,
            project_id=path.project_id,
            addon_id=path.addon_id,
            backup_id=path.backup_id,
            next_cursor=next_cursor,
            packed=array("q", [number for number, _ in rows]).tobytes()
            + bytes([_INDEX_OF_STATUS[status] for status in statuses]),
        ),
        valid_from=now,
        valid_until=min([change for change in changes if change is not None], default=NEVER),
    )
