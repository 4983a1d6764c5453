"""The probes whose requests depend on the responses before them."""

from typing import Any

from mockserver.check.requests import (
    ABORT,
    ADDON_RESTORES,
    ADDONS,
    BACKUP,
    BACKUPS,
    LIST,
    PROJECTS,
    RESTORE,
    Exchange,
    Token,
)
from mockserver.check.seen import at
from mockserver.check.session import Session, StoppedError
from mockserver.check.undecided import Reason
from mockserver.contract.pagination import PER_PAGE_MAX

WATCH_SECONDS = 15
"""How long to wait between two requests of --watch, at least."""

FAR = 999_999
"""The number of a page that no list has."""

NO_RESTORE = "0" * 24
"""The id of no restore."""

_BY_ONE = f"{LIST}?per_page=1"
_FOLLOWING = f"{_BY_ONE}&cursor={{cursor}}"


def gate(session: Session) -> None:
    """The list itself; raises StoppedError unless the first response is a 200 with JSON."""
    first = session.get("list:1", LIST)
    if first.failure:
        raise StoppedError(Reason.NOT_REACHED, f"the first request failed: {first.failure}")
    if first.status == 401:
        raise StoppedError(Reason.NOT_REACHED, "the first request got a 401: is the token valid?")
    if first.page is None:
        raise StoppedError(Reason.NOT_REACHED, f"the first request got status {first.status}, not a 200 with JSON")
    session.get("list:2", LIST)
    session.get("list:all", f"{LIST}?per_page={PER_PAGE_MAX}")


def walk(session: Session) -> None:
    exchange = session.get("walk:1", _BY_ONE)
    for number in (2, 3):
        cursor = _cursor_of(exchange)
        if cursor is None:
            return
        exchange = session.get(f"walk:{number}", _FOLLOWING, cursor=cursor)


def cursor(session: Session) -> None:
    session.get("cursor:invented", f"{LIST}?cursor={{invented}}", invented="bm90LWEtY3Vyc29y")
    issued = _issued(session)
    if issued is None:
        return
    session.get("cursor:again", _FOLLOWING, cursor=issued)
    session.get("cursor:page", f"{_FOLLOWING}&page=1", cursor=issued)
    session.get("cursor:bad page", f"{_FOLLOWING}&page=0", cursor=issued)
    session.get("cursor:bad per_page", f"{LIST}?per_page=0&cursor={{cursor}}", cursor=issued)
    session.get("cursor:two", f"{LIST}?per_page=2&cursor={{cursor}}", cursor=issued)
    altered = issued[:-1] + ("A" if issued[-1] != "A" else "B")
    session.get("cursor:altered", _FOLLOWING, cursor=altered)


def numbers(session: Session) -> None:
    session.get("numbers:1", f"{_BY_ONE}&page=1")
    second = session.get("numbers:2", f"{_BY_ONE}&page=2")
    _follow(session, "numbers:after", _cursor_of(second))
    total = _total(session)
    if total:
        session.get("numbers:full", f"{LIST}?per_page={{total}}", total=str(total))
        session.get("numbers:past", f"{LIST}?per_page={{total}}&page=2", total=str(total))
    session.get("numbers:far", f"{LIST}?page={FAR}")


def restricted(session: Session) -> None:
    listed = session.get("restricted:projects", PROJECTS, token=Token.RESTRICTED)
    session.get("restricted:own", LIST, token=Token.RESTRICTED)
    session.get("restricted:auth", "/v1/auth", token=Token.RESTRICTED)
    everything = session.get("restricted:all", f"{PROJECTS}?per_page={PER_PAGE_MAX}")
    own = set(_strings(listed))
    other = session.values.get("otherProjectId") or next((one for one in _strings(everything) if one not in own), None)
    if other is not None:
        path = ADDONS.replace("{projectId}", "{otherProjectId}")
        session.get("restricted:other", path, token=Token.RESTRICTED, otherProjectId=other)


def sisters(session: Session) -> None:
    session.get("sisters:backup", BACKUP)
    for name, path in (("projects", PROJECTS), ("addons", ADDONS), ("backups", BACKUPS), ("restores", ADDON_RESTORES)):
        issued = _cursor_of(session.get(f"sisters:{name}:1", f"{path}?per_page=2"))
        if issued is not None:
            session.get(f"sisters:{name}:2", f"{path}?per_page=2&cursor={{cursor}}", cursor=issued)


