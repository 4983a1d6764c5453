"""The service's own OpenAPI document, if it publishes one: what it says of the list of a backup's restores."""

import re
from dataclasses import dataclass, field
from typing import Any

from mockserver.check.record import Record
from mockserver.check.seen import ABSENT, at

_PATH = re.compile(r"(/v1)?/projects/\{\w+\}/addons/\{\w+\}/backups/\{\w+\}/restores")
_MAX_REFERENCES = 10


@dataclass(frozen=True)
class Document:
    """A document, and its operation; ``ABSENT`` if it does not describe the operation."""

    _document: Any = field(repr=False)
    operation: Any = field(repr=False)

    def parameter(self, name: str) -> Any:
        """The schema of a query parameter; ``ABSENT`` if there is none. OpenAPI 2 has it in the parameter itself."""
        parameters = at(self.operation, "parameters")
        for reference in parameters if isinstance(parameters, list) else ():
            parameter = self._resolved(reference)
            if at(parameter, "name") == name and at(parameter, "in") == "query":
                schema = at(parameter, "schema")
                return parameter if schema is ABSENT else self._resolved(schema)
        return ABSENT

    def restore(self, name: str) -> Any:
        """The schema of a restore's property; ``ABSENT`` if there is none."""
        return self._property(self._restore(), name)

    def requires(self, name: str) -> bool:
        """Whether a restore must have this property."""
        required = at(self._restore(), "required")
        return isinstance(required, list) and name in required

    def _restore(self) -> Any:
        response = at(self.operation, "responses", "200")
        schema = at(response, "content", "application/json", "schema")
        body = self._resolved(at(response, "schema") if schema is ABSENT else schema)
        restores = self._property(self._property(body, "data"), "restores")
        return self._resolved(at(restores, "items"))

    def _property(self, schema: Any, name: str) -> Any:
        return self._resolved(at(schema, "properties", name))

    def _resolved(self, schema: Any) -> Any:
        """What a reference within the document leads to; anything else as it is."""
        for _ in range(_MAX_REFERENCES):
            reference = at(schema, "$ref")
            if not isinstance(reference, str):
                return schema
            schema = at(self._document, *reference.removeprefix("#/").split("/"))
        return ABSENT


def document_of(record: Record) -> Document | None:
    """The document that was received; None if none was."""
    exchange = record.find("document:1")
    paths = at(exchange.json, "paths") if exchange and exchange.status == 200 else None
    if exchange is None or not isinstance(paths, dict):
        return None
    path = next((path for path in paths if _PATH.fullmatch(path)), "")
    return Document(exchange.json, at(paths, path, "get"))
