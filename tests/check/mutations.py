"""Mutations of our own application, at least one for each row that is decided over HTTP; most take one line."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import parse_qs

from mockserver.check.probes import UNKNOWN
from tests.check.support import After, Before, Request, Response

RowsOfPage = list[dict[str, Any]]


@dataclass(frozen=True)
class Mutation:
    """A change that makes ``row`` differ, and perhaps those in ``also``, which depend on the same behaviour."""

    row: str
    before: Before | None = None
    after: After | None = None
    also: frozenset[str] = frozenset()


def on(applies: Callable[[Request, Response], object], change: Callable[[Response], None]) -> After:
    """Changes the responses for which ``applies`` is true."""

    def after(request: Request, response: Response) -> None:
        if applies(request, response):
            change(response)

    return after


def to(path: str) -> Callable[[Request, Response], object]:
    """The responses with JSON to requests whose path matches."""
    return lambda request, response: re.search(path, request.path) and response.body[:1] == b"{"


def pages(request: Request, response: Response) -> bool:
    """The pages of a backup's restores."""
    return request.is_list and response.status == 200


def failed(*statuses: int) -> Callable[[Request, Response], bool]:
    """The responses with these statuses."""
    return lambda _, response: response.status in statuses


def body(change: Callable[[Any], object]) -> Callable[[Response], None]:
    """Changes the JSON of a body in place."""

    def change_response(response: Response) -> None:
        value = response.json
        change(value)
        response.json = value

    return change_response


def posted(status: int) -> Callable[[Request, Response], bool]:
    """The responses with this status to a POST."""
    return lambda request, response: request.method == "POST" and response.status == status


def restores(change: Callable[[RowsOfPage], object]) -> Callable[[Response], None]:
    """Changes the restores of a page."""
    return body(lambda page: change(page["data"]["restores"]))


def each_restore(change: Callable[[dict[str, Any]], object]) -> Callable[[Response], None]:
    return restores(lambda rows: [change(row) for row in rows])


def items(key: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Response], None]:
    """Changes each item of another list."""
    return body(lambda page: [change(item) for item in page["data"][key]])


def pagination(change: Callable[[dict[str, Any]], object]) -> Callable[[Response], None]:
    return body(lambda page: change(page["pagination"]))


def error(status: int, code: str = "nf-not-found") -> Callable[[Response], None]:
    """Replaces the response by an error."""

    def change(response: Response) -> None:
        response.status = status
        response.headers["content-type"] = "application/json"
        response.json = {"error": {"status": status, "message": "no project, addon, backup or route", "id": code}}

    return change


def header(name: str, value: str | None) -> Callable[[Response], None]:
    """Sets or drops a header."""

    def change(response: Response) -> None:
        response.headers.pop(name, None)
        if value is not None:
            response.headers[name] = value

    return change


def query(pattern: str, replacement: str, *, unless: str = "^$") -> Before:
    """Replaces what matches in the query of requests for the list."""

    def before(request: Request) -> None:
        if request.is_list and not re.search(unless, request.query):
            request.query = re.sub(pattern, replacement, request.query)

    return before


def swap(row: dict[str, Any], key: str, values: dict[str, Any]) -> None:
    """Replaces the value of a key if it is one of these."""
    row[key] = values.get(row[key], row[key])


def _without_milliseconds(row: dict[str, Any], key: str) -> None:
    if key in row:
        row[key] = re.sub(r"\.\d+Z$", "Z", row[key])


def _copy_first(rows: RowsOfPage) -> None:
    rows[1:2] = [dict(rows[0])]


def _id_last(row: dict[str, Any]) -> None:
    row["id"] = row.pop("id")


def _without_second_cursor() -> Mutation:
    """Cursors that change from response to response, although each works."""
    numbers = count(1000)

    def before(request: Request) -> None:
        request.query = re.sub(r"cursor=\d{4}", "cursor=", request.query)

    def change(page: dict[str, Any]) -> None:
        if "cursor" in page:
            page["cursor"] = f"{next(numbers)}{page['cursor']}"

    return Mutation("pages.cursor-stable", before, on(pages, pagination(change)))


