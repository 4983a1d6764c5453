"""What the documentation says of one restore: which statuses it may have at which instant. Pure.

Written from the contract, not from the server's code: the server is what is compared with it. Every instant is a whole
number of milliseconds since 1970. What happened on a clock that runs is known only to within a ``Window``.
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
    """From the earliest to the latest instant at which something can have happened."""

    earliest: int
    latest: int

    @property
    def is_exact(self) -> bool:
        return self.earliest == self.latest

    def __contains__(self, instant: object) -> bool:
        return isinstance(instant, int) and self.earliest <= instant <= self.latest

    def later(self, by: int) -> Self:
        """The same stretch of time, that much later."""
        return type(self)(self.earliest + by, self.latest + by)


ALWAYS = Window(-1, -1)


def exactly(instant: int) -> Window:
    """A window of no length."""
    return Window(instant, instant)


def timestamp(instant: int) -> str:
    """An instant as the wire writes it."""
    return (_EPOCH + timedelta(milliseconds=instant)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant_of(text: object) -> int | None:
    """The instant that the wire wrote so; None if it is no timestamp."""
    if not isinstance(text, str) or not _TIMESTAMP.fullmatch(text):
        return None
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


class Step(NamedTuple):
    """A status, and since when a restore has it."""

    status: str
    since: Window


@dataclass(slots=True)
class Life:
    """One restore: it has the status of the last of its steps whose time has come."""

    number: int
    initiated: str
    steps: list[Step]

    def possible(self, now: Window) -> list[Step]:
        """The steps that it can have reached by then; just one if all instants are known."""
        found = []
        for step in reversed(self.steps):
            if step.since.earliest <= now.latest:
                found.append(step)
                if step.since.latest <= now.earliest:
                    break
        return found

    def statuses(self, now: Window) -> set[str]:
        """The statuses that it can have then."""
        return {step.status for step in self.possible(now)}

    def rendered(self, now: Window, got: object) -> dict[str, Any]:
        """The restore as the wire must show it then, without its id; of several possible ways, the one of ``got``."""
        shown = got if isinstance(got, dict) else {}
        possible = self.possible(now)
        step = next((step for step in possible if step.status == shown.get("status")), possible[0])
        rendered = {"restoreTimestamp": self.initiated, "status": step.status}
        if step.status == "completed":
            completed_at = instant_of(shown.get("completedAt"))
            fits = completed_at is not None and completed_at in step.since
            rendered["completedAt"] = str(shown["completedAt"]) if fits else timestamp(step.since.earliest)
        return rendered

    def learn(self, rendered: dict[str, Any], now: Window) -> None:
        """Narrows down when it took its steps, by how it was shown: from then on it must fit that too."""
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
        """From where it is in its beginning, it goes on with these."""
        self.steps = [*(step for step in self.steps if step.status in BEGINNINGS), *steps]
