"""A server and its projects, as a test controls them."""

from collections.abc import Mapping
from typing import Any, Unpack, get_args
from urllib.parse import quote

from mockserver.testing.client import Client
from mockserver.testing.models import Request, Walk, read
from mockserver.testing.options import ProjectOptions, Verdict
from mockserver.testing.parts import Clock, Faults, Restores
from mockserver.testing.project_ids import with_project_id
from mockserver.testing.report import report, report_dropped
from mockserver.testing.values import as_json

__tracebackhide__ = True


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

    @property
    def requests(self) -> list[Request]:
        """The last 1,000 requests to the project, in the order of their responses."""
        return [read(Request, record) for record in self._client.request("GET", f"{self._path}/requests")["requests"]]

    @property
    def walks(self) -> list[Walk]:
        """The walks of its clients through lists of restores, in the order in which they began, with verdicts."""
        return self._walks_and_dropped()[0]

    def assert_walk(self, verdict: Verdict = "complete") -> Walk:
        """Fails unless there is a walk and all walks have this verdict; returns the last walk.

        The failure lists each page requested, the response, and the restores never seen. Fails too if the journal
        dropped requests, since a walk may have begun with them.
        """
        if verdict not in get_args(Verdict):
            raise ValueError(f"unknown verdict {verdict!r}: expected one of {', '.join(get_args(Verdict))}")
        walks, dropped = self._walks_and_dropped()
        if dropped:
            raise AssertionError(report_dropped(verdict, dropped))
        if not walks or any(walk.verdict != verdict for walk in walks):
            raise AssertionError(report(self.restores_url, verdict, walks, self.requests))
        return walks[-1]

    def _walks_and_dropped(self) -> tuple[list[Walk], int]:
        """The walks, and how many earlier requests the journal has dropped."""
        response = self._client.request("GET", f"{self._path}/walks")
        return [read(Walk, walk) for walk in response["walks"]], response["dropped"]

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
