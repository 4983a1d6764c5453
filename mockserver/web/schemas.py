"""OpenAPI descriptions of what operations have in common: token, headers, responses, errors."""

from collections.abc import Collection
from typing import Any

from mockserver.contract import shapes

Responses = dict[int | str, dict[str, Any]]

BEARER = "bearer"
"""The name of the security scheme in the OpenAPI document."""

NEEDS_TOKEN: dict[str, Any] = {"security": [{BEARER: []}]}
"""The OpenAPI description of an operation that requires a token, in addition to its own."""

RESPONSE_HEADERS = {
    "x-request-id": {
        "description": "Names this one response; its entry in the journal has it too.",
        "schema": {"type": "string"},
    },
    "x-ratelimit-limit": {
        "description": "The number of requests that a token has per window, an hour by default.",
        "schema": {"type": "integer"},
    },
    "x-ratelimit-remaining": {"description": "How many of these are left.", "schema": {"type": "integer"}},
    "x-ratelimit-reset": {"description": "Seconds until the token's window ends.", "schema": {"type": "integer"}},
}
"""The OpenAPI description of the headers on every response of the API."""

ERRORS = {
    400: "A query parameter or the body is invalid; `details` names it.",
    401: "The bearer token is missing or not accepted, or lacks the operation's permission; `id` says which.",
    404: "The project, addon, backup or restore does not exist; the message says which.",
    409: "The restore has already ended.",
    429: "The rate limit is enforced, and the token's requests for this window are used up.",
}

SHAPES: dict[str, type] = {}
"""The shapes of responses that descriptions refer to, by name."""


def response_schema(shape: type, description: str) -> dict[str, Any]:
    """The OpenAPI description of a response of that shape, as a reference that the document resolves.

    FastAPI's own way, a response model, builds a validator for each of a hundred responses at start-up, and no response
    is ever validated.
    """
    SHAPES[shape.__name__] = shape
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}},
    }


def error_response(description: str) -> dict[str, Any]:
    """The OpenAPI description of a response with the error body."""
    return response_schema(shapes.ErrorBody, description)


def error_responses(statuses: Collection[int]) -> Responses:
    """The OpenAPI descriptions of the errors that an operation can respond with."""
    return {status: error_response(ERRORS[status]) | {"headers": RESPONSE_HEADERS} for status in statuses}
