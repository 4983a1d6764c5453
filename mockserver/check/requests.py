"""The requests of a check: templates, which a report may show, and the values that are filled in."""

import shlex
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any
from urllib.parse import quote

from mockserver.check.client import Failure, Headers, Response
from mockserver.check.seen import ABSENT, at

READS = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods that change nothing."""

_OWN_HEADERS = frozenset({"Authorization", "User-Agent", "Accept"})
"""Headers that a command to repeat a request leaves out, or writes in another way."""

PROJECTS = "/v1/projects"
ADDONS = f"{PROJECTS}/{{projectId}}/addons"
BACKUPS = f"{ADDONS}/{{addonId}}/backups"
BACKUP = f"{BACKUPS}/{{backupId}}"
LIST = f"{BACKUP}/restores"
ADDON_RESTORES = f"{ADDONS}/{{addonId}}/restores"
RESTORE = f"{BACKUP}/restore"
ABORT = f"{BACKUP}/abort-restore"


class Token(StrEnum):
    """Which token a request carries; a report shows no more of it."""

    NONE = "none"
    MAIN = "NORTHFLANK_TOKEN"
    WEAK = "weak token"
    RESTRICTED = "restricted token"
    FRESH = "new token"


@dataclass(frozen=True)
class Exchange:
    """A request and its response; ``failure`` says why there is none.

    ``template`` has a name in braces for each value in ``values``, which no report contains.
    """

    number: int
    name: str
    method: str
    template: str
    values: dict[str, str] = field(repr=False)
    token: Token
    headers: Headers = field(repr=False)
    body: bytes | None = field(repr=False)
    response: Response | None = None
    failure: Failure | None = None

    @property
    def target(self) -> str:
        """The path and query that are sent."""
        return fill(self.template, self.values)

    @property
    def status(self) -> int:
        """The status of the response; 0 without one."""
        return self.response.status if self.response else 0

    @property
    def content(self) -> bytes:
        """The body of the response; empty without one."""
        return self.response.body if self.response else b""

    def header(self, name: str) -> str | None:
        """The value of the response's header; None if it is absent."""
        return self.response.header(name) if self.response else None

    def whole_number(self, header: str) -> int | None:
        """The value of the response's header as an integer; None if it is absent, or anything else."""
        text = self.header(header) or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    @property
    def json(self) -> Any:
        """The body as JSON; ``ABSENT`` if there is none."""
        return self.response.json if self.response else ABSENT

    def curl(self, base_url: str) -> str:
        """A command for a shell that sends the request again."""
        parts = ["curl", "-sI" if self.method == "HEAD" else "-si"]
        if self.method not in {"GET", "HEAD"}:
            parts += ["-X", self.method]
        headers = [shlex.quote(f"{name}: {value}") for name, value in self.headers if name not in _OWN_HEADERS]
        if self.token is not Token.NONE:
            variable = "NORTHFLANK_TOKEN" if self.token is Token.MAIN else self.token.name + "_TOKEN"
            headers.append(f'"Authorization: Bearer ${variable}"')
        else:
            headers += [shlex.quote(f"{name}: {value}") for name, value in self.headers if name == "Authorization"]
        for header in headers:
            parts += ["-H", header]
        if self.body:
            parts += ["-d", shlex.quote(self.body.decode())]
        return " ".join([*parts, shlex.quote(base_url + self.target)])

    @cached_property
    def error(self) -> Any:
        """The ``error`` of an error body; ``ABSENT`` if the body has none."""
        return at(self.json, "error")

    @cached_property
    def page(self) -> "Page | None":
        """What a 200 with JSON has of a page; None for any other response."""
        if self.status != 200 or self.json is ABSENT:
            return None
        data, pagination = at(self.json, "data"), at(self.json, "pagination")
        lists = [value for value in data.values() if isinstance(value, list)] if isinstance(data, dict) else []
        return Page(lists[0] if lists else [], pagination if isinstance(pagination, dict) else {})


@dataclass(frozen=True)
class Page:
    """The items of a page, and its pagination, empty if it has none."""

    items: list[Any] = field(repr=False)
    pagination: dict[str, Any] = field(repr=False)

    @property
    def ids(self) -> list[Any]:
        return [at(item, "id") for item in self.items]

    @property
    def cursor(self) -> Any:
        return self.pagination.get("cursor", ABSENT)

    @property
    def has_next(self) -> bool:
        return self.pagination.get("hasNextPage") is True


def fill(template: str, values: dict[str, str]) -> str:
    """A template with its values, percent-encoded."""
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", quote(value, safe=""))
    return template
