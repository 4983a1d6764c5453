"""The two OpenAPI documents: of the emulated API, which follows the vendor's, and of the control plane."""

import json
from collections.abc import Callable, Coroutine, Sequence
from functools import cache
from typing import Any

from fastapi import Request, Response
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode
from starlette.routing import BaseRoute, Route

from mockserver.contract import wire
from mockserver.contract.versions import RESTORE_KEYS, SOURCE_PARAMETERS, Contract, id_schema
from mockserver.settings import Settings
from mockserver.version import version
from mockserver.web.origin import CONTROL_PATH
from mockserver.web.schemas import BEARER, SHAPES

Document = dict[str, Any]

_FRAMEWORK_ERRORS = ("HTTPValidationError", "ValidationError")


def routes(settings: Settings, api: Sequence[BaseRoute], control: Sequence[BaseRoute]) -> list[BaseRoute]:
    """The routes that serve the documents; without control routes, only the API's."""
    served: list[BaseRoute] = [Route("/openapi.json", _serve(lambda: api_document(settings, api)))]
    if control:
        served.append(Route(f"{CONTROL_PATH}/openapi.json", _serve(lambda: control_document(control))))
    return served


def api_document(settings: Settings, api: Sequence[BaseRoute]) -> Document:
    """The document of the emulated API, in the contract that the settings choose."""
    document = _document(
        "Northflank API: addon backup restores", "What mockserver emulates of the Northflank API.", api
    )
    document["components"]["securitySchemes"] = {BEARER: {"type": "http", "scheme": "bearer"}}
    schemas = document["components"]["schemas"]
    for restore in ("Restore", "AddonRestore"):
        properties = schemas[restore]["properties"] | {"id": id_schema(settings.contract)}
        ordered = {key: properties.pop(key) for key in RESTORE_KEYS[settings.contract]}
        schemas[restore]["properties"] = ordered | properties
    if settings.contract is Contract.V2024:
        for operation in _operations(document):
            parameters = operation.get("parameters", [])
            operation["parameters"] = [one for one in parameters if one["name"] not in SOURCE_PARAMETERS]
    return document


def control_document(control: Sequence[BaseRoute]) -> Document:
    summary = "Creates projects, changes their data, clocks and faults, and reports what their clients did."
    return _document("mockserver: control plane", summary, control)


def _document(title: str, summary: str, described_routes: Sequence[BaseRoute]) -> Document:
    document = get_openapi(title=title, version=version(), summary=summary, routes=described_routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FRAMEWORK_ERRORS:
        schemas.pop(name, None)
    schemas |= _referenced_shapes(json.dumps(document))
    for operation in _operations(document):
        operation["responses"].pop("422", None)  # the framework's own error, which is never sent
    return document


def _referenced_shapes(document: str) -> dict[str, Any]:
    """The schemas of the shapes that a document refers to, and of the shapes in those."""
    adapters: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        (name, "serialization", TypeAdapter(shape))
        for name, shape in SHAPES.items()
        if f'"#/components/schemas/{name}"' in document
    ]
    _, schema = TypeAdapter.json_schemas(adapters, ref_template="#/components/schemas/{model}")
    definitions: dict[str, Any] = schema["$defs"]
    return definitions


def _operations(document: Document) -> list[dict[str, Any]]:
    return [operation for operations in document["paths"].values() for operation in operations.values()]


def _serve(build: Callable[[], Document]) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    body = cache(lambda: wire.to_bytes(build()))

    async def serve(_: Request) -> Response:
        return Response(body(), media_type="application/json")

    return serve
