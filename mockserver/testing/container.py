"""The image as a container of testcontainers, for who has an engine; needs the extra ``testcontainers``."""

import time
from typing import Any, Unpack

try:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.waiting_utils import WaitStrategy, WaitStrategyTarget
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        f'{missing}: this needs the extra, as in pip install "northflank-mockserver[testcontainers]"', name=missing.name
    ) from None

from mockserver.testing.client import Client, StartError, UnreachableError
from mockserver.testing.options import ProjectOptions
from mockserver.testing.project import Project, Server

__tracebackhide__ = True

IMAGE = "northflank-mockserver"
PORT = 8080
"""Where the server in the container listens, unless it was told to do otherwise."""

_ENDED = ("exited", "dead")


class NorthflankMockContainer(DockerContainer):
    """A container with a server, ready once it is started: ``with NorthflankMockContainer() as container:``.

    Settings are variables, as everywhere in testcontainers: ``with_env("NFMOCK_ENFORCE_RATE_LIMIT", "true")``.
    """

    def __init__(self, image: str = IMAGE, **options: Any) -> None:
        super().__init__(image, **options)
        self.with_exposed_ports(PORT)
        self.waiting_for(_Ready())

    @property
    def server(self) -> Server:
        """The server in it, as this machine reaches it."""
        return Server(_url(self))

    def make_project(self, **options: Unpack[ProjectOptions]) -> Project:
        """A new project, with data, clock, faults, journal and token of its own."""
        return self.server.make_project(**options)


class _Ready(WaitStrategy):
    """Until the server says that it is ready; a container that has ended is not waited for."""

    def wait_until_ready(self, container: WaitStrategyTarget) -> None:
        deadline = time.monotonic() + self._startup_timeout
        while (left := deadline - time.monotonic()) > 0:
            container.reload()
            if container.status in _ENDED:
                raise StartError(f"the container has {container.status}:", _log(container))
            try:
                if Client(_url(container)).why_not_ready(left) is None:
                    return
            except UnreachableError as failure:
                raise StartError(f"{failure}", _log(container)) from None
            time.sleep(self._poll_interval)
        raise StartError(f"the server was not ready within {self._startup_timeout} seconds:", _log(container))


def _url(container: WaitStrategyTarget) -> str:
    return f"http://{container.get_container_host_ip()}:{container.get_exposed_port(PORT)}"


def _log(container: WaitStrategyTarget) -> str:
    return "".join(part.decode(errors="replace") for part in container.get_logs())
