"""Every behaviour of the emulator, with the evidence for it; `make docs` writes docs/fidelity.md from this."""

from dataclasses import dataclass
from enum import StrEnum


class Evidence(StrEnum):
    """How we know that the service behaves like this."""

    DOCUMENTED = "documented"
    OBSERVED = "observed"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Row:
    """One behaviour."""

    area: str
    behaviour: str
    evidence: Evidence


def _area(area: str, *behaviours: tuple[Evidence, str]) -> tuple[Row, ...]:
    return tuple(Row(area, behaviour, evidence) for evidence, behaviour in behaviours)


def _documented(behaviour: str) -> tuple[Evidence, str]:
    return Evidence.DOCUMENTED, behaviour


def _observed(behaviour: str) -> tuple[Evidence, str]:
    return Evidence.OBSERVED, behaviour


def _assumed(behaviour: str) -> tuple[Evidence, str]:
    return Evidence.ASSUMED, behaviour


FIDELITY: tuple[Row, ...] = (
    *_area(
        "List addon backup restores",
        _documented("`GET /v1/projects/{projectId}/addons/{addonId}/backups/{backupId}/restores`."),
        _documented("It requires the permission `Project > Addons > General > Read`."),
        _documented("It also exists under `/v1/teams/{teamId}`, as does every operation on projects below."),
        _assumed("Every team has the same projects; any `teamId` is accepted."),
        _documented("The ids of the vendor's example exist: `default-project`, `example-addon`, `example-backup`."),
        _documented("`data.restores` is an array of restores."),
        _assumed("If there are no restores, the array is present and empty."),
        _assumed("Restores are sorted newest first, by `id` descending."),
        _assumed("Keys are in the order of the vendor's page, with no others; a key without a value is absent."),
        _assumed("Bodies are compact JSON in UTF-8, on one line."),
        _assumed("`HEAD` gets the same response as `GET`, without the body."),
    ),
    *_area(
        "A restore",
        _documented("`id` is an integer: an instant in unix milliseconds."),
        _assumed("`id` is unique within its backup only."),
        _documented("`restoreTimestamp` is a string in UTC, such as `2021-01-20T11:19:54.494Z`, and always present."),
        _documented("`id` and `restoreTimestamp` may be different instants, as in the vendor's example."),
        _assumed("In generated data they are the same, unless that id is in use: then `id` is the next free one."),
        _documented(
            "`status` is `scheduled`, `in-progress`, `completed`, `aborting`, `aborted`, `failed` or `not-supported`."
        ),
        _assumed(
            "A restore's status only moves forward: scheduled, in-progress, then completed or failed; or through "
            "aborting to aborted. A restore that is not-supported never has another status.",
        ),
        _documented("`completedAt` is optional and has the format of `restoreTimestamp`."),
        _assumed("`completedAt` is present if the status is `completed`; otherwise the key is absent, never null."),
        _assumed("Scenarios and the control plane reject instants before 1970 or after 2106-02-07."),
    ),
    *_area(
        "Pages",
        _documented("`per_page` is an integer of at most 100."),
        _documented("`per_page` defaults to 50, according to the vendor's guide to its client."),
        _assumed("`per_page` below 1 is a 400, as is anything but ASCII digits: a sign, a decimal point, a space."),
        _documented("`page` is an integer, the number of the page to access."),
        _assumed("`page` is at least 1, the default, and at most 1,000,000,000; anything else is a 400."),
        _assumed("Leading zeros in `per_page` and `page` are accepted."),
        _assumed("A page past the end is a 200 with no restores and `hasNextPage` false."),
        _documented("`cursor` is a string from the response of the page before."),
        _observed("A cursor takes precedence over `page`: the official SDKs keep sending the first request's `page`."),
        _assumed("An invalid `page` or `per_page` is a 400 even if the cursor is valid."),
        _observed("A cursor consists of `A-Z a-z 0-9 - _`: the JavaScript client does not URL-encode it."),
        _assumed(
            "A cursor is a position, not an offset: if restores are inserted or deleted during a walk, the rest of it "
            "neither repeats nor skips one.",
        ),
        _assumed("A cursor is valid in the list that issued it. A cursor of another list or an altered one is a 400."),
        _assumed("A cursor does not expire and survives a restart; the same request gives the same cursor."),
        _assumed("`per_page` may change from page to page. A page requested by number also returns a cursor."),
        _documented("`pagination.hasNextPage` is a boolean and always present."),
        _assumed("If the last restore fills the page exactly, `hasNextPage` is false."),
        _observed(
            "`pagination.cursor` is present if there is a next page; otherwise the key is absent, never null: with "
            "null, the JavaScript client's `all()` would loop forever.",
        ),
        _documented("`pagination.count` is the number of results in this response."),
        _assumed("A repeated parameter is a 400, and so is an empty one."),
        _assumed("An unknown parameter is ignored, and recorded in the journal."),
    ),
    *_area(
        "Errors",
        _observed(
            'Every error has the body `{"error": {"status", "message", "id", "details"}}`; clients read these four.'
        ),
        _observed("Every error is `application/json`: the JavaScript client throws on a body that is not JSON."),
        _assumed("`details` is present only if it adds something, such as the name of the invalid parameter."),
        _assumed("`id` is `request-` and at least six digits. It is unique within one process of the server."),
        _assumed("If several errors apply, the response is the first of 401, 403, 400, 404, 429."),
        _assumed("405 takes precedence over all of these except 401."),
        _assumed("405 carries `Allow`, and 401 `WWW-Authenticate: Bearer`."),
        _assumed("A 404 says what does not exist: the project, the addon, the backup, the restore, or the route."),
        _assumed("A path with a trailing slash is a different route, and a 404."),
        _assumed("A request that is not valid HTTP/1.1 is a 400 with the same body."),
        _assumed("Input over the emulator's own limits is a 413 (body), 414 (request line) or 431 (headers)."),
        _assumed("`%2F` in a path is part of an id, not a slash: a 404."),
        _assumed("An offer to upgrade the connection is ignored, and the request is served as HTTP/1.1."),
        _assumed("If the emulator's own store is full the error is a 507, and if it is damaged a 500."),
        _assumed("A bug in the emulator is a 500 with the same body, without a traceback."),
    ),
    *_area(
        "Tokens",
        _documented("Operations require a bearer token: `Authorization: Bearer TOKEN`."),
        _assumed(
            "Everything under `/v1` except `GET /v1/` requires one. Without it, an unknown route is a 401, not a 404."
        ),
        _assumed("No token, an empty one, one with a space in it, another scheme, or two headers: each is a 401."),
        _assumed(
            "Any token is accepted, unless the server is started with a list of tokens. A project's own token is "
            "always accepted.",
        ),
        _assumed("A token without the operation's permission gets a 403 that names it. By default a token has all."),
        _assumed("The token of a project created over the control plane sees only that project; all others are a 404."),
        _assumed("Any other token lists the projects that the server started with, and reaches every project by id."),
    ),
    *_area(
        "Rate limit",
        _documented("The limit is 1,000 requests per hour and account."),
        _assumed("Each token is an account. Its hour begins with its first request, by the machine's clock."),
        _documented("Responses carry `x-ratelimit-limit`, `x-ratelimit-remaining` and `x-ratelimit-reset`."),
        _assumed("Every response under `/v1` carries them, errors too; the reset is in whole seconds, rounded up."),
        _assumed("A 401 and `GET /v1/` report an unused limit, and count for no token."),
        _assumed("Requests are always counted. The limit is enforced, with a 429, only if a setting says so."),
        _assumed("A 429 carries `Retry-After`, in seconds."),
    ),
    *_area(
        "Other operations",
        _documented("`GET /v1/` is a 200 with the text `success`, without a token."),
        _observed("`GET /v1/login` is a 200 with a JSON object if the token is accepted; the CLI requests it."),
        _documented("List projects: `GET /v1/projects`, with `id`, `name` and `description`."),
        _observed("List projects requires the permission `Project > Projects > Manage > Read`, as the SDK names it."),
        _documented(
            "List addons: `GET .../addons`, with `id`, `name`, `appId`, `description`, `spec.type` and `status`."
        ),
        _assumed("`appId` is `/default-user/{projectId}/{addonId}`."),
        _documented(
            "List addon backups: `GET .../backups`, with `id`, `name`, `uid`, `status`, `createdAt`, `completedAt`, "
            "`config.source.type` and `config.size`.",
        ),
        _assumed("Every backup is a completed snapshot; its `config.size` is a string, the number of bytes."),
        _documented("Get addon backup: `GET .../backups/{backupId}`, with `lastRestore`."),
        _assumed("`lastRestore` is the newest restore of the backup, and absent if there has been none."),
        _documented("List addon restores: `GET .../addons/{addonId}/restores`, each restore with its `backupId`."),
        _assumed("Restores of an addon are sorted newest first, those with the same id by backup."),
        _assumed("Projects, addons and backups are sorted by id. Every list is paginated like the list of restores."),
    ),
    *_area(
        "Restoring and aborting",
        _documented("Restore addon backup: `POST .../restore` returns `data.restoreId`, a string."),
        _documented("Abort backup restore: `POST .../abort-restore` with `restoreId` returns empty `data`."),
        _documented("Both require the permission `Project > Addons > General > Update`."),
        _assumed("Restoring is a 200 immediately. It requires no body and reads none."),
        _assumed(
            "A restore is scheduled for 5 seconds, in progress for 60, then completed, unless settings say otherwise. "
            "Several run at the same time.",
        ),
        _assumed("A restore that is aborted is aborting for 10 seconds, unless settings say otherwise."),
        _assumed("Aborting a restore that is already aborting is a 200 and changes nothing."),
        _assumed("Aborting a restore that has ended is a 409; one that does not exist is a 404."),
        _assumed("A body with any field other than `restoreId` is a 400."),
    ),
    *_area(
        "The contract of 2026",
        _documented("A restore's `id` is a string of 24 hexadecimal digits, an ObjectId."),
        _assumed("Its first 8 digits are the seconds, the next 3 the milliseconds, and the rest a hash of both."),
        _documented("`sourceProjectId` and `sourceAddonId` are for a backup that belongs to another project."),
        _assumed(
            "Either or both replace the path's ids when the backup is looked up; the replaced ids are not looked up."
        ),
        _assumed("In 2024 these two are unknown parameters, and ignored."),
    ),
    *_area(
        "Faults",
        _assumed("A fault triggers only on requests without any other error: a 404 or an enforced 429 comes first."),
        _assumed("If a fault makes a request fail with an error, the operation does nothing."),
    ),
)
"""In the order of the page."""
