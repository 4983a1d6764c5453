"""The verdicts on what a project's clients did, remembered until the journal or the store changes."""

import sqlite3
from dataclasses import dataclass

from mockserver.sandbox.sandbox import Sandbox
from mockserver.store import queries
from mockserver.store.queries import BackupPath
from mockserver.walks.verdicts import JudgedWalk, Verdict, verdicts

WORST_FIRST = (
    Verdict.MIXED,
    Verdict.LOOPED,
    Verdict.OVERRAN,
    Verdict.ABANDONED,
    Verdict.SKIPPED,
    Verdict.REPEATED,
    Verdict.POLL,
    Verdict.COMPLETE,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The walks in a project's journal, and how many of its requests failed. Valid while ``version`` is the same."""

    version: tuple[object, ...]
    walks: list[JudgedWalk]
    failed: int

    @property
    def worst(self) -> Verdict | None:
        """The worst verdict; None if there is no walk."""
        return min((walk.verdict for walk in self.walks), key=WORST_FIRST.index, default=None)


def judge(connection: sqlite3.Connection, sandbox: Sandbox) -> Judgement:
    """The judgement on the project as it is now."""
    journal = sandbox.journal
    version = (journal.version, connection.total_changes)
    judgement = journal.judgement
    if not isinstance(judgement, Judgement) or judgement.version != version:
        requests = filter(None, (record.as_list_request() for record in journal))
        walks = verdicts(requests, lambda *restore: _count_from(connection, *restore))
        failed = sum(record.has_failed for record in journal)
        journal.judgement = judgement = Judgement(version, walks, failed)
    return judgement


def _count_from(connection: sqlite3.Connection, project_id: str, addon_id: str, backup_id: str, restore: int) -> int:
    try:
        key = queries.backup_key(connection, BackupPath(project_id, addon_id, backup_id))
    except queries.NotFoundError:
        return 0
    return queries.count_from(connection, key.backup, restore)
