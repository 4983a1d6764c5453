"""The two OpenAPI documents: the emulated API's, which stays the vendor's, and the control plane's."""

import json
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode
from starlette.routing import BaseRoute, Route

from mockserver.contract import wire
from mockserver.contract.versions import SOURCE_PARAMETERS, Contract, id_schema
from mockserver.settings import Settings
from mockserver.version import version
from mockserver.web.origin import CONTROL_PATH
from mockserver.web.schemas import BEARER, SHAPES

Document = dict[str, Any]

_FRAMEWORK_ERRORS = ("HTTPValidationError", "ValidationError")


def routes(settings: Settings, api: Sequence[BaseRoute], control: Sequence[BaseRoute]) -> list[BaseRoute]:
    """The routes that serve the documents; the control plane's is there where it is."""
    served: list[BaseRoute] = [Route("/openapi.json", _serving(lambda: api_document(settings, api)))]
    if control:
        served.append(Route(f"{CONTROL_PATH}/openapi.json", _serving(lambda: control_document(control))))
    return served


def api_document(settings: Settings, api: Sequence[BaseRoute]) -> Document:
    """The emulated API's, as the contract of these settings has it."""
    document = _document(
        "Northflank API: addon backup restores", "What mockserver emulates of the Northflank API.", api
    )
    document["components"]["securitySchemes"] = {BEARER: {"type": "http", "scheme": "bearer"}}
    schemas = document["components"]["schemas"]
    for restore in ("Restore", "AddonRestore"):
        schemas[restore]["properties"]["id"] = id_schema(settings.contract)
    if settings.contract is Contract.V2024:
        for described in _operations(document):
            parameters = described.get("parameters", [])
            described["parameters"] = [one for one in parameters if one["name"] not in SOURCE_PARAMETERS]
    return document


def control_document(control: Sequence[BaseRoute]) -> Document:
    """The control plane's."""
    return _document("mockserver: control plane", "Makes projects, bends them, and tells what clients did.", control)


def _document(title: str, summary: str, described: Sequence[BaseRoute]) -> Document:
    document = get_openapi(title=title, version=version(), summary=summary, routes=described)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FRAMEWORK_ERRORS:
        schemas.pop(name, None)
    schemas |= _named_shapes(json.dumps(document))
    for operation in _operations(document):
        operation["responses"].pop("422", None)  # the framework's own error, which never shows
    return document


def _named_shapes(document: str) -> dict[str, Any]:
    """The shapes that a document names, and those that they are made of."""
    operation_name: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        (name, "serialization", TypeAdapter(shape))
        for name, shape in SHAPES.items()
        if f'"#/components/schemas/{name}"' in document
    ]
    definitions: dict[str, Any] = TypeAdapter.json_schemas(operation_name, ref_template="#/components/schemas/{model}")[
        1
    ]["$defs"]
    return definitions


def _operations(document: Document) -> list[dict[str, Any]]:
    return [operation for operations in document["paths"].values() for operation in operations.values()]


def _serving(make: Callable[[], Document]) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    made: list[bytes] = []

    async def serve(_: Request) -> Response:
        if not made:
            made.append(wire.to_bytes(make()))
        return Response(made[0], media_type="application/json")

    return serve
