"""The probes: groups of requests that are sent together, with what each needs and how many requests it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from mockserver.check import dynamic
from mockserver.check.client import Headers
from mockserver.check.dynamic import NO_RESTORE
from mockserver.check.requests import ABORT, BACKUP, LIST, PROJECTS, RESTORE, Token
from mockserver.check.session import Session
from mockserver.contract.pagination import PAGE_MAX, PER_PAGE_MAX
from mockserver.contract.versions import Contract

UNKNOWN = "no-such-thing-5f2c"
"""An id that nothing has."""


class Need(StrEnum):
    """What a probe needs; the value is the option that gives it."""

    EMPTY_BACKUP = "--empty-backup"
    OTHER_BACKUP = "--other-backup"
    WEAK_TOKEN = "--weak-token-env"  # noqa: S105 - an option
    RESTRICTED_TOKEN = "--restricted-token-env"  # noqa: S105 - an option
    TEAM = "--team"
    PROBE_AUTH = "--probe-auth"
    WATCH = "--watch"
    WRITES = "--writes"
    CONTROL = "--make"


class Ask(NamedTuple):
    """One request that depends on no other; its name is that of its probe and ``detail``."""

    detail: str
    template: str
    token: Token = Token.MAIN
    method: str = "GET"
    headers: Headers = ()
    body: Any = None


@dataclass(frozen=True)
class Probe:
    """A group of requests, at most ``requests`` of them. ``uses`` are the probes whose responses it builds on."""

    name: str
    requests: int
    send: Callable[[Session], None]
    needs: frozenset[Need] = frozenset()
    uses: tuple[str, ...] = ()
    contract: Contract | None = None


def _fixed(name: str, *asks: Ask, needs: tuple[Need, ...] = (), contract: Contract | None = None) -> Probe:
    """A probe that always sends the same requests."""

    def send(session: Session) -> None:
        for ask in asks:
            session.send(
                ask.method,
                f"{name}:{ask.detail}",
                ask.template,
                token=ask.token,
                headers=ask.headers,
                body=ask.body,
            )

    return Probe(name, len(asks), send, frozenset(needs), contract=contract)


_TEAM_LIST = LIST.replace("/v1", "/v1/teams/{teamId}", 1)
_OF_NO_TEAM = LIST.replace("/v1", "/v1/teams/{unknown}", 1)
_OF_NO_PROJECT = LIST.replace("{projectId}", "{unknown}")
_OF_NO_ADDON = LIST.replace("{addonId}", "{unknown}")
_OF_NO_BACKUP = LIST.replace("{backupId}", "{unknown}")
_OF_EMPTY = LIST.replace("{backupId}", "{emptyBackupId}")
_OF_WEAK = "{weakProjectId}"
_SOURCE = "sourceProjectId={projectId}&sourceAddonId={addonId}"

GATE = "list"
"""The probe that comes first: without a JSON response to it there is nothing to compare."""

PROBES = (
    Probe(GATE, 3, dynamic.gate),
    _fixed(
        "public",
        Ask("health", "/v1/", Token.NONE),
        Ask("login", "/v1/login", Token.NONE),
        Ask("unknown", "/v1/{unknown}", Token.NONE),
        Ask("list", LIST, Token.NONE),
        Ask("after", LIST),
    ),
    _fixed("document", Ask("1", "/v1/swagger-json", Token.NONE)),
    _fixed("login", Ask("1", "/v1/login")),
    _fixed("auth", Ask("none", "/v1/auth", Token.NONE), Ask("1", "/v1/auth")),
    Probe("walk", 3, dynamic.walk),
    Probe("cursor", 7, dynamic.cursor, uses=("walk",)),
    Probe("numbers", 6, dynamic.numbers, uses=(GATE,)),
    _fixed(
        "per-page",
        Ask("two", f"{LIST}?per_page=2"),
        Ask("too-many", f"{LIST}?per_page={PER_PAGE_MAX + 1}"),
    ),
    _fixed(
        "per-page-form",
        Ask("0", f"{LIST}?per_page=0"),
        Ask("-1", f"{LIST}?per_page=-1"),
        Ask("1.5", f"{LIST}?per_page=1.5"),
        Ask("a sign", f"{LIST}?per_page=%2B1"),
        Ask("a space", f"{LIST}?per_page=%201"),
        Ask("letters", f"{LIST}?per_page=one"),
        Ask("other digits", f"{LIST}?per_page=%D9%A1"),
    ),
    _fixed(
        "page-range",
        Ask("0", f"{LIST}?page=0"),
        Ask("-1", f"{LIST}?page=-1"),
        Ask("1.5", f"{LIST}?page=1.5"),
        Ask("letters", f"{LIST}?page=one"),
        Ask("largest", f"{LIST}?page={PAGE_MAX}"),
        Ask("too-large", f"{LIST}?page={PAGE_MAX + 1}"),
    ),
    _fixed("zeros", Ask("per_page", f"{LIST}?per_page=002"), Ask("page", f"{LIST}?per_page=2&page=01")),
    _fixed("repeated", Ask("1", f"{LIST}?per_page=1&per_page=1")),
    _fixed(
        "empties",
        Ask("per_page", f"{LIST}?per_page="),
        Ask("page", f"{LIST}?page="),
        Ask("cursor", f"{LIST}?cursor="),
    ),
    _fixed("unknown", Ask("1", f"{LIST}?{{unknown}}=1")),
    _fixed(
        "ids",
        Ask("project", _OF_NO_PROJECT),
        Ask("addon", _OF_NO_ADDON),
        Ask("backup", _OF_NO_BACKUP),
        Ask("route", "/v1/{unknown}"),
    ),
    _fixed(
        "precedence",
        Ask("400 and 404", f"{_OF_NO_BACKUP}?per_page=0"),
        Ask("401 and 400 and 404", f"{_OF_NO_BACKUP}?per_page=0", Token.NONE),
    ),
    _fixed("encoded-slash", Ask("1", LIST.replace("{backupId}", "{backupId}%2Frestores"))),
    _fixed("trailing-slash", Ask("1", f"{LIST}/")),
    _fixed("head", Ask("1", LIST, method="HEAD")),
    _fixed(
        "upgrade",
        Ask("1", LIST, headers=(("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", ""))),
    ),
    _fixed(
        "method",
        Ask("1", RESTORE),
        Ask("404", RESTORE.replace("{projectId}", "{unknown}")),
        Ask("401", RESTORE, Token.NONE),
    ),
    _fixed(
        "bad-tokens",
        Ask("empty", LIST, Token.NONE, headers=(("Authorization", "Bearer "),)),
        Ask("a space", LIST, Token.NONE, headers=(("Authorization", "Bearer one two"),)),
        Ask("another scheme", LIST, Token.NONE, headers=(("Authorization", "Basic b25lOnR3bw=="),)),
        Ask(
            "two headers", LIST, Token.NONE, headers=(("Authorization", "Bearer one"), ("Authorization", "Bearer two"))
        ),
        needs=(Need.PROBE_AUTH,),
    ),
    _fixed(
        "weak",
        Ask("list", LIST.replace("{projectId}", _OF_WEAK), Token.WEAK),
        Ask("400 and 401", f"{LIST.replace('{projectId}', _OF_WEAK)}?per_page=0", Token.WEAK),
        Ask("projects", PROJECTS, Token.WEAK),
        Ask("auth", "/v1/auth", Token.WEAK),
        needs=(Need.WEAK_TOKEN,),
    ),
    Probe("restricted", 5, dynamic.restricted, frozenset({Need.RESTRICTED_TOKEN})),
    _fixed("team", Ask("1", _TEAM_LIST), needs=(Need.TEAM,)),
    _fixed("any-team", Ask("1", _OF_NO_TEAM)),
    _fixed(
        "empty",
        Ask("list", _OF_EMPTY),
        Ask("backup", BACKUP.replace("{backupId}", "{emptyBackupId}")),
        needs=(Need.EMPTY_BACKUP,),
    ),
    Probe("sisters", 9, dynamic.sisters),
    _fixed(
        "source",
        Ask("1", f"{LIST}?{_SOURCE}"),
        Ask("project", f"{_OF_NO_PROJECT}?{_SOURCE}"),
        Ask("addon", f"{_OF_NO_ADDON}?{_SOURCE}"),
        contract=Contract.V2026,
    ),
    _fixed("source-2024", Ask("1", f"{LIST}?sourceProjectId={{unknown}}"), contract=Contract.V2024),
    Probe("foreign", 2, dynamic.foreign, frozenset({Need.OTHER_BACKUP})),
    Probe("window", 2, dynamic.window, frozenset({Need.CONTROL})),
    Probe("late", 1, dynamic.late, uses=("walk",)),
    Probe("restores", 10, dynamic.restores, frozenset({Need.WRITES})),
    _fixed(
        "bad-body",
        Ask("no field", ABORT, method="POST", body={}),
        Ask("another field", ABORT, method="POST", body={"restoreId": NO_RESTORE, "another": True}),
        needs=(Need.WRITES,),
    ),
    Probe("weak-writes", 2, dynamic.weak_writes, frozenset({Need.WRITES, Need.WEAK_TOKEN})),
    Probe("life", 17, dynamic.life, frozenset({Need.CONTROL})),
    Probe("limited", 3, dynamic.limited, frozenset({Need.CONTROL})),
    Probe("watch", 40, dynamic.watch, frozenset({Need.WATCH})),
)
"""In the order in which they are sent."""
