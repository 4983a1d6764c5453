"""One restore in a list."""

from mockserver.contract.fidelity.row import PAGE_OF_2024, assumed, documented
from mockserver.contract.versions import Contract

ROWS = (
    documented(
        "restore.id",
        "`id` is an integer: an instant in unix milliseconds.",
        (PAGE_OF_2024,),
        check="The ids of every page.",
        contract=Contract.V2024,
    ),
    assumed(
        "restore.unique-id",
        "`id` is unique within its backup only.",
        check="No id comes twice on the pages of one walk.",
    ),
    documented(
        "restore.timestamp",
        "`restoreTimestamp` is a string in UTC, such as `2021-01-20T11:19:54.494Z`, and always present.",
        (PAGE_OF_2024,),
        check="The restores of every page.",
    ),
    documented(
        "restore.two-instants",
        "`id` and `restoreTimestamp` may be different instants, as in the vendor's example.",
        (PAGE_OF_2024,),
        emulator_only="It says what may be; no response contradicts it.",
    ),
    assumed(
        "restore.generated-id",
        "In generated data they are the same, unless that id is in use: then `id` is the next free one.",
        emulator_only="Only the emulator generates data.",
    ),
    documented(
        "restore.status",
        "`status` is `scheduled`, `in-progress`, `completed`, `aborting`, `aborted`, `failed` or `not-supported`.",
        (PAGE_OF_2024,),
        check="The restores of every page.",
    ),
    assumed(
        "restore.forward",
        "A restore's status only moves forward: scheduled, in-progress, then completed or failed; or through "
        "aborting to aborted. A restore that is not-supported never has another status.",
        check="The statuses of each restore in every two responses, best while one is running.",
    ),
    documented(
        "restore.completed-at",
        "`completedAt` is optional and has the format of `restoreTimestamp`.",
        (PAGE_OF_2024,),
        check="The restores of every page.",
    ),
    assumed(
        "restore.completed-at-absent",
        "`completedAt` is present if the status is `completed`; otherwise the key is absent, never null.",
        check="The restores of every page, completed ones and others.",
    ),
    assumed(
        "restore.instants",
        "Scenarios and the control plane reject instants before 1970 or after 2106-02-07.",
        emulator_only="Scenarios and the control plane are the emulator's own.",
    ),
)
