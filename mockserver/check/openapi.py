"""The service's own OpenAPI document, if it publishes one: what it says of the list of a backup's restores."""

import re
from dataclasses import dataclass, field
from typing import Any

from mockserver.check.record import Record
from mockserver.check.seen import ABSENT, at

_PATH = re.compile(r"(/v1)?/projects/\{\w+\}/addons/\{\w+\}/backups/\{\w+\}/restores")


@dataclass(frozen=True)
class DescribedOperation:
    """An operation as a document describes it."""

    found: bool
    _operation: Any = field(repr=False)

    def parameter(self, name: str) -> dict[str, Any]:
        """The schema of a query parameter; empty if there is none."""
        parameters = at(self._operation, "parameters")
        for one in parameters if isinstance(parameters, list) else ():
            if at(one, "name") == name and at(one, "in") == "query":
                schema = at(one, "schema")
                return schema if isinstance(schema, dict) else one
        return {}


def described_operation(record: Record) -> DescribedOperation | None:
    """The operation in the document that was received; None if none was."""
    exchange = record.find("document:1")
    paths = at(exchange.json, "paths") if exchange and exchange.status == 200 else None
    if not isinstance(paths, dict):
        return None
    path = next((path for path in paths if _PATH.fullmatch(path) and at(paths, path, "get") is not ABSENT), None)
    return DescribedOperation(path is not None, at(paths, path, "get") if path else None)
