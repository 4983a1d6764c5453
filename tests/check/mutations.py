"""Mutations of our own application, at least one for each row that is decided over HTTP; most take one line."""

import json
import re
from collections.abc import Callable, Collection
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


def changed(
    row: str,
    applies: Callable[[Request, Response], object],
    change: Callable[[Response], None],
    *,
    also: Collection[str] = (),
) -> Mutation:
    """A mutation of the responses for which ``applies`` is true."""
    return Mutation(row, after=on(applies, change), also=frozenset(also))


def to(path: str) -> Callable[[Request, Response], object]:
    """The responses with JSON to requests whose path matches."""
    return lambda request, response: re.search(path, request.path) and response.body[:1] == b"{"


def pages(request: Request, response: Response) -> bool:
    """The pages of a backup's restores."""
    return request.is_list and response.status == 200


def whole_list(request: Request, response: Response) -> bool:
    """The pages that hold all of a backup's restores."""
    return pages(request, response) and "per_page=100" in request.query


def head(request: Request, _: Response) -> bool:
    return request.method == "HEAD"


def asked(query: str) -> Callable[[Request, Response], object]:
    """The responses to requests whose query matches."""
    return lambda request, _: re.search(query, request.query)


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


def error_fields(**fields: object) -> Callable[[Response], None]:
    """Changes fields of an error."""
    return body(lambda value: value["error"].update(fields))


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


def swapped_status(status: str, other: str) -> Callable[[Response], None]:
    """Replaces a status in each restore that has it."""
    return each_restore(lambda row: swap(row, "status", {status: other}))


