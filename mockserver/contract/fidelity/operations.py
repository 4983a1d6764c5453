"""The operations that lead a client to a backup, and the health check."""

from mockserver.contract.fidelity.row import CLI, DOCS_OF_2026, JS_CLIENT, PYTHON_CLIENT, assumed, documented, observed

ROWS = (
    documented(
        "operations.health",
        "`GET /v1/` is a 200 with the text `success`, without a token.",
        (DOCS_OF_2026,),
        check="GET it without a token.",
    ),
    observed(
        "operations.login",
        "`GET /v1/login` is a 200 with a JSON object if the token is accepted; the CLI requests it.",
        (CLI,),
        check="GET it.",
    ),
    documented(
        "operations.auth",
        "`GET /v1/auth` says who the token is: `tokenKind`, `id`, `name`, `description`, `entityId`, `entityUid`, "
        "`entityType`, `role`, `permissions.projectScope`, `projectRestrictions` and `createdAt`.",
        (DOCS_OF_2026, PYTHON_CLIENT),
        check="GET it: the required keys `tokenKind`, `id`, `entityId`, `entityUid`, `entityType` and `createdAt`.",
    ),
    observed(
        "operations.auth-restrictions",
        "`projectRestrictions` has `enabled`, `restrictionMode` (`in`) and `projects` if the token sees only these.",
        (PYTHON_CLIENT,),
        check="GET it with a token that is restricted to one project.",
    ),
    assumed(
        "operations.auth-permission",
        "`GET /v1/auth` requires a token, but no permission.",
        check="GET it with a token that lacks permissions.",
    ),
    documented(
        "operations.projects",
        "List projects: `GET /v1/projects`, with `id`, `name` and `description`.",
        (DOCS_OF_2026,),
        check="GET it: the keys of each project.",
    ),
    observed(
        "operations.projects-permission",
        "List projects requires the permission `Project > Projects > Manage > Read`, as the SDK names it.",
        (JS_CLIENT,),
        check="GET it with a token that lacks the permission: an error.",
    ),
    documented(
        "operations.addons",
        "List addons: `GET .../addons`, with `id`, `name`, `appId`, `description`, `spec.type` and `status`.",
        (DOCS_OF_2026,),
        check="GET it: the keys of each addon.",
    ),
    documented(
        "operations.app-id",
        "`appId` is `/example-user/{projectId}/{addonId}`: the name of the user, then the ids.",
        (DOCS_OF_2026,),
        check="The form of each addon's `appId`.",
    ),
    documented(
        "operations.backups",
        "List addon backups: `GET .../backups`, with `id`, `name`, `uid`, `status`, `createdAt`, `completedAt`, "
        "`config.source.type` and `config.size`.",
        (DOCS_OF_2026,),
        check="GET it: the keys of each backup.",
    ),
    assumed(
        "operations.snapshots",
        "Every backup is a completed snapshot; its `config.size` is a string, the number of bytes.",
        check="The status, the source and the size of each backup.",
    ),
    documented(
        "operations.backup",
        "Get addon backup: `GET .../backups/{backupId}`, with `lastRestore`.",
        (DOCS_OF_2026,),
        check="GET it: the keys of the backup and of its last restore.",
    ),
    assumed(
        "operations.last-restore",
        "`lastRestore` is the newest restore of the backup, and absent if there has been none.",
        check="GET the backup and its list, and a backup without restores.",
    ),
    documented(
        "operations.addon-restores",
        "List addon restores: `GET .../addons/{addonId}/restores`, each restore with its `backupId`.",
        (DOCS_OF_2026,),
        check="GET it: the keys of each restore, the last of which is `backupId`.",
    ),
    assumed(
        "operations.addon-restores-order",
        "Restores of an addon are sorted newest first, those with the same id by backup.",
        check="The ids of its pages.",
    ),
    assumed(
        "operations.order",
        "Projects, addons and backups are sorted by id.",
        check="The ids of each list.",
    ),
    assumed(
        "operations.pages",
        "Every list is paginated like the list of restores.",
        check="Each list with `per_page=1`: its pagination, and the page that the cursor gives.",
    ),
)
