"""A model of one restore, from the documentation: the statuses that it may have at an instant. Pure.

It uses none of the server's code, since the server is compared with it. Instants are unix milliseconds. The instant of
an event on a real clock is known only to within a ``Window``.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

BEGINNINGS = ("scheduled", "in-progress")
ENDINGS = ("completed", "failed", "aborted", "not-supported")
STATUSES = (*BEGINNINGS, "aborting", *ENDINGS)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Window(NamedTuple):
    """The earliest and the latest instant at which something may have happened."""

    earliest: int
    latest: int

    @property
    def is_exact(self) -> bool:
        return self.earliest == self.latest

    def __contains__(self, instant: object) -> bool:
        return isinstance(instant, int) and self.earliest <= instant <= self.latest

    def later(self, by: int) -> Self:
        """The window moved ahead by ``by`` milliseconds."""
        return type(self)(self.earliest + by, self.latest + by)


ALWAYS = Window(-1, -1)


def exactly(instant: int) -> Window:
    """The window of one instant."""
    return Window(instant, instant)


def timestamp(instant: int) -> str:
    """An instant as a timestamp of the contract."""
    return (_EPOCH + timedelta(milliseconds=instant)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant_of(text: object) -> int | None:
    """The instant of a timestamp; None if it is not one."""
    if not isinstance(text, str) or not _TIMESTAMP.fullmatch(text):
        return None
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


class Step(NamedTuple):
    """A status, and the instant from which a restore has it."""

    status: str
    since: Window


@dataclass(slots=True)
class Life:
    """One restore. Its status is that of its last step whose instant has passed."""

    number: int
    initiated: str
    steps: list[Step]

    def possible(self, now: Window) -> list[Step]:
        """The steps that it may have reached by then; only one if all instants are known."""
        steps = []
        for step in reversed(self.steps):
            if step.since.earliest <= now.latest:
                steps.append(step)
                if step.since.latest <= now.earliest:
                    break
        return steps

    def statuses(self, now: Window) -> set[str]:
        """The statuses that it may have then."""
        return {step.status for step in self.possible(now)}

    def rendered(self, now: Window, got: object) -> dict[str, Any]:
        """The expected JSON of the restore without its id; if several are possible, the one that matches ``got``."""
        reported = got if isinstance(got, dict) else {}
        possible = self.possible(now)
        step = next((step for step in possible if step.status == reported.get("status")), possible[0])
        rendered = {"restoreTimestamp": self.initiated, "status": step.status}
        if step.status == "completed":
            completed_at = instant_of(reported.get("completedAt"))
            fits = completed_at is not None and completed_at in step.since
            rendered["completedAt"] = str(reported["completedAt"]) if fits else timestamp(step.since.earliest)
        return rendered

    def learn(self, rendered: dict[str, Any], now: Window) -> None:
        """Narrows down the instants of its steps by what a response showed; later responses must agree with that."""
        if all(step.since.is_exact for step in self.steps):
            return
        (reached,) = [step for step in self.possible(now) if step.status == rendered["status"]]
        at = self.steps.index(reached)
        completed_at = instant_of(rendered.get("completedAt"))
        since = reached.since
        known = Window(since.earliest, min(since.latest, now.latest)) if completed_at is None else exactly(completed_at)
        later = [
            Step(status, Window(max(since.earliest, now.earliest + 1), since.latest))
            for status, since in self.steps[at + 1 :]
        ]
        self.steps[at:] = [Step(reached.status, known), *later]

    def continue_with(self, *steps: Step) -> None:
        """Replaces all steps after ``scheduled`` and ``in-progress`` with these."""
        self.steps = [*(step for step in self.steps if step.status in BEGINNINGS), *steps]
