"""What can go wrong, as exceptions: for a client of the server, and for the person at the command line."""

from typing import Any, ClassVar


class ApiError(Exception):
    """Ends a request with the error body.

    ``status`` is the HTTP status; ``message`` is for a person: what is wrong, and what to do or what is allowed.
    ``details`` and ``headers`` are optional. ``code``, if a class has one, names the kind of error for programs.
    """

    code: ClassVar[str | None] = None

    def __init__(
        self,
        status: int,
        message: str,
        *,
        details: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details
        self.headers = headers or {}


class StoreFullError(ApiError):
    """The disk has no room for a change: a 507. Nothing is changed, neither on disk nor in memory."""

    code = "nf-store-full"

    def __init__(self, message: str) -> None:
        super().__init__(507, message)


class StoreDamagedError(ApiError):
    """The database file cannot be used any more: a 500. Nothing is changed, neither on disk nor in memory."""

    code = "nf-store-damaged"

    def __init__(self, message: str) -> None:
        super().__init__(500, message)


class UsageError(Exception):
    """Ends a command with one line on standard error and exit code 2; the text says what to do about it."""
