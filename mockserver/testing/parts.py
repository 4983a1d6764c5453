"""The parts of a project that a test changes: its clock, its fault rules and its restores."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Unpack
from urllib.parse import quote

from mockserver.testing.client import Client
from mockserver.testing.models import Fault, Restore, read, read_fault
from mockserver.testing.options import WHEN, FaultFields, FaultKind, Outcome, Status
from mockserver.testing.values import Duration, Instant, as_json

__tracebackhide__ = True


MAX_LISTED = 1000
"""How many restores the server lists at most."""


class _Part:
    """A part of a project, at its path in the control plane."""

    def __init__(self, client: Client, path: str) -> None:
        self._client = client
        self._path = path

    def _request(self, method: str, path: str = "", body: Mapping[str, Any] | None = None) -> Any:
        return self._client.request(method, self._path + path, None if body is None else as_json(body))


class Clock(_Part):
    """A project's clock, which decides the statuses of its restores and the timestamps of new ones."""

    @property
    def now(self) -> datetime:
        return _now(self._request("GET"))

    def freeze(self, at: Instant | None = None) -> datetime:
        """Stops the clock, at ``at`` or at its current time, which it returns."""
        return self._set("frozen", at)

    def step(self, by: Duration, at: Instant | None = None) -> datetime:
        """Stops the clock, and advances it by ``by`` after each successful request for a list of restores."""
        return self._set("stepping", at, by)

    def real(self, at: Instant | None = None) -> datetime:
        """Runs the clock in real time, from ``at`` or from its current time."""
        return self._set("real", at)

    def advance(self, by: Duration) -> datetime:
        """Advances the clock by ``by`` and returns its new time."""
        return _now(self._request("POST", "/advance", {"by": by}))

    def sleep(self, seconds: float) -> None:
        """Advances the clock in place of waiting: hand it to a client in place of ``time.sleep``."""
        self.advance(seconds)

    def monotonic(self) -> float:
        """The clock's time in seconds: hand it to a client in place of ``time.monotonic``."""
        return self.now.timestamp()

    def _set(self, mode: str, at: Instant | None, step: Duration | None = None) -> datetime:
        return _now(self._request("PUT", "", {"mode": mode, "now": at, "step": step}))


class Faults(_Part):
    """A project's fault rules. Iterate over them to see how often each has triggered."""

    def __iter__(self) -> Iterator[Fault]:
        return iter([read_fault(rule) for rule in self._request("GET")["faults"]])

    def add(self, kind: FaultKind, **fields: Unpack[FaultFields]) -> Fault:
        """Adds a rule, such as ``add("status", status=503, page=3)``. ``for_`` is the rule's field ``for``."""
        for name in fields.keys() - FaultFields.__optional_keys__:
            raise ValueError(f"unknown fault field {name!r}: expected one of {', '.join(FaultFields.__annotations__)}")
        when = {name: value for name, value in fields.items() if name in WHEN}
        fault = {name: value for name, value in fields.items() if name not in WHEN}
        rule = as_json({**when, "fault": {"kind": kind, **fault}})
        if headers := fields.get("headers"):
            rule["fault"]["headers"] = dict(headers)  # whose names stay as they are
        if details := fields.get("details"):
            rule["fault"]["details"] = dict(details)  # the same
        return read_fault(self._client.request("POST", self._path, rule))

    def delete(self, fault_id: str) -> None:
        self._request("DELETE", f"/{quote(fault_id, safe='')}")

    def clear(self) -> None:
        """Deletes all rules."""
        self._request("DELETE")


class Restores(_Part):
    """A backup's restores, to add, change and delete. Its length counts all of them.

    Iterate over it for the 1,000 nearest to the project's present time, newest first.
    """

    def __iter__(self) -> Iterator[Restore]:
        return iter([read(Restore, each) for each in self._request("GET", f"?limit={MAX_LISTED}")["restores"]])

    def __len__(self) -> int:
        count: int = self._request("GET", "?limit=1")["count"]
        return count

    def add(
        self,
        *,
        status: Status | None = None,
        completed_at: Instant | None = None,
        starts_after: Duration | None = None,
        ends_after: Duration | None = None,
        abort_after: Duration | None = None,
        outcome: Outcome | None = None,
        id: int | str | None = None,  # noqa: A002 - the server's name
        object_id: str | None = None,
        restore_timestamp: Instant | None = None,
    ) -> Restore:
        """Adds a restore that stays in ``status``, or one with a plan.

        Each duration counts from the project's current time; what is omitted never happens. ``id`` is in Unix
        milliseconds; by default it and ``restore_timestamp`` are the project's current time. ``object_id`` is the id
        under the contract of 2026.
        """
        row = {
            "status": status,
            "completed_at": completed_at,
            "starts_after": starts_after,
            "ends_after": ends_after,
            "abort_after": abort_after,
            "outcome": outcome,
            "id": id,
            "object_id": object_id,
            "restore_timestamp": restore_timestamp,
        }
        return read(Restore, self._request("POST", "", row))

    def force(self, restore_id: int | str, status: Status) -> Restore:
        """Puts a restore in this status, in which it stays."""
        return read(Restore, self._request("PATCH", self._restore_path(restore_id), {"status": status}))

    def delete(self, restore_id: int | str) -> None:
        self._request("DELETE", self._restore_path(restore_id))

    @staticmethod
    def _restore_path(restore_id: int | str) -> str:
        return f"/{quote(str(restore_id), safe='')}"


def _now(clock: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(clock["now"])
