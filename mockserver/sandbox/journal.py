"""The journal: the records of a project's latest requests. In memory, lost with the process."""

from collections import OrderedDict, deque
from collections.abc import Iterator

from mockserver.sandbox.records import RequestRecord
from mockserver.sandbox.watchers import Watchers

CAPACITY = 1000
"""How many records a journal holds."""

_LISTING_BYTES = 200
"""The memory that a listing takes without its packed restores."""


class Journals:
    """Limits the journals of all projects to ``limit`` bytes in total.

    ``added`` counts the records of all of them, and ``watchers`` wait for a change of any project. At the limit, the
    journals of the projects with the least recent requests are emptied, one after another; then the
    journal being written to loses its oldest records.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._in_use: OrderedDict[Journal, None] = OrderedDict()
        self.size = 0
        self.added = 0
        self.watchers = Watchers()

    def resize(self, journal: "Journal", by: int) -> None:
        """Adds ``by`` bytes for the journal that is being written to, and makes room for them."""
        self.size += by
        self.added += 1
        self._in_use[journal] = None
        self._in_use.move_to_end(journal)
        while self.size > self._limit and len(self._in_use) > 1:
            next(iter(self._in_use)).drop_all()
        while self.size > self._limit and len(journal) > 1:
            journal.drop_oldest()

    def release(self, journal: "Journal", size: int) -> None:
        """Subtracts ``size`` bytes that a journal no longer takes."""
        self.size -= size
        if not journal:
            self._in_use.pop(journal, None)


class Journal:
    """The latest requests of a project, in the order of their responses.

    ``dropped`` counts the records that it no longer holds; ``out_of_memory`` says whether some of them were dropped
    because all journals together reached their limit. ``revisions`` counts the records that changed after they were
    added. ``watchers`` wait for a change of the project. ``judgement`` is what ``judged.py`` remembers.
    """

    def __init__(self, journals: Journals) -> None:
        self._journals = journals
        self._records: deque[RequestRecord] = deque()
        self.dropped = 0
        self.revisions = 0
        self.out_of_memory = False
        self.watchers = Watchers()
        self.judgement: object = None

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[RequestRecord]:
        return iter(self._records)

    def add(self, record: RequestRecord) -> None:
        """Records a request whose response is about to be sent."""
        growth = record.size = record.measure()
        listing = record.listing
        if listing is not None:
            listing.records += 1
            if listing.records == 1:
                growth += _LISTING_BYTES + len(listing.packed)
        if len(self._records) == CAPACITY:
            growth -= self._drop()
        self._records.append(record)
        self._journals.resize(self, growth)
        if self.watchers.waiting or self._journals.watchers.waiting:
            self.notify()

    @property
    def version(self) -> tuple[int, int, int]:
        """Differs from every earlier one if the journal has changed since."""
        return self.dropped + len(self._records), self.dropped, self.revisions

    @property
    def last(self) -> RequestRecord | None:
        """The newest record; None if there is none."""
        return self._records[-1] if self._records else None

    def revise(self) -> None:
        """Counts a record that has changed since it was added."""
        self.revisions += 1
        self.notify()

    def notify(self) -> None:
        """Wakes those who wait for a change of the project or of the server."""
        self.watchers.notify()
        self._journals.watchers.notify()

    def drop_oldest(self) -> None:
        """Drops the oldest record to free memory."""
        self.out_of_memory = True
        self._journals.release(self, self._drop())

    def drop_all(self) -> None:
        """Drops every record to free memory."""
        self.judgement = None
        while self._records:
            self.drop_oldest()

    def clear(self) -> None:
        """Forgets every record, when the project is reset or deleted."""
        while self._records:
            self._journals.release(self, self._drop())
        self.dropped = 0

    def _drop(self) -> int:
        """Drops the oldest record; how many bytes that frees."""
        self.dropped += 1
        record = self._records.popleft()
        freed = record.size
        listing = record.listing
        if listing is not None:
            listing.records -= 1
            if not listing.records:
                freed += _LISTING_BYTES + len(listing.packed)
        return freed
