"""The image as a testcontainers container; needs a Docker engine and the extra ``testcontainers``."""

import time
from typing import Any, Unpack

try:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.waiting_utils import WaitStrategy, WaitStrategyTarget
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        f'{missing}: install the extra with pip install "northflank-mockserver[testcontainers]"', name=missing.name
    ) from None

from mockserver.testing.client import Client, StartError, UnreachableError
from mockserver.testing.options import ProjectOptions
from mockserver.testing.project import Project, Server

__tracebackhide__ = True

IMAGE = "northflank-mockserver"
PORT = 8080
"""The port in the container on which the server listens by default."""

_ENDED = ("exited", "dead")


class NorthflankMockContainer(DockerContainer):
    """A container that runs the server: ``with NorthflankMockContainer() as container:`` begins when it is ready.

    Change settings through environment variables: ``with_env("NFMOCK_ENFORCE_RATE_LIMIT", "true")``.
    """

    def __init__(self, image: str = IMAGE, **options: Any) -> None:
        super().__init__(image, **options)
        self.with_exposed_ports(PORT)
        self.waiting_for(_Ready())

    @property
    def server(self) -> Server:
        """The server in the container, at the URL that this machine reaches."""
        return Server(_url(self))

    def make_project(self, **options: Unpack[ProjectOptions]) -> Project:
        """Creates a project with its own data, clock, faults, journal and token."""
        return self.server.make_project(**options)


class _Ready(WaitStrategy):
    """Waits until the server is ready; fails at once if the container has ended."""

    def wait_until_ready(self, container: WaitStrategyTarget) -> None:
        deadline = time.monotonic() + self._startup_timeout
        while (remaining := deadline - time.monotonic()) > 0:
            container.reload()
            if container.status in _ENDED:
                raise StartError(f"the container ended (status {container.status}):", _log(container))
            try:
                if Client(_url(container)).readiness_problem(remaining) is None:
                    return
            except UnreachableError as failure:
                raise StartError(f"{failure}", _log(container)) from None
            time.sleep(self._poll_interval)
        raise StartError(f"the server was not ready within {self._startup_timeout} seconds:", _log(container))


def _url(container: WaitStrategyTarget) -> str:
    return f"http://{container.get_container_host_ip()}:{container.get_exposed_port(PORT)}"


def _log(container: WaitStrategyTarget) -> str:
    return "".join(part.decode(errors="replace") for part in container.get_logs())