def foreign(session: Session) -> None:
    first = session.get("foreign:1", _BY_ONE.replace("{backupId}", "{otherBackupId}"))
    _follow(session, "foreign:2", _cursor_of(first))


def window(session: Session) -> None:
    session.get("window:main", LIST)
    session.get("window:new", LIST, token=Token.FRESH)


def restores(session: Session) -> None:
    issued = _cursor_of(session.get("restores:before", _BY_ONE))
    _follow(session, "restores:next before", issued)
    started = _start(session, "restores:start")
    _follow(session, "restores:next after", issued)
    session.get("restores:list", LIST)
    if started is not None:
        _abort(session, "restores:abort", started)
        session.get("restores:aborted", LIST)
        _abort(session, "restores:abort again", started)
    _abort(session, "restores:abort unknown", NO_RESTORE)
    ended = next((str(item["id"]) for item in _items(session, "list:all") if item.get("status") == "completed"), None)
    if ended is not None:
        _abort(session, "restores:abort ended", ended)


def weak_writes(session: Session) -> None:
    session.send("POST", "weak-writes:restore", RESTORE.replace("{projectId}", "{weakProjectId}"), token=Token.WEAK)
    path = ABORT.replace("{projectId}", "{weakProjectId}")
    session.send("POST", "weak-writes:abort", path, token=Token.WEAK, body={"restoreId": NO_RESTORE})


def life(session: Session) -> None:
    """On a clock that stands still, two restores from start to end, the second aborted."""
    session.control("PUT", "/projects/{projectId}/clock", {"mode": "frozen"})
    _start(session, "life:start")
    aborted = _start(session, "life:start another")
    session.get("life:0", LIST)
    _advance(session, 5)
    session.get("life:5", LIST)
    if aborted is not None:
        _abort(session, "life:abort", aborted)
    session.get("life:aborting", LIST)
    for seconds, name in ((9, "life:14"), (1, "life:15"), (49, "life:64"), (1, "life:65")):
        _advance(session, seconds)
        session.get(name, LIST)


def limited(session: Session) -> None:
    """A used-up rate limit, which a fault of mockserver makes."""
    rule = {"times": 1, "fault": {"kind": "rate-limit"}}
    session.control("POST", "/projects/{projectId}/faults", rule)
    session.get("limited:429", LIST)
    session.control("DELETE", "/projects/{projectId}/faults")


def watch(session: Session) -> None:
    seconds = session.watch_seconds / 40
    for number in range(40):
        session.get(f"watch:{number}", LIST)
        session.pause(max(seconds, WATCH_SECONDS))


def late(session: Session) -> None:
    """The first cursor again, at the end."""
    _follow(session, "late:1", _issued(session))


def _follow(session: Session, name: str, issued: str | None) -> None:
    """The next page by a cursor, if one was issued."""
    if issued is not None:
        session.get(name, _FOLLOWING, cursor=issued)


def _start(session: Session, name: str) -> str | None:
    started = at(session.send("POST", name, RESTORE).json, "data", "restoreId")
    return started if isinstance(started, str) else None


def _abort(session: Session, name: str, restore_id: str) -> None:
    session.send("POST", name, ABORT, body={"restoreId": restore_id})


def _advance(session: Session, seconds: int) -> None:
    session.control("POST", "/projects/{projectId}/clock/advance", {"by": seconds})


def _cursor_of(exchange: Exchange) -> str | None:
    """The cursor that a page gives for the next one, if it is usable."""
    issued = exchange.page.cursor if exchange.page else None
    return issued if isinstance(issued, str) and issued else None


def _issued(session: Session) -> str | None:
    """The cursor of the first page of the walk."""
    first = session.record.find("walk:1")
    return _cursor_of(first) if first else None


def _items(session: Session, name: str) -> list[dict[str, Any]]:
    exchange = session.record.find(name)
    page = exchange.page if exchange else None
    return [item for item in page.items if isinstance(item, dict)] if page else []


def _total(session: Session) -> int | None:
    """The number of restores, if one page has them all."""
    exchange = session.record.find("list:all")
    page = exchange.page if exchange else None
    return len(page.items) if page and not page.has_next else None


def _strings(exchange: Exchange) -> list[str]:
    ids = exchange.page.ids if exchange.page else []
    return [one for one in ids if isinstance(one, str)]
