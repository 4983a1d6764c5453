"""A project on a server: what a test gives its client, bends, and judges the client by."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Unpack, get_args
from urllib.parse import quote

from mockserver.testing.client import Client
from mockserver.testing.models import Fault, Request, Restore, Walk, read, read_fault
from mockserver.testing.options import WHEN, FaultFields, FaultKind, Outcome, ProjectOptions, Status, Verdict
from mockserver.testing.project_ids import with_project_id
from mockserver.testing.report import report, unknown
from mockserver.testing.values import Duration, Instant, as_json

__tracebackhide__ = True


class _Part:
    """A part of a project, by its path in the control plane."""

    def __init__(self, client: Client, path: str) -> None:
        self._client = client
        self._path = path

    def _ask(self, method: str, path: str = "", body: Mapping[str, Any] | None = None) -> Any:
        return self._client.ask(method, self._path + path, None if body is None else as_json(body))


class Clock(_Part):
    """A project's clock: it decides the statuses of its restores, and the instants of new ones."""

    @property
    def now(self) -> datetime:
        return _now(self._ask("GET"))

    def freeze(self, at: Instant | None = None) -> datetime:
        """Has it stand still, at this instant or where it is; the instant."""
        return self._set("frozen", at)

    def step(self, by: Duration, at: Instant | None = None) -> datetime:
        """Has it stand still, and move by so much after each successful call that lists restores."""
        return self._set("stepping", at, by)

    def real(self, at: Instant | None = None) -> datetime:
        """Has it go as time goes by, from this instant or from where it is."""
        return self._set("real", at)

    def advance(self, by: Duration) -> datetime:
        """Moves it ahead; the instant that it shows then."""
        return _now(self._ask("POST", "/advance", {"by": by}))

    def _set(self, mode: str, at: Instant | None, step: Duration | None = None) -> datetime:
        return _now(self._ask("PUT", "", {"mode": mode, "now": at, "step": step}))


class Faults(_Part):
    """A project's fault rules; to iterate over them lists them, with how often each has struck."""

    def __iter__(self) -> Iterator[Fault]:
        return iter([read_fault(rule) for rule in self._ask("GET")["faults"]])

    def add(self, kind: FaultKind, **fields: Unpack[FaultFields]) -> Fault:
        """Adds a rule: when it strikes, and what its kind wants to know, as ``add("status", status=503, page=3)``."""
        for name in fields.keys() - FaultFields.__optional_keys__:
            raise ValueError(f"no fault has {name!r}: there are {', '.join(FaultFields.__annotations__)}")
        when = {name: value for name, value in fields.items() if name in WHEN}
        fault = {name: value for name, value in fields.items() if name not in WHEN}
        return read_fault(self._ask("POST", "", {**when, "fault": {"kind": kind, **fault}}))

    def delete(self, fault_id: str) -> None:
        self._ask("DELETE", f"/{quote(fault_id, safe='')}")

    def clear(self) -> None:
        """Ends them all."""
        self._ask("DELETE")


class Restores(_Part):
    """A backup's restores, by hand."""

    def add(
        self,
        *,
        starts_after: Duration | None = None,
        ends_after: Duration | None = None,
        abort_after: Duration | None = None,
        outcome: Outcome | None = None,
    ) -> Restore:
        """Adds one. Each duration counts from the project's now; what is left out stays open."""
        plan = {
            "starts_after": starts_after,
            "ends_after": ends_after,
            "abort_after": abort_after,
            "outcome": outcome,
        }
        return read(Restore, self._ask("POST", "", plan))

    def force(self, restore_id: int | str, status: Status) -> Restore:
        """Has one be in this status, for ever."""
        return read(Restore, self._ask("PATCH", self._of(restore_id), {"status": status}))

    def delete(self, restore_id: int | str) -> None:
        self._ask("DELETE", self._of(restore_id))

    @staticmethod
    def _of(restore_id: int | str) -> str:
        return f"/{quote(str(restore_id), safe='')}"


