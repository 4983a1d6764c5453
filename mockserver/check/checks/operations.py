"""Checks of the other operations that read."""

from mockserver.check.judging import Checks, Comparisons
from mockserver.check.record import Record
from mockserver.check.seen import ABSENT, at, form, holds, keys, kind, known, number, order, present, words, yes_no
from mockserver.check.undecided import Reason, UndecidedError
from mockserver.contract.lifecycle import Status
from mockserver.contract.versions import RESTORE_KEYS

CHECKS = Checks("operations")

_SISTERS = ("projects", "addons", "backups", "restores")


def _items(record: Record, name: str) -> list[object]:
    """The items of both pages that were requested; raises UndecidedError if there are none."""
    items = record.page(f"sisters:{name}:1").items
    if record.find(f"sisters:{name}:2"):
        items = items + record.page(f"sisters:{name}:2").items
    if not items:
        raise UndecidedError(Reason.NEEDS_DATA)
    return items


@CHECKS.row("health", "public")
def _health(record: Record) -> Comparisons:
    health = record["public:health"]
    yield "200", number(health.status)
    yield holds(health.content == b"success", "success", "another text")


@CHECKS.row("login", "login")
def _login(record: Record) -> Comparisons:
    yield "200 object", words(number(record["login:1"].status), kind(record["login:1"].json))


@CHECKS.row("auth", "auth")
def _auth(record: Record) -> Comparisons:
    yield "200", number(record["auth:1"].status)
    seen = present(
        at(record["auth:1"].json, "data"), "tokenKind", "id", "entityId", "entityUid", "entityType", "createdAt"
    )
    yield "tokenKind, id, entityId, entityUid, entityType, createdAt", seen


@CHECKS.row("auth-restrictions", "restricted")
def _auth_restrictions(record: Record) -> Comparisons:
    restrictions = at(record["restricted:auth"].json, "data", "projectRestrictions")
    yield "enabled, restrictionMode, projects", present(restrictions, "enabled", "restrictionMode", "projects")
    yield "boolean array", words(kind(at(restrictions, "enabled")), kind(at(restrictions, "projects")))
    yield holds(at(restrictions, "restrictionMode") == "in", "in", "another mode")


CHECKS.statuses("auth-permission", {"auth:none": 401, "weak:auth": 200})


@CHECKS.row("projects", "sisters")
def _projects(record: Record) -> Comparisons:
    for project in _items(record, "projects"):
        yield "id, name, description", present(project, "id", "name", "description")


@CHECKS.row("projects-permission", "weak")
def _projects_permission(record: Record) -> Comparisons:
    yield holds(record["weak:projects"].status in {401, 403}, "refused", "not refused")


@CHECKS.row("addons", "sisters")
def _addons(record: Record) -> Comparisons:
    for addon in _items(record, "addons"):
        seen = present(addon, "id", "name", "appId", "description", "spec.type", "status")
        yield "id, name, appId, description, spec.type, status", seen


@CHECKS.row("app-id", "sisters")
def _app_id(record: Record) -> Comparisons:
    for addon in _items(record, "addons"):
        parts = str(at(addon, "appId")).split("/")
        is_path = len(parts) == 4 and parts[0] == "" and parts[3] == at(addon, "id")
        ours = is_path and parts[2] == record["sisters:addons:1"].values["projectId"]
        yield holds(ours, "/user/project/addon", "another form")


@CHECKS.row("backups", "sisters")
def _backups(record: Record) -> Comparisons:
    for backup in _items(record, "backups"):
        seen = present(backup, "id", "name", "uid", "status", "createdAt", "config.source.type", "config.size")
        yield "id, name, uid, status, createdAt, config.source.type, config.size", seen
        is_completed = at(backup, "status") == Status.COMPLETED
        absent = is_completed and at(backup, "completedAt") is ABSENT
        yield holds(not absent, "completedAt if it is completed", "completed without completedAt")


@CHECKS.row("snapshots", "sisters")
def _snapshots(record: Record) -> Comparisons:
    for backup in _items(record, "backups"):
        yield "completed", known(at(backup, "status"), Status)
        source = at(backup, "config", "source", "type")
        yield holds(source == "snapshot", "snapshot", "another source")
        yield "digits", form(at(backup, "config", "size"))


@CHECKS.row("backup", "sisters")
def _backup(record: Record) -> Comparisons:
    backup = record["sisters:backup"]
    yield "200", number(backup.status)
    yield "id, name, status, lastRestore", present(at(backup.json, "data"), "id", "name", "status", "lastRestore")
    last = at(backup.json, "data", "lastRestore")
    yield "restoreTimestamp, status", present(last, "restoreTimestamp", "status")


@CHECKS.row("last-restore", "list", "sisters", "empty")
def _last_restore(record: Record) -> Comparisons:
    (newest, *_) = record.page("list:1").items or [None]
    if newest is None:
        raise UndecidedError(Reason.NEEDS_DATA)
    last = at(record["sisters:backup"].json, "data", "lastRestore")
    same = all(at(last, name) == at(newest, name) for name in ("restoreTimestamp", "status", "completedAt"))
    yield holds(same, "the newest restore", "not the newest restore")
    unrestored = record["empty:backup"]
    yield "200 absent", words(number(unrestored.status), kind(at(unrestored.json, "data", "lastRestore")))


@CHECKS.row("addon-restores", "sisters")
def _addon_restores(record: Record) -> Comparisons:
    for restore in _items(record, "restores"):
        names = (*RESTORE_KEYS[record.contract], "backupId")
        yield ", ".join(name for name in names if at(restore, name) is not ABSENT or name == "backupId"), keys(restore)


@CHECKS.row("addon-restores-order", "sisters")
def _addon_restores_order(record: Record) -> Comparisons:
    ids = [at(restore, "id") for restore in _items(record, "restores")]
    if len(ids) > 1:
        yield "descending", order(ids)


@CHECKS.row("order", "sisters")
def _order(record: Record) -> Comparisons:
    for name in ("projects", "addons", "backups"):
        ids = [at(item, "id") for item in record.page(f"sisters:{name}:1").items]
        if len(ids) > 1:
            yield "ascending", order(ids)


@CHECKS.row("pages", "sisters")
def _pages(record: Record) -> Comparisons:
    followed = False
    for name in _SISTERS:
        first = record.page(f"sisters:{name}:1")
        yield "boolean integer", words(kind(at(first.pagination, "hasNextPage")), kind(at(first.pagination, "count")))
        if first.has_next:
            followed = True
            yield "string", kind(first.cursor)
            yield "200", number(record[f"sisters:{name}:2"].status)
            repeated = [one for one in record.page(f"sisters:{name}:2").items if one in first.items]
            yield "no", yes_no(bool(repeated))
    if not followed:
        raise UndecidedError(Reason.NEEDS_DATA)
