"""What can go wrong between a test and its server."""

from collections.abc import Mapping
from typing import Any


class MockserverError(Exception):
    """Something is wrong between a test and its server."""


class StartError(MockserverError):
    """A server did not get ready; ``output`` is all that it has written."""

    def __init__(self, reason: str, output: str) -> None:
        super().__init__(f"{reason}\n{output}".strip())
        self.output = output


class UnreachableError(MockserverError):
    """There is no server, or another one, where a server should answer."""


class RefusedError(MockserverError):
    """The control plane refused: ``status`` is HTTP's, ``details`` names what is at fault where it can be named."""

    def __init__(self, status: int, message: str, details: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details
