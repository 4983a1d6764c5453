"""What can go wrong, as exceptions: for a client of the server, and for the person at the command line."""

import re
from enum import StrEnum
from typing import Any


class ErrorId(StrEnum):
    """The kinds of errors, as ``id`` in the error body names them."""

    UNAUTHORIZED = "nf-unauthorized"
    MISSING_PERMISSION = "nf-missing-permission"
    INVALID_QUERY = "nf-invalid-query"
    INVALID_REQUEST_BODY = "nf-invalid-request-body"
    INVALID_REQUEST = "nf-invalid-request"
    NOT_FOUND = "nf-not-found"
    METHOD_NOT_ALLOWED = "nf-method-not-allowed"
    CONFLICT = "nf-conflict"
    TOO_LARGE = "nf-too-large"
    RATE_LIMITED = "nf-rate-limited"
    INTERNAL = "nf-internal"
    STORE_DAMAGED = "nf-store-damaged"
    STORE_FULL = "nf-store-full"
    SHUTTING_DOWN = "nf-shutting-down"


_ID_OF_STATUS = {
    400: ErrorId.INVALID_REQUEST_BODY,
    401: ErrorId.UNAUTHORIZED,
    404: ErrorId.NOT_FOUND,
    405: ErrorId.METHOD_NOT_ALLOWED,
    409: ErrorId.CONFLICT,
    413: ErrorId.TOO_LARGE,
    414: ErrorId.TOO_LARGE,
    429: ErrorId.RATE_LIMITED,
    431: ErrorId.TOO_LARGE,
    500: ErrorId.INTERNAL,
}


def error_id_of(status: int) -> str:
    """The ``id`` of an error of which only the status is known; from the status's phrase if no kind here has it."""
    return _ID_OF_STATUS.get(status) or f"nf-{re.sub('[^a-z0-9]+', '-', phrase_of(status).lower())}"


def phrase_of(status: int) -> str:
    """What a status means, in words: its reason phrase, or ``Status 499`` for one that has none."""
    from http import HTTPStatus  # only here: it takes longer to import than this module

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


class ApiError(Exception):
    """Ends a request with the error body.

    ``status`` is the HTTP status; ``message`` is for a person: what is wrong, and what to do or what is allowed.
    ``error_id`` names the kind of error for programs; by default it follows from the status. ``details`` and
    ``headers`` are optional; ``details`` has a list of messages for each field or parameter that is wrong.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        error_id: str | None = None,
        details: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.error_id = error_id or error_id_of(status)
        self.details = details
        self.headers = headers or {}


class StoreFullError(ApiError):
    """The disk has no room for a change: a 507. Nothing is changed, neither on disk nor in memory."""

    def __init__(self, message: str) -> None:
        super().__init__(507, message, error_id=ErrorId.STORE_FULL)


class StoreDamagedError(ApiError):
    """The database file cannot be used any more: a 500. Nothing is changed, neither on disk nor in memory."""

    def __init__(self, message: str) -> None:
        super().__init__(500, message, error_id=ErrorId.STORE_DAMAGED)


def shutting_down() -> ApiError:
    """The error for a request that the server can no longer handle."""
    return ApiError(503, "the server is shutting down", error_id=ErrorId.SHUTTING_DOWN)


class InvalidFieldError(ApiError):
    """A field or a parameter has a value that is not allowed: a 400. ``problem`` is a sentence without its subject."""

    def __init__(self, field: str, problem: str, error_id: ErrorId = ErrorId.INVALID_REQUEST_BODY) -> None:
        super().__init__(400, f"{field} {problem}", error_id=error_id, details={field: [problem]})


class UsageError(Exception):
    """Ends a command with one line on standard error and exit code 2; the text says what to do about it."""