def _offset_cursors() -> Mutation:
    """Cursors that stand for the number of a page, so that new restores shift what they lead to."""
    numbers: dict[tuple[str, str], int] = {}

    def before(request: Request) -> None:
        sent = re.fullmatch("per_page=1&cursor=([^&]+)", request.query)
        if sent and (request.path, sent[1]) in numbers:
            request.query = f"per_page=1&page={numbers[request.path, sent[1]]}"

    def after(request: Request, response: Response) -> None:
        number = re.fullmatch(r"per_page=1(&page=(\d+))?", request.query)
        if number and pages(request, response) and "cursor" in response.json["pagination"]:
            numbers[request.path, response.json["pagination"]["cursor"]] = int(number[2] or 1) + 1

    return Mutation("pages.cursor-is-position", before, after)


def _status_that_goes_back() -> Mutation:
    """A restore that has failed is aborted in every second response."""
    turns = count()

    def change(rows: RowsOfPage) -> None:
        if next(turns) % 2:
            for row in rows:
                swap(row, "status", {"failed": "aborted"})

    return Mutation("restore.forward", after=on(pages, restores(change)))


def _abort_once() -> Mutation:
    """A second abort of the same restore is a conflict."""
    aborted: set[bytes] = set()

    def after(request: Request, response: Response) -> None:
        if request.path.endswith("/abort-restore") and response.status == 200:
            if request.body in aborted:
                error(409, "nf-conflict")(response)
            aborted.add(request.body)

    return Mutation("actions.abort-again", after=after)


def _authorize(request: Request) -> None:
    if request.is_list:
        request.headers.setdefault("authorization", "Bearer of-nobody")


def _slash_is_ignored(request: Request) -> None:
    request.path = request.path.rstrip("/") if request.path.endswith("restores/") else request.path


def _drop_unknown_fields(request: Request) -> None:
    if b"another" in request.body:
        request.body = json.dumps({"restoreId": json.loads(request.body)["restoreId"]}).encode()
        request.headers["content-length"] = str(len(request.body))


def _full_page(request: Request, response: Response) -> bool:
    asked = parse_qs(request.query).get("per_page", [""])[0]
    page = response.json["pagination"] if pages(request, response) else {}
    return page.get("hasNextPage") is False and str(page["count"]) == asked


def _has_token(request: Request) -> bool:
    return "authorization" in request.headers


def _text(response: Response) -> None:
    response.body = b"ok"


def _indented(response: Response) -> None:
    response.body = json.dumps(response.json, indent=1).encode()


def _no_operation(response: Response) -> None:
    response.status = 200
    response.json = {"paths": {}}


