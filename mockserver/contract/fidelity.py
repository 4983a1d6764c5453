"""How faithful the emulator is: each behaviour, and how it is known. docs/fidelity.md is made from this."""

from dataclasses import dataclass
from enum import StrEnum


class Evidence(StrEnum):
    """How it is known that the service behaves so."""

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
        _documented("It needs the permission `Project > Addons > General > Read`."),
        _documented("The same stands under `/v1/teams/{teamId}`, as does every operation on projects below."),
        _assumed("Every team has the same projects; any `teamId` will do."),
        _documented("The vendor's example ids exist: `default-project`, `example-addon`, `example-backup`."),
        _documented("`data.restores` is an array of restores."),
        _assumed("Where there is no restore, the array is empty, and still there."),
        _assumed("Restores come newest first, by `id` descending."),
        _assumed("Keys come in the order of the vendor's page, and no others; one that has no value is absent."),
        _assumed("Bodies are compact JSON in UTF-8, on one line."),
        _assumed("`HEAD` answers as `GET` does, without a body."),
    ),
    *_area(
        "A restore",
        _documented("`id` is an integer, an instant in unix milliseconds."),
        _assumed("`id` is unique in its backup, not beyond."),
        _documented("`restoreTimestamp` is text in UTC, as `2021-01-20T11:19:54.494Z`; it is always there."),
        _documented("`id` and `restoreTimestamp` may be different instants, as they are in the vendor's example."),
        _assumed("In data that is made here they are the same, unless that id is taken: then it is the next free one."),
        _documented(
            "`status` is `scheduled`, `in-progress`, `completed`, `aborting`, `aborted`, `failed` or `not-supported`.",
        ),
        _assumed(
            "A restore's status only moves forward: scheduled, in-progress, then completed or failed; or through "
            "aborting to aborted. One that is not-supported is so from the start.",
        ),
        _documented("`completedAt` is optional, and written as `restoreTimestamp` is."),
        _assumed("`completedAt` is there where the status is `completed`; otherwise the key is absent, never null."),
        _assumed("Instants before 1970 or after 2106-02-07 are refused, in scenarios and by the control plane."),
    ),
    *_area(
        "Pages",
        _documented("`per_page` is an integer of at most 100."),
        _documented("`per_page` is 50 where it is left out; the vendor's guide to its client says so."),
        _assumed("`per_page` below 1 is a 400, as is whatever is not plain ASCII digits: a sign, a point, a space."),
        _documented("`page` is an integer, the number of the page to access."),
        _assumed("`page` goes from 1, the default, to 1,000,000,000; anything else is a 400."),
        _assumed("Leading zeros in `per_page` and `page` are plain digits too, and accepted."),
        _assumed("A page past the end is a 200 without restores, and says that there is no next page."),
        _documented("`cursor` is text that the page before handed out."),
        _observed("A cursor wins over `page`: the official SDKs keep sending the first call's `page` beside it."),
        _assumed("A bad `page` or `per_page` beside a good cursor is still a 400."),
        _observed("A cursor is made of `A-Z a-z 0-9 - _`: the JavaScript client does not URL-encode it."),
        _assumed(
            "A cursor is a position, not an offset: restores that appear or vanish during a walk make the rest of it "
            "neither repeat nor skip one.",
        ),
        _assumed("A cursor belongs to one list. Of another list, or altered, it is a 400."),
        _assumed("A cursor does not expire, and outlives a restart; the same request gives the same cursor."),
        _assumed("`per_page` may change from page to page; a numbered page hands out a cursor that goes on from it."),
        _documented("`pagination.hasNextPage` is always there, and is a boolean."),
        _assumed("A page that ends exactly on the last restore says that there is no next page."),
        _observed(
            "`pagination.cursor` is there where there is a next page; otherwise the key is absent, never null: the "
            "JavaScript client's `all()` would go on for ever.",
        ),
        _documented("`pagination.count` is the number of results in this answer."),
        _assumed("A parameter given twice is a 400, and so is an empty one."),
        _assumed("An unknown parameter is ignored; the journal notes it."),
    ),
    *_area(
        "Errors",
        _observed(
            'Whatever goes wrong, the body is `{"error": {"status", "message", "id", "details"}}`: the '
            "vendor's clients read these four.",
        ),
        _observed("Every error is `application/json`: the JavaScript client throws on a body that is not JSON."),
        _assumed("`details` is there where it adds something, such as the parameter at fault."),
        _assumed("`id` is `request-` and at least six digits. It is unique within one process of the server."),
        _assumed("Where several errors apply, the first of 401, 403, 400, 404, 429 is told."),
        _assumed("405 comes before all of these but 401: without a method there is no operation to have parameters."),
        _assumed("405 carries `Allow`, and 401 `WWW-Authenticate: Bearer`."),
        _assumed("A 404 says which is not there: the project, the addon, the backup, the restore, or the route."),
        _assumed("A trailing slash makes another route, and a 404."),
        _assumed("What is not HTTP/1.1 gets a 400 with the same body."),
        _assumed("A bug of the emulator's is a 500 with the same body, and no traceback in it."),
    ),
    *_area(
        "Tokens",
        _documented("Operations need a bearer token: `Authorization: Bearer TOKEN`."),
        _assumed(
            "Within `/v1` everything but `GET /v1/` needs one, unknown routes too: they are a 401 before a 404.",
        ),
        _assumed("No token, an empty one, one with a space in it, another scheme, or two headers: each is a 401."),
        _assumed("Any token is good, unless the server was started with those that are; a project's own always is."),
        _assumed("A token without the operation's permission gets a 403 that names it. Most tokens have all."),
        _assumed(
            "The token of a project that was made over the control plane sees that project alone; others are a 404.",
        ),
        _assumed("Any other token lists the projects that the server started with, and reaches every one by id."),
    ),
    *_area(
        "Rate limit",
        _documented("1,000 requests an hour for an account."),
        _assumed("Each token is an account. Its hour begins with its first request, by the machine's clock."),
        _documented(
            "Answers carry `x-ratelimit-limit`, `x-ratelimit-remaining` and `x-ratelimit-reset`.",
        ),
        _assumed("Every answer within `/v1` carries them, errors too; the reset is in whole seconds, rounded up."),
        _assumed("A 401 and `GET /v1/` report an untouched hour, and count for nobody."),
        _assumed("The limit is counted always and enforced only where asked for: then it is a 429."),
        _assumed("A 429 carries `Retry-After`, in seconds."),
    ),
    *_area(
        "Around the list",
        _documented("`GET /v1/` answers 200 with the text `success`, without a token."),
        _observed("`GET /v1/login` answers 200 with a JSON object where the token is good: the CLI asks it."),
        _documented("List projects: `GET /v1/projects`, with `id`, `name` and `description`."),
        _observed("List projects needs the permission `Project > Projects > Manage > Read`, as the SDK names it."),
        _documented(
            "List addons: `GET .../addons`, with `id`, `name`, `appId`, `description`, `spec.type` and `status`.",
        ),
        _assumed("`appId` is `/default-user/{projectId}/{addonId}`."),
        _documented(
            "List addon backups: `GET .../backups`, with `id`, `name`, `uid`, `status`, `createdAt`, `completedAt`, "
            "`config.source.type` and `config.size`.",
        ),
        _assumed("Every backup is a completed snapshot; its `config.size` is text, a number of bytes."),
        _documented("Get addon backup: `GET .../backups/{backupId}`, with `lastRestore`."),
        _assumed("`lastRestore` is the backup's newest restore, and absent where there has been none."),
        _documented("List addon restores: `GET .../addons/{addonId}/restores`, each restore with its `backupId`."),
        _assumed("Restores of an addon come newest first; where two have one `id`, by backup."),
        _assumed("Projects, addons and backups come by id. Each list has pages as the list of restores has."),
    ),
    *_area(
        "Restoring and aborting",
        _documented("Restore addon backup: `POST .../restore` answers with `data.restoreId`, a string."),
        _documented("Abort backup restore: `POST .../abort-restore` with `restoreId` answers with empty `data`."),
        _documented("Both need the permission `Project > Addons > General > Update`."),
        _assumed("A restore is a 200 at once. It needs no body, and reads none."),
        _assumed(
            "It is scheduled for 5 seconds, in progress for 60, then completed, unless settings say otherwise. Several "
            "at once do not wait for each other.",
        ),
        _assumed("A restore that is aborted is aborting for 10 seconds, unless settings say otherwise."),
        _assumed("Aborting one that is aborting already is a 200, and changes nothing."),
        _assumed("Aborting one that has ended is a 409, told after the 404 of one that there is not."),
        _assumed("A body with more in it than `restoreId` is a 400."),
    ),
    *_area(
        "The contract of 2026",
        _documented("A restore's `id` is text of 24 hexadecimal digits, an ObjectId."),
        _assumed(
            "Its first 8 digits are the seconds, the next 3 the milliseconds, and the rest are drawn from both.",
        ),
        _documented("`sourceProjectId` and `sourceAddonId` are for a backup that belongs to another project."),
        _assumed(
            "They name where the backup is looked for, either or both, in place of the path's ids, which are not "
            "looked up then.",
        ),
        _assumed("Under 2024 these two are unknown parameters, and ignored."),
    ),
    *_area(
        "Faults",
        _assumed("A fault strikes only calls that nothing else is wrong with: it comes after 404 and an enforced 429."),
        _assumed("A call that a fault answers with an error has done nothing: nothing is restored or aborted."),
    ),
)
"""Every behaviour of the contract, and every choice where it is silent."""
