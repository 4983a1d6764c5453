"""A server and its projects, as a test controls them."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from os import PathLike
from pathlib import Path
from typing import Any, Unpack
from urllib.parse import quote

from mockserver.testing.client import Client
from mockserver.testing.expectations import (
    check_dropped,
    check_verdicts,
    polls_failure,
    selected,
    stored_failure,
)
from mockserver.testing.models import Polls, Request, Walk, read
from mockserver.testing.options import Plan, ProjectOptions, Verdict
from mockserver.testing.parts import MAX_LISTED, Clock, Faults, Restores
from mockserver.testing.project_ids import with_project_id
from mockserver.testing.report import describe_walks, report, report_list
from mockserver.testing.values import as_json

__tracebackhide__ = True

_LONGEST_WAIT_SECONDS = 25


class Project:
    """A project for one test.

    ``restores_url`` is the list of restores of the backup ``addon_id`` and ``backup_id``. ``token`` lists no other
    project.
    """

    def __init__(self, server: "Server", client: Client, created: Mapping[str, Any]) -> None:
        self.server = server
        self.project_id: str = created["projectId"]
        self.addon_id: str = created["addonId"]
        self.backup_id: str = created["backupId"]
        self.token: str = created["token"]
        self.restores_url: str = created["restoresUrl"]
        self._client = client
        self._path = f"/projects/{self.project_id}"
        self._live_page = f"{server.url}/_mock/#/p/{self.project_id}"

    def __repr__(self) -> str:
        return f"<Project {self.project_id!r} at {self.base_url}>"

    @property
    def base_url(self) -> str:
        """The base URL for a client, in place of the vendor's."""
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
        """The restores of another backup of the project."""
        addon, backup = quote(addon_id, safe=""), quote(backup_id, safe="")
        return Restores(self._client, f"{self._path}/addons/{addon}/backups/{backup}/restores")

    def plan(self, *, times: int | None = None, **plan: Unpack[Plan]) -> None:
        """Sets what restores do that clients start: the next ``times``, or all.

        ``plan(ends_after=60, outcome="failed", times=1)`` has the next one fail. ``clear_plan`` goes back to what the
        server's settings say.
        """
        self._client.request("PUT", f"{self._path}/plan", as_json({**plan, "times": times}))

    def clear_plan(self) -> None:
        """Has restores that clients start do what the server's settings say."""
        self._client.request("DELETE", f"{self._path}/plan")

    @property
    def requests(self) -> list[Request]:
        """The last 1,000 requests to the project, in the order of their responses."""
        return [read(Request, record) for record in self._client.request("GET", f"{self._path}/requests")["requests"]]

    @property
    def walks(self) -> list[Walk]:
        """The walks of its clients through lists of restores, in the order in which they began, with verdicts."""
        return self._walks_and_dropped()[0]

    def assert_walk(
        self,
        verdict: Verdict = "complete",
        *,
        patient: bool = False,
        backup: str | None = None,
        token: str | None = None,
    ) -> Walk:
        """Fails unless there is a walk and all walks have this verdict; returns the last walk.

        ``backup`` and ``token`` select walks. With ``patient``, it also fails if a retry came before the time that the
        failed response had named, such as in ``Retry-After``. The failure lists each page requested, the response, and
        the restores never seen. It fails too if the journal dropped requests, since a walk may have begun with them.
        """
        check_verdicts(verdict)
        walks = self._selected_walks(f'walk verdict "{verdict}"', backup, token)
        if not walks or any(walk.verdict != verdict for walk in walks.values()):
            raise AssertionError(report(self.restores_url, verdict, walks, self.requests, self._live_page))
        if patient and (hasty := {number: walk for number, walk in walks.items() if walk.retries_too_early}):
            expected = "expected retries to wait as long as the response says"
            raise AssertionError(describe_walks(expected, hasty, self.requests, self._live_page))
        return list(walks.values())[-1]

    def assert_walks(
        self,
        verdicts: Sequence[Verdict],
        *,
        backup: str | None = None,
        token: str | None = None,
        verdict: Verdict | None = None,
    ) -> list[Walk]:
        """Fails unless the walks have these verdicts, in the order in which they began; returns them.

        ``backup``, ``token`` and ``verdict`` select walks.
        """
        check_verdicts(*verdicts, *([verdict] if verdict else []))
        walks = self._selected_walks("walk verdicts", backup, token, verdict)
        if [walk.verdict for walk in walks.values()] != list(verdicts):
            raise AssertionError(report_list(self.restores_url, verdicts, walks, self.requests, self._live_page))
        return list(walks.values())

    def assert_restores(self, restore_ids: Iterable[int | str]) -> None:
        """Fails unless these are the ids of all restores of the backup that are listed now, each once, in any order.

        For what a client stored: that it received every page does not show that it kept them. At most 1,000 restores
        can be compared.
        """
        restores = self.restores
        if (count := len(restores)) > MAX_LISTED:
            raise ValueError(f"the backup has {count} restores, and at most {MAX_LISTED} can be compared")
        failure = stored_failure(list(restore_ids), [restore.id for restore in restores])
        if failure:
            raise AssertionError(failure)

    def polls_of(self, restore_id: int | str) -> Polls:
        """How clients waited for a restore: of all responses that held it."""
        return read(Polls, self._client.request("GET", f"{self._path}/polls?restore={quote(str(restore_id), safe='')}"))

    def assert_polled(
        self, restore_id: int | str, *, min_interval: timedelta | float | None = None, stopped: bool = True
    ) -> Polls:
        """Fails unless a client waited for the restore as it should; returns the polls.

        ``min_interval`` (a timedelta or seconds) is how far apart polls must be at least, by whichever clock moved
        further, the project's or the machine's. ``stopped`` means that the client polled until the restore had ended,
        and no longer.
        """
        polls = self.polls_of(restore_id)
        failure = polls_failure(polls, min_interval, stopped=stopped, requests=self.requests)
        if failure:
            raise AssertionError(failure)
        return polls

    def _selected_walks(
        self, expected: str, backup: str | None, token: str | None, verdict: str | None = None
    ) -> dict[int, Walk]:
        """The selected walks by their numbers."""
        walks, dropped = self._walks_and_dropped()
        check_dropped(expected, dropped)
        return selected(walks, backup, token, verdict)

    def wait_for_walk(self, verdict: Verdict = "complete", timeout: float = 10) -> Walk:
        """Returns the last walk with this verdict, as soon as there is one; fails after ``timeout`` seconds.

        For a client that runs in the background. A walk that has only begun is "abandoned" so far.
        """
        check_verdicts(verdict)
        deadline = time.monotonic() + timeout
        while True:
            wait = max(0.0, min(deadline - time.monotonic(), _LONGEST_WAIT_SECONDS))
            response = self._client.request("GET", f"{self._path}/walks?until={verdict}&wait={wait:.3f}")
            walks = [read(Walk, walk) for walk in response["walks"]]
            if response["reached"]:
                return next(walk for walk in reversed(walks) if walk.verdict == verdict)
            if time.monotonic() >= deadline:
                numbered = dict(enumerate(walks, start=1))
                described = report(self.restores_url, verdict, numbered, self.requests, self._live_page)
                raise AssertionError(f"no walk became {verdict!r} within {timeout:g} seconds\n\n{described}")

    def _walks_and_dropped(self) -> tuple[list[Walk], int]:
        """The walks, and how many earlier requests the journal has dropped."""
        response = self._client.request("GET", f"{self._path}/walks")
        return [read(Walk, walk) for walk in response["walks"]], response["dropped"]

    def save_scenario(self, path: str | PathLike[str]) -> None:
        """Writes the project as a scenario file, which gives the same restores when it is loaded."""
        Path(path).write_bytes(self._client.download(f"{self._path}/scenario"))

    def report(self, path: str | PathLike[str]) -> None:
        """Writes a file of the live page for this project, which opens from disk: walks, journal, restores, faults."""
        Path(path).write_bytes(self._client.download(f"{self._path}/report"))

    def reset(self) -> None:
        """Restores the project's initial data and clock, and clears its faults, journal and counters."""
        self._client.request("POST", f"{self._path}/reset")

    def delete(self) -> None:
        self._client.request("DELETE", self._path)


READY_SECONDS = 60


class Server:
    """A running server, wherever it is. ``url`` looks like ``http://127.0.0.1:8080``."""

    def __init__(self, url: str) -> None:
        self._client = Client(url)
        self.url = self._client.url

    def __repr__(self) -> str:
        return f"Server({self.url!r})"

    @property
    def version(self) -> str:
        """The server's version, such as ``0.1.0``."""
        return str(self._client.request("GET", "/health")["version"])

    def make_project(self, **options: Unpack[ProjectOptions]) -> Project:
        """Creates a project with its own data, clock, faults, journal and token.

        The default ``project_id`` begins with the scenario's name and is unique across servers.
        """
        return Project(self, self._client, self._client.request("POST", "/projects", as_json(with_project_id(options))))

    def reset(self) -> None:
        """Resets the whole server to its initial state, which deletes every project created since it started."""
        self._client.request("POST", "/reset")

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Returns when the server is ready; raises UnreachableError after ``seconds``."""
        self._client.wait_until_ready(seconds)