class Project:
    """A project of a test's own.

    ``token`` lists it alone; ``addon_id`` and ``backup_id`` are of the backup whose list ``restores_url`` is.
    """

    def __init__(self, server: "Server", client: Client, made: Mapping[str, Any]) -> None:
        self.server = server
        self.project_id: str = made["projectId"]
        self.addon_id: str = made["addonId"]
        self.backup_id: str = made["backupId"]
        self.token: str = made["token"]
        self.restores_url: str = made["restoresUrl"]
        self._client = client
        self._path = f"/projects/{self.project_id}"

    def __repr__(self) -> str:
        return f"<Project {self.project_id!r} at {self.base_url}>"

    @property
    def base_url(self) -> str:
        """What to give a client in place of the vendor's host."""
        return self.server.url

    @property
    def clock(self) -> Clock:
        return Clock(self._client, f"{self._path}/clock")

    @property
    def faults(self) -> Faults:
        return Faults(self._client, f"{self._path}/faults")

    @property
    def restores(self) -> Restores:
        return self.restores_of(self.addon_id, self.backup_id)

    def restores_of(self, addon_id: str, backup_id: str) -> Restores:
        """As ``restores``, of another of the project's backups."""
        addon, backup = quote(addon_id, safe=""), quote(backup_id, safe="")
        return Restores(self._client, f"{self._path}/addons/{addon}/backups/{backup}/restores")

    @property
    def requests(self) -> list[Request]:
        """The last 1,000 calls of the project, in the order of their answers."""
        return [read(Request, call) for call in self._client.ask("GET", f"{self._path}/requests")["requests"]]

    @property
    def walks(self) -> list[Walk]:
        """The verdicts on its clients' walks, in the order in which these began."""
        return self._judged()[0]

    def assert_walk(self, verdict: Verdict = "complete") -> Walk:
        """Fails unless there was a walk, and every one was ``verdict``; the last one.

        A failure shows each page that was asked for, what came back, and what was missed. Where the journal dropped
        calls, a walk may have begun with them, and nothing is known to be as it should.
        """
        if verdict not in get_args(Verdict):
            raise ValueError(f"no verdict {verdict!r}: they are {', '.join(get_args(Verdict))}")
        walks, dropped = self._judged()
        if dropped:
            raise AssertionError(unknown(verdict, dropped))
        if not walks or any(walk.verdict != verdict for walk in walks):
            raise AssertionError(report(self.restores_url, verdict, walks, self.requests))
        return walks[-1]

    def _judged(self) -> tuple[list[Walk], int]:
        """The walks, and how many calls the journal dropped before those that they are made of."""
        judged = self._client.ask("GET", f"{self._path}/walks")
        return [read(Walk, walk) for walk in judged["walks"]], judged["dropped"]

    def reset(self) -> None:
        """Takes it back to its scenario, seed and starting clock: data, faults, journal, counters."""
        self._client.ask("POST", f"{self._path}/reset")

    def delete(self) -> None:
        self._client.ask("DELETE", self._path)


def _now(reading: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(reading["now"])


READY_SECONDS = 60


class Server:
    """A server at ``url``, as ``http://127.0.0.1:8080``: in a container, beside the tests, or started by them."""

    def __init__(self, url: str) -> None:
        self._client = Client(url)
        self.url = self._client.url

    def __repr__(self) -> str:
        return f"Server({self.url!r})"

    @property
    def version(self) -> str:
        """The release that it is, as ``0.1.0``."""
        return str(self._client.ask("GET", "/health")["version"])

    def make_project(self, **options: Unpack[ProjectOptions]) -> Project:
        """A new project, with data, clock, faults, journal and token of its own.

        Without ``project_id`` it gets one that begins with the scenario's name and is unique on every server.
        """
        return Project(self, self._client, self._client.ask("POST", "/projects", as_json(with_project_id(options))))

    def reset(self) -> None:
        """Takes the whole server back to how it started: every project that was made since is gone, whoever made it."""
        self._client.ask("POST", "/reset")

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Returns once it is ready; raises UnreachableError where it is not for so many seconds."""
        self._client.wait_until_ready(seconds)
