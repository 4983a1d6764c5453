"""A server that runs: projects are made on it."""

from typing import Unpack

from mockserver.testing.client import Client
from mockserver.testing.options import ProjectOptions
from mockserver.testing.project import Project
from mockserver.testing.project_ids import with_project_id
from mockserver.testing.values import as_json

__tracebackhide__ = True

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
