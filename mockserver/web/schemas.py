"""How the OpenAPI document describes what all operations have in common: token, headers, answers, errors."""

from collections.abc import Collection
from typing import Any

from mockserver.contract import shapes

Responses = dict[int | str, dict[str, Any]]

BEARER = "bearer"
"""The name of the security scheme in the OpenAPI document."""

NEEDS_TOKEN: dict[str, Any] = {"security": [{BEARER: []}]}
"""What an operation that needs a token adds to its description."""

RATE_LIMIT_HEADERS = {
    "x-ratelimit-limit": {"description": "Requests an hour for a token.", "schema": {"type": "integer"}},
    "x-ratelimit-remaining": {"description": "How many of them are left.", "schema": {"type": "integer"}},
    "x-ratelimit-reset": {"description": "Seconds until the token's hour ends.", "schema": {"type": "integer"}},
}
"""What every answer of the API carries, as the OpenAPI document describes it."""

ERRORS = {
    400: "A query parameter, or the body, is not what is allowed; `details` names it.",
    401: "There is no bearer token, or not a good one.",
    403: "The token lacks the operation's permission.",
    404: "There is no such project, addon, backup or restore; the message says which.",
    409: "The restore has ended already.",
    429: "The token's requests for this hour are used up, and the limit is enforced.",
}

SHAPES: dict[str, type] = {}
"""The shapes of answers that descriptions name, by their names."""


def response_schema(shape: type, description: str) -> dict[str, Any]:
    """How the OpenAPI document describes an answer of that shape: by its name, which the document resolves.

    Given as a model, as FastAPI has it, it would cost a validator for each of a hundred answers at start-up, and no
    answer is ever validated.
    """
    SHAPES[shape.__name__] = shape
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}},
    }


def error_response(description: str) -> dict[str, Any]:
    """How the OpenAPI document describes an answer with the error body."""
    return response_schema(shapes.ErrorBody, description)


def error_responses(statuses: Collection[int]) -> Responses:
    """How the OpenAPI document describes the errors that an operation can end in."""
    return {status: error_response(ERRORS[status]) | {"headers": RATE_LIMIT_HEADERS} for status in statuses}