SHARED = [
    Mutation("list.path", after=on(lambda request, _: request.path == "/v1/swagger-json", _no_operation)),
    Mutation(
        "list.permission",
        after=on(lambda request, response: response.status in {401, 403} and _has_token(request), error(500)),
    ),
    Mutation("list.teams", after=on(to("/teams/a-team/"), error(404))),
    Mutation("list.any-team", after=on(to(f"/teams/{UNKNOWN}/"), error(404))),
    Mutation(
        "list.array",
        after=on(
            lambda request, response: pages(request, response) and "per_page=100" in request.query,
            body(lambda page: page["data"].update(restores={})),
        ),
    ),
    Mutation("list.empty", after=on(lambda request, _: "/no-restores/" in request.path, error(404))),
    Mutation("list.order", after=on(pages, restores(lambda rows: rows.reverse()))),
    Mutation("list.keys", after=on(pages, each_restore(_id_last))),
    Mutation(
        "list.compact",
        after=on(lambda request, response: pages(request, response) and "per_page=100" in request.query, _indented),
    ),
    Mutation("list.head", after=on(lambda request, _: request.method == "HEAD", error(405))),
    Mutation(
        "restore.unique-id",
        after=on(
            lambda request, response: pages(request, response) and "per_page=100" in request.query,
            restores(_copy_first),
        ),
    ),
    Mutation(
        "restore.timestamp", after=on(pages, each_restore(lambda row: _without_milliseconds(row, "restoreTimestamp")))
    ),
    Mutation("restore.status", after=on(pages, each_restore(lambda row: swap(row, "status", {"failed": "broken"})))),
    _status_that_goes_back(),
    Mutation(
        "restore.completed-at", after=on(pages, each_restore(lambda row: _without_milliseconds(row, "completedAt")))
    ),
    Mutation(
        "restore.completed-at-absent", after=on(pages, each_restore(lambda row: row.setdefault("completedAt", None)))
    ),
    Mutation("pages.per-page", query("per_page=101", "per_page=100")),
    Mutation("pages.per-page-default", query("^", "per_page=20&", unless="per_page")),
    Mutation("pages.per-page-form", query("per_page=%2B1", "per_page=1")),
    Mutation("pages.page", query("page=1$", "page=2", unless="cursor|per_page=1$")),
    Mutation("pages.page-range", query("page=0", "page=1", unless="cursor|per_page")),
    Mutation("pages.leading-zeros", after=on(lambda request, _: re.search(r"=0\d", request.query), error(400))),
    Mutation("pages.past-end", after=on(lambda request, _: "page=999999" in request.query, error(404))),
    Mutation(
        "pages.cursor",
        after=on(
            lambda request, response: pages(request, response) and request.query == "per_page=1",
            pagination(lambda page: page.update(cursor=["a"])),
        ),
        also=frozenset({"pages.cursor-absent"}),
    ),
    Mutation("pages.cursor-wins", query(r"&cursor=[^&]+&page=1", "&page=1")),
    Mutation("pages.bad-page-beside-cursor", query(r"(cursor=[^&]+)&page=0", r"\1")),
    Mutation(
        "pages.cursor-alphabet",
        query("%3D", ""),
        on(pages, pagination(lambda page: page.update(cursor=f"{page['cursor']}=") if "cursor" in page else None)),
    ),
    _offset_cursors(),
    Mutation("pages.cursor-of-list", query("^cursor=bm90LWEtY3Vyc29y$", "")),
    _without_second_cursor(),
    Mutation(
        "pages.per-page-may-change",
        after=on(lambda request, _: "per_page=2&cursor" in request.query and request.is_list, error(400)),
    ),
    Mutation(
        "pages.numbered-page-cursor",
        after=on(
            lambda request, response: pages(request, response) and re.search(r"&page=2$", request.query),
            body(lambda page: page.update(pagination={"hasNextPage": False, "count": page["pagination"]["count"]})),
        ),
    ),
    Mutation(
        "pages.has-next-page",
        after=on(pages, pagination(lambda page: page.update(hasNextPage=page["hasNextPage"] and "true"))),
    ),
    Mutation(
        "pages.full-last-page",
        after=on(_full_page, pagination(lambda page: page.update(hasNextPage=True, cursor="past-the-end"))),
    ),
    Mutation("pages.cursor-absent", after=on(pages, pagination(lambda page: page.setdefault("cursor", None)))),
    Mutation("pages.count", after=on(pages, pagination(lambda page: page.update(count=page["count"] + 1)))),
    Mutation("pages.repeated-parameter", query("per_page=1&per_page=1", "per_page=1")),
    Mutation("pages.empty-parameter", query("^cursor=$", "")),
    Mutation("pages.unknown-parameter", after=on(lambda request, _: UNKNOWN in request.query, error(400))),
    Mutation("errors.body", after=on(failed(400, 404), body(lambda value: value["error"].update(code=5)))),
    Mutation("errors.json", after=on(failed(400), header("content-type", "text/html"))),
    Mutation("errors.details", after=on(failed(404), body(lambda value: value["error"].update(details={})))),
    Mutation(
        "errors.id",
        after=on(failed(404), body(lambda value: value["error"].update(id="request-000001"))),
        also=frozenset({"errors.ids"}),
    ),
    Mutation("errors.ids", after=on(failed(404), body(lambda value: value["error"].update(id="nf-missing")))),
    Mutation(
        "errors.invalid-body-id",
        after=on(posted(400), body(lambda value: value["error"].update(id="nf-invalid-query"))),
    ),
    Mutation(
        "errors.invalid-body-message", after=on(posted(400), body(lambda value: value["error"].update(message="no")))
    ),
    Mutation(
        "errors.invalid-body-details",
        after=on(posted(400), body(lambda value: value["error"].update(details={"restoreId": "no"}))),
    ),
    Mutation(
        "errors.invalid-query-details",
        after=on(
            lambda request, _: request.query == "per_page=0" and UNKNOWN not in request.path,
            body(lambda value: value["error"].update(details={"parameter": "per_page"})),
        ),
    ),
    Mutation("errors.request-id", after=on(failed(404), header("x-request-id", "the-same"))),
    Mutation(
        "errors.precedence",
        after=on(lambda request, response: UNKNOWN in request.path and response.status == 400, error(404)),
    ),
    Mutation(
        "errors.method-precedence",
        after=on(lambda request, response: UNKNOWN in request.path and response.status == 405, error(404)),
    ),
    Mutation("errors.allow", after=on(failed(405), header("allow", None))),
    Mutation("errors.challenge", after=on(failed(401), header("www-authenticate", None))),
    Mutation("errors.not-found", after=on(failed(404), body(lambda value: value["error"].update(message="nothing")))),
    Mutation("errors.trailing-slash", _slash_is_ignored),
    Mutation(
        "errors.encoded-slash",
        after=on(lambda request, _: "%2F" in request.path, error(400, "nf-invalid-query")),
    ),
    Mutation("errors.upgrade", after=on(lambda request, _: "http2-settings" in request.headers, error(426))),
    Mutation("tokens.bearer", _authorize, also=frozenset({"tokens.malformed"})),
    Mutation(
        "tokens.everywhere",
        after=on(lambda request, _: request.path.endswith(UNKNOWN) and not _has_token(request), error(404)),
    ),
    Mutation(
        "tokens.malformed",
        after=on(lambda request, _: request.headers.get("authorization", "").startswith("Basic"), error(400)),
    ),
    Mutation(
        "tokens.missing-permission",
        after=on(
            lambda request, response: request.is_list and b"permission" in response.body,
            lambda response: setattr(response, "status", 403),
        ),
    ),
    Mutation(
        "tokens.required-permission",
        after=on(
            lambda request, response: request.is_list and b"requiredPermission" in response.body,
            body(lambda value: value["error"].update(details={"permission": "read"})),
        ),
    ),
    Mutation(
        "tokens.own-project",
        after=on(lambda request, response: request.path.endswith("/addons") and response.status == 404, error(403)),
    ),
    Mutation("rate-limit.limit", after=on(pages, header("x-ratelimit-limit", "500"))),
    Mutation(
        "rate-limit.window",
        after=on(
            lambda _, response: response.headers.get("x-ratelimit-remaining") == "999",
            header("x-ratelimit-reset", "3000"),
        ),
    ),
    Mutation(
        "rate-limit.headers",
        after=on(
            lambda _, response: response.headers.get("x-ratelimit-remaining") == "998",
            header("x-ratelimit-remaining", "999"),
        ),
    ),
    Mutation("rate-limit.every-response", after=on(failed(404), header("x-ratelimit-reset", None))),
    Mutation(
        "rate-limit.unused",
        after=on(lambda request, _: request.path == "/v1/", header("x-ratelimit-remaining", "900")),
    ),
    Mutation("rate-limit.retry-after", after=on(failed(429), header("retry-after", "Sun, 29 Nov 2026 00:00:00 GMT"))),
    Mutation("operations.health", after=on(lambda request, _: request.path == "/v1/", _text)),
    Mutation("operations.login", after=on(lambda request, _: request.path == "/v1/login", error(404))),
    Mutation("operations.auth", after=on(to("/auth$"), body(lambda one: one.get("data", {}).pop("entityUid", None)))),
    Mutation(
        "operations.auth-restrictions",
        after=on(to("/auth$"), body(lambda one: one.get("data", {}).pop("projectRestrictions", None))),
    ),
    Mutation(
        "operations.auth-permission",
        after=on(lambda request, _: request.path == "/v1/auth" and not _has_token(request), error(403)),
    ),
    Mutation(
        "operations.projects",
        after=on(
            to("/v1/projects$"),
            body(lambda page: [one.pop("description") for one in page.get("data", {}).get("projects", ())]),
        ),
    ),
    Mutation(
        "operations.projects-permission",
        after=on(lambda request, response: request.path == "/v1/projects" and response.status != 200, error(500)),
    ),
    Mutation("operations.addons", after=on(to("/addons$"), items("addons", lambda one: one.pop("spec")))),
    Mutation("operations.app-id", after=on(to("/addons$"), items("addons", lambda one: one.update(appId="/mine")))),
    Mutation("operations.backups", after=on(to("/backups$"), items("backups", lambda one: one.pop("uid")))),
    Mutation(
        "operations.snapshots", after=on(to("/backups$"), items("backups", lambda one: one["config"].update(size=5)))
    ),
    Mutation("operations.backup", after=on(to("/backups/[^/]+$"), body(lambda one: one["data"].pop("name")))),
    Mutation(
        "operations.last-restore",
        after=on(
            to("/example-backup$"),
            body(lambda one: one["data"]["lastRestore"].update(restoreTimestamp="2020-01-01T00:00:00.000Z")),
        ),
    ),
    Mutation(
        "operations.addon-restores",
        after=on(to("/addons/[^/]+/restores$"), each_restore(lambda row: row.pop("backupId"))),
    ),
    Mutation(
        "operations.addon-restores-order",
        after=on(to("/addons/[^/]+/restores$"), restores(lambda rows: rows.reverse())),
    ),
    Mutation("operations.order", after=on(to("/backups$"), body(lambda page: page["data"]["backups"].reverse()))),
    Mutation("operations.pages", after=on(to("/addons$"), pagination(lambda page: page.pop("count")))),
    Mutation("actions.restore", after=on(to("/restore$"), body(lambda one: one.get("data", {}).update(restoreId=5)))),
    Mutation("actions.abort", after=on(to("/abort-restore$"), body(lambda one: one.get("data", {}).update(ok=True)))),
    Mutation(
        "actions.permission",
        after=on(lambda request, response: request.method == "POST" and response.status in {401, 403}, error(500)),
    ),
    Mutation(
        "actions.no-body",
        after=on(lambda request, _: request.path.endswith("/restore") and not request.body, error(400)),
        also=frozenset({"actions.restore", "actions.permission"}),
    ),
    Mutation(
        "actions.life", after=on(pages, each_restore(lambda row: swap(row, "status", {"in-progress": "scheduled"})))
    ),
    Mutation(
        "actions.aborting", after=on(pages, each_restore(lambda row: swap(row, "status", {"aborting": "aborted"})))
    ),
    _abort_once(),
    Mutation("actions.abort-ended", after=on(failed(409), error(400))),
    Mutation(
        "actions.abort-unknown",
        after=on(lambda request, response: request.method == "POST" and response.status == 404, error(400)),
    ),
    Mutation("actions.unknown-field", _drop_unknown_fields),
]

OF_2024 = [
    Mutation("restore.id", after=on(pages, each_restore(lambda row: row.update(id=str(row["id"]))))),
    Mutation("versions.source-2024", after=on(lambda request, _: "source" in request.query, error(404))),
]

OF_2026 = [
    Mutation("versions.id", after=on(pages, each_restore(lambda row: row.update(id=row["id"].upper())))),
    Mutation(
        "versions.source",
        after=on(lambda request, response: "source" in request.query and response.status == 200, error(404)),
    ),
    Mutation(
        "versions.source-path",
        after=on(lambda request, response: "source" in request.query and response.status == 404, error(400)),
    ),
]
