"""What can go wrong, as exceptions: for a client of the API, and for the person at the command line."""

from typing import Any


class ApiError(Exception):
    """Ends a request with the error body.

    ``status`` is the HTTP status, ``message`` is for a person (what was wrong, what is allowed), ``details`` and
    ``headers`` are there where they add something.
    """

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


class UsageError(Exception):
    """Ends a command with one line on standard error and exit code 2; the text says what to do about it."""
