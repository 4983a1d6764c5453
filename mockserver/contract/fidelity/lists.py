"""The list of a backup's restores."""

from mockserver.contract.fidelity.row import DOCS_OF_2026, JS_CLIENT, PAGE_OF_2024, assumed, documented

ROWS = (
    documented(
        "list.path",
        "`GET /v1/projects/{projectId}/addons/{addonId}/backups/{backupId}/restores`.",
        (PAGE_OF_2024,),
        check="GET it: a 200.",
    ),
    documented(
        "list.permission",
        "It requires the permission `Project > Addons > General > Read`.",
        (PAGE_OF_2024,),
        check="GET it with a token that lacks the permission: an error, `nf-missing-permission`.",
    ),
    documented(
        "list.teams",
        "It also exists under `/v1/teams/{teamId}`, as does every operation on projects below.",
        (DOCS_OF_2026,),
        check="GET it under `/v1/teams/{teamId}`: a 200 with the same body.",
    ),
    assumed(
        "list.any-team",
        "Every team has the same projects; any `teamId` is accepted.",
        check="GET it under a team that does not exist: a 200.",
    ),
    documented(
        "list.example-ids",
        "The ids of the vendor's example exist: `default-project`, `example-addon`, `example-backup`.",
        (PAGE_OF_2024, DOCS_OF_2026),
        emulator_only="The ids are the emulator's default data; an account of the service has its own.",
    ),
    documented(
        "list.array",
        "`data.restores` is an array of restores.",
        (PAGE_OF_2024,),
        check="Every 200 of the list has it.",
    ),
    assumed(
        "list.empty",
        "If there are no restores, the array is present and empty.",
        check="GET the list of a backup without restores.",
    ),
    assumed(
        "list.order",
        "Restores are sorted newest first, by `id` descending.",
        check="The ids of every page, and from page to page.",
    ),
    documented(
        "list.keys",
        "A restore has the keys `id`, `restoreTimestamp`, `status` and `completedAt`, in this order, and in 2026 `id`, "
        "`status`, `restoreTimestamp` and `completedAt`. No others: a key without a value is absent, not null.",
        (PAGE_OF_2024, DOCS_OF_2026, JS_CLIENT),
        check="The keys of every 200 of the list.",
    ),
    assumed(
        "list.compact",
        "Bodies are compact JSON in UTF-8, on one line.",
        check="The bytes of every 200 of the list.",
    ),
    assumed(
        "list.head",
        "`HEAD` gets the same response as `GET`, without the body.",
        check="HEAD the list: status, `content-type` and `content-length` as of a GET.",
    ),
)
