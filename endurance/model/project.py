"""A model of one project, from the documentation: its restores, and the expected pages of their lists. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from endurance.model.answers import WrongResponseError, at, check, items
from endurance.model.clocks import Clock
from endurance.model.lives import ALWAYS, ENDINGS, STATUSES, Life, Step, Window, exactly, instant_of, timestamp
from endurance.model.messages import Request
from endurance.model.rules import Rules

ADDON = "example-addon"
BACKUP = "example-backup"

_CURSOR = re.compile(r"[A-Za-z0-9_-]+")
_OBJECT_ID = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, slots=True)
class Query:
    """A request for one page of a list: by number or, with ``after``, by the cursor of the page that ended there."""

    per_page: int = 50
    page: int = 1
    after: int | None = None
    of_addon: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The numbers of the restores on a page, and the query for the next page."""

    numbers: list[int]
    following: Query | None


@dataclass
class Project:
    """The expected state of a project, which was created with the restores ``rows`` and the clock ``first_clock``."""

    id: str
    contract: str
    rows: list[dict[str, Any]]
    first_clock: dict[str, Any]
    lives: dict[int, Life] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    rules: Rules = field(default_factory=Rules)
    object_ids: dict[int, str] = field(default_factory=dict)
    cursors: dict[tuple[bool, int, int], str] = field(default_factory=dict)
    walks: int = 0
    history: list[tuple[Request, str]] = field(default_factory=list)

    @property
    def token(self) -> str:
        return f"token-of-{self.id}"

    @property
    def body(self) -> dict[str, Any]:
        """The body of the request that creates it."""
        return {
            "projectId": self.id,
            "scenario": "empty",
            "contract": self.contract,
            "restores": self.rows,
            "clock": self.first_clock,
        }

    def start(self, machine: Window) -> None:
        """Sets the state after its creation or a reset, when the machine's instant is within this window."""
        self.lives = {row["id"]: Life(row["id"], row["restoreTimestamp"], [_held(row)]) for row in self.rows}
        self.rules = Rules()
        self.clock = Clock()
        if self.first_clock["mode"] != "real":
            self.clock.set(self.first_clock, machine)

    def newest_first(self) -> list[int]:
        """The numbers of its restores, in the order of the lists."""
        return sorted(self.lives, reverse=True)

    def shown_id(self, number: int) -> int | str | None:
        """A restore's id in JSON; None for an ObjectId that no response has shown yet."""
        return number if self.contract == "2024" else self.object_ids.get(number)

    # Changes

    def add(self, now: Window, steps: Iterable[Step], got: object) -> Life:
        """Adds a restore that was initiated at ``now``; ``got`` is the id in the response, or None if that was lost."""
        number = self._new_number(now, got)
        if got is not None:
            check(str(self.shown_id(number) or self._fitting_id(number, got)), str(got), "the id of a new restore")
            self._learn_id(number, got)
        life = self.lives[number] = Life(number, timestamp(number), list(steps))
        return life

    def mutate(self, now: Window, fault: dict[str, Any]) -> None:
        """Changes the list like the fault ``mutate``; the instant must be exact."""
        newest = self.newest_first()
        for number in newest[: fault["delete"]]:
            del self.lives[number]
        unfinished = [n for n in newest[fault["delete"] :] if not self.lives[n].statuses(now) & {*ENDINGS}]
        for number in unfinished[: fault["finish"]]:
            self.lives[number].continue_with(Step("completed", now))
        first = max([now.latest, *(number + 1 for number in newest[:1])])
        for number in range(first, first + fault["insert"]):
            steps = [Step("scheduled", ALWAYS), Step("in-progress", now)]
            self.lives[number] = Life(number, timestamp(number), steps)

    def _new_number(self, now: Window, got: object) -> int:
        """A new restore's number: the instant, or the next one that is free in its backup."""
        if now.is_exact:
            number = now.earliest
            while number in self.lives:
                number += 1
            return number
        if not isinstance(got, int | str) or not str(got).isdigit():
            raise WrongResponseError("the id of a new restore", f"a number from {now.earliest} to {now.latest}", got)
        number = int(got)
        is_free = number >= now.earliest and number not in self.lives
        if not is_free or any(other not in self.lives for other in range(now.latest, number)):
            raise WrongResponseError("the id of a new restore", f"free, from {now.earliest} to {now.latest}", got)
        return number

    # Expected responses

    def check_restore(self, number: int, got: Any, now: Window) -> None:
        """Raises WrongResponseError unless ``got`` is a possible JSON of that restore then; learns from it."""
        rendered = self._rendered(number, got, now, None)
        check(rendered, got, f"restore {number}", ordered=self.contract == "2024")
        self._learn(number, rendered, now)

    def check_page(self, query: Query, got: Any, now: Window) -> Page:
        """Raises WrongResponseError unless ``got`` is a possible body of that page then; learns from it."""
        numbers = [number for number in self.newest_first() if query.after is None or number < query.after]
        offset = 0 if query.after is not None else (query.page - 1) * query.per_page
        page = numbers[offset : offset + query.per_page]
        reported = dict(enumerate(items(got, "data", "restores")))
        backup_id = BACKUP if query.of_addon else None
        rendered = [
            self._rendered(number, reported.get(position), now, backup_id) for position, number in enumerate(page)
        ]
        pagination: dict[str, Any] = {"hasNextPage": len(numbers) > offset + query.per_page}
        key = (query.of_addon, page[-1] if page else 0, query.page + 1)
        if pagination["hasNextPage"]:
            pagination["cursor"] = self._cursor(key, at(got, "pagination", "cursor"))
        pagination["count"] = len(page)
        expected = {"data": {"restores": rendered}, "pagination": pagination}
        check(expected, got, "body", ordered=self.contract == "2024")
        for number, one in zip(page, rendered, strict=True):
            self._learn(number, one, now)
        if "cursor" not in pagination:
            return Page(page, None)
        self.cursors[key] = pagination["cursor"]
        return Page(page, Query(query.per_page, query.page + 1, page[-1], query.of_addon))

    def check_statuses(self, got: Any, now: Window) -> None:
        """Raises WrongResponseError unless ``got`` has the right number of restores in each status."""
        if now.is_exact:
            statuses = [life.possible(now)[0].status for life in self.lives.values()]
            check({status: statuses.count(status) for status in STATUSES}, got, "statuses")

    def _rendered(self, number: int, got: Any, now: Window, backup_id: str | None) -> dict[str, Any]:
        shown_id = self.shown_id(number) or self._fitting_id(number, at(got, "id"))
        rendered = {"id": shown_id, **self.lives[number].rendered(now, got)}
        return rendered | ({} if backup_id is None else {"backupId": backup_id})

    def _fitting_id(self, number: int, got: object) -> str:
        """An ObjectId that has not been shown before: its first 8 digits are the seconds."""
        seconds = f"{number // 1000:08x}"
        if not isinstance(got, str) or not _OBJECT_ID.fullmatch(got) or got in self.object_ids.values():
            return f"{seconds} and 16 more hex digits, of no other restore"
        return got if got.startswith(seconds) else f"{seconds} and 16 more hex digits"

    def _cursor(self, key: tuple[bool, int, int], got: object) -> str:
        """The expected cursor: the same position in the same list always has the same one."""
        known = self.cursors.get(key)
        if known is not None:
            return known
        return got if isinstance(got, str) and _CURSOR.fullmatch(got) else "a cursor of A-Z a-z 0-9 - _"

    def _learn(self, number: int, rendered: dict[str, Any], now: Window) -> None:
        self._learn_id(number, rendered["id"])
        self.lives[number].learn(rendered, now)

    def _learn_id(self, number: int, got: object) -> None:
        if isinstance(got, str) and self.contract != "2024":
            self.object_ids[number] = got


def _held(row: dict[str, Any]) -> Step:
    """The step of a restore that stays in its status; a completed one has it since its ``completedAt``."""
    completed_at = instant_of(row.get("completedAt"))
    return Step(row["status"], ALWAYS if completed_at is None else exactly(completed_at))