def without_milliseconds(key: str) -> Callable[[Response], None]:
    return each_restore(lambda row: row.update({key: re.sub(r"\.\d+Z$", "Z", row[key])} if key in row else {}))


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

    return changed("restore.forward", pages, restores(change))


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
    per_page = parse_qs(request.query).get("per_page", [""])[0]
    page = response.json["pagination"] if pages(request, response) else {}
    return page.get("hasNextPage") is False and str(page["count"]) == per_page


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
    changed("list.path", to("^/v1/swagger-json$"), _no_operation),
    changed(
        "list.permission", lambda request, response: response.status in {401, 403} and _has_token(request), error(500)
    ),
    changed("list.teams", to("/teams/a-team/"), error(404)),
    changed("list.any-team", to(f"/teams/{UNKNOWN}/"), error(404)),
    changed("list.array", whole_list, body(lambda page: page["data"].update(restores={}))),
    changed("list.empty", to("/no-restores/"), error(404)),
    changed("list.order", pages, restores(lambda rows: rows.reverse())),
    changed("list.keys", pages, each_restore(_id_last)),
    changed("list.compact", whole_list, _indented),
    changed("list.head", head, error(405)),
    changed("restore.unique-id", whole_list, restores(_copy_first)),
    changed("restore.timestamp", pages, without_milliseconds("restoreTimestamp")),
    changed("restore.status", pages, swapped_status("failed", "broken")),
    _status_that_goes_back(),
    changed("restore.completed-at", pages, without_milliseconds("completedAt")),
    changed("restore.completed-at-absent", pages, each_restore(lambda row: row.setdefault("completedAt", None))),
    Mutation("pages.per-page", query("per_page=101", "per_page=100")),
    Mutation("pages.per-page-default", query("^", "per_page=20&", unless="per_page")),
    Mutation("pages.per-page-form", query("per_page=%2B1", "per_page=1")),
    Mutation("pages.page", query("page=1$", "page=2", unless="cursor|per_page=1$")),
    Mutation("pages.page-range", query("page=0", "page=1", unless="cursor|per_page")),
    changed("pages.leading-zeros", asked(r"=0\d"), error(400)),
    changed("pages.past-end", asked("page=999999"), error(404)),
    changed(
        "pages.cursor",
        lambda request, response: pages(request, response) and request.query == "per_page=1",
        pagination(lambda page: page.update(cursor=["a"])),
        also={"pages.cursor-absent"},
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
    changed("pages.per-page-may-change", asked("per_page=2&cursor"), error(400)),
    changed(
        "pages.numbered-page-cursor",
        lambda request, response: pages(request, response) and re.search(r"&page=2$", request.query),
        body(lambda page: page.update(pagination={"hasNextPage": False, "count": page["pagination"]["count"]})),
    ),
    changed(
        "pages.has-next-page", pages, pagination(lambda page: page.update(hasNextPage=page["hasNextPage"] and "true"))
    ),
    changed(
        "pages.full-last-page",
        _full_page,
        pagination(lambda page: page.update(hasNextPage=True, cursor="past-the-end")),
    ),
    changed("pages.cursor-absent", pages, pagination(lambda page: page.setdefault("cursor", None))),
    changed("pages.count", pages, pagination(lambda page: page.update(count=page["count"] + 1))),
    Mutation("pages.repeated-parameter", query("per_page=1&per_page=1", "per_page=1")),
    Mutation("pages.empty-parameter", query("^cursor=$", "")),
    changed("pages.unknown-parameter", asked(UNKNOWN), error(400)),
    changed("errors.body", failed(400, 404), error_fields(code=5)),
    changed("errors.json", failed(400), header("content-type", "text/html")),
    changed("errors.details", failed(404), error_fields(details={})),
    changed("errors.id", failed(404), error_fields(id="request-000001"), also={"errors.ids"}),
    changed("errors.ids", failed(404), error_fields(id="nf-missing")),
    changed("errors.invalid-body-id", posted(400), error_fields(id="nf-invalid-query")),
    changed("errors.invalid-body-message", posted(400), error_fields(message="no")),
    changed("errors.invalid-body-details", posted(400), error_fields(details={"restoreId": "no"})),
    changed(
        "errors.invalid-query-details",
        lambda request, _: request.query == "per_page=0" and UNKNOWN not in request.path,
        error_fields(details={"parameter": "per_page"}),
    ),
    changed("errors.request-id", failed(404), header("x-request-id", "the-same")),
    changed(
        "errors.precedence", lambda request, response: UNKNOWN in request.path and response.status == 400, error(404)
    ),
    changed(
        "errors.method-precedence",
        lambda request, response: UNKNOWN in request.path and response.status == 405,
        error(404),
    ),
    changed("errors.allow", failed(405), header("allow", None)),
    changed("errors.challenge", failed(401), header("www-authenticate", None)),
    changed("errors.not-found", failed(404), error_fields(message="nothing")),
    Mutation("errors.trailing-slash", _slash_is_ignored),
    changed("errors.encoded-slash", to("%2F"), error(400, "nf-invalid-query")),
    changed("errors.upgrade", lambda request, _: "http2-settings" in request.headers, error(426)),
    Mutation("tokens.bearer", _authorize, also=frozenset({"tokens.malformed"})),
    changed(
        "tokens.everywhere", lambda request, _: request.path.endswith(UNKNOWN) and not _has_token(request), error(404)
    ),
    changed(
        "tokens.malformed", lambda request, _: request.headers.get("authorization", "").startswith("Basic"), error(400)
    ),
    changed(
        "tokens.missing-permission",
        lambda request, response: request.is_list and b"permission" in response.body,
        lambda response: setattr(response, "status", 403),
    ),
    changed(
        "tokens.required-permission",
        lambda request, response: request.is_list and b"requiredPermission" in response.body,
        error_fields(details={"permission": "read"}),
    ),
    changed(
        "tokens.own-project",
        lambda request, response: request.path.endswith("/addons") and response.status == 404,
        error(403),
    ),
    changed("rate-limit.limit", pages, header("x-ratelimit-limit", "500")),
    changed(
        "rate-limit.window",
        lambda _, response: response.headers.get("x-ratelimit-remaining") == "999",
        header("x-ratelimit-reset", "3000"),
    ),
    changed(
        "rate-limit.headers",
        lambda _, response: response.headers.get("x-ratelimit-remaining") == "998",
        header("x-ratelimit-remaining", "999"),
    ),
    changed("rate-limit.every-response", failed(404), header("x-ratelimit-reset", None)),
    changed("rate-limit.unused", lambda request, _: request.path == "/v1/", header("x-ratelimit-remaining", "900")),
    changed("rate-limit.retry-after", failed(429), header("retry-after", "Sun, 29 Nov 2026 00:00:00 GMT")),
    changed("operations.health", lambda request, _: request.path == "/v1/", _text),
    changed("operations.login", to("^/v1/login$"), error(404)),
    changed("operations.auth", to("/auth$"), body(lambda one: one.get("data", {}).pop("entityUid", None))),
    changed(
        "operations.auth-restrictions",
        to("/auth$"),
        body(lambda one: one.get("data", {}).pop("projectRestrictions", None)),
    ),
    changed(
        "operations.auth-permission",
        lambda request, _: request.path == "/v1/auth" and not _has_token(request),
        error(403),
    ),
    changed(
        "operations.projects",
        to("/v1/projects$"),
        body(lambda page: [one.pop("description") for one in page.get("data", {}).get("projects", ())]),
    ),
    changed(
        "operations.projects-permission",
        lambda request, response: request.path == "/v1/projects" and response.status != 200,
        error(500),
    ),
    changed("operations.addons", to("/addons$"), items("addons", lambda one: one.pop("spec"))),
    changed("operations.app-id", to("/addons$"), items("addons", lambda one: one.update(appId="/mine"))),
    changed("operations.backups", to("/backups$"), items("backups", lambda one: one.pop("uid"))),
    changed("operations.snapshots", to("/backups$"), items("backups", lambda one: one["config"].update(size=5))),
    changed("operations.backup", to("/backups/[^/]+$"), body(lambda one: one["data"].pop("name"))),
    changed(
        "operations.last-restore",
        to("/example-backup$"),
        body(lambda one: one["data"]["lastRestore"].update(restoreTimestamp="2020-01-01T00:00:00.000Z")),
    ),
    changed("operations.addon-restores", to("/addons/[^/]+/restores$"), each_restore(lambda row: row.pop("backupId"))),
    changed("operations.addon-restores-order", to("/addons/[^/]+/restores$"), restores(lambda rows: rows.reverse())),
    changed("operations.order", to("/backups$"), body(lambda page: page["data"]["backups"].reverse())),
    changed("operations.pages", to("/addons$"), pagination(lambda page: page.pop("count"))),
    changed("actions.restore", to("/restore$"), body(lambda one: one.get("data", {}).update(restoreId=5))),
    changed("actions.abort", to("/abort-restore$"), body(lambda one: one.get("data", {}).update(ok=True))),
    changed(
        "actions.permission",
        lambda request, response: request.method == "POST" and response.status in {401, 403},
        error(500),
    ),
    changed(
        "actions.no-body",
        lambda request, _: request.path.endswith("/restore") and not request.body,
        error(400),
        also={"actions.restore", "actions.permission"},
    ),
    changed("actions.life", pages, swapped_status("in-progress", "scheduled")),
    changed("actions.aborting", pages, swapped_status("aborting", "aborted")),
    _abort_once(),
    changed("actions.abort-ended", failed(409), error(400)),
    changed(
        "actions.abort-unknown",
        lambda request, response: request.method == "POST" and response.status == 404,
        error(400),
    ),
    Mutation("actions.unknown-field", _drop_unknown_fields),
]

OF_2024 = [
    changed("restore.id", pages, each_restore(lambda row: row.update(id=str(row["id"])))),
    changed("versions.source-2024", asked("source"), error(404)),
]

OF_2026 = [
    changed("versions.id", pages, each_restore(lambda row: row.update(id=row["id"].upper()))),
    changed(
        "versions.source", lambda request, response: "source" in request.query and response.status == 200, error(404)
    ),
    changed(
        "versions.source-path",
        lambda request, response: "source" in request.query and response.status == 404,
        error(400),
    ),
]
