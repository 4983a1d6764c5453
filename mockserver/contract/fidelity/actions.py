"""Operations that change something: restore a backup, abort a restore."""

from mockserver.contract.fidelity.row import DOCS_OF_2026, assumed, documented

ROWS = (
    documented(
        "actions.restore",
        "Restore addon backup: `POST .../restore` returns `data.restoreId`, a string.",
        (DOCS_OF_2026,),
        check="Restore a backup.",
    ),
    documented(
        "actions.abort",
        "Abort backup restore: `POST .../abort-restore` with `restoreId` returns empty `data`.",
        (DOCS_OF_2026,),
        check="Abort that restore.",
    ),
    documented(
        "actions.permission",
        "Both require the permission `Project > Addons > General > Update`.",
        (DOCS_OF_2026,),
        check="Restore and abort with a token that lacks the permission: an error each.",
    ),
    assumed(
        "actions.no-body",
        "Restoring is a 200 immediately. It requires no body and reads none.",
        check="Restore a backup without a body.",
    ),
    assumed(
        "actions.life",
        "A restore is scheduled for 5 seconds, in progress for 60, then completed, unless settings say otherwise. "
        "Several run at the same time.",
        check="The statuses of a restore from its start to its end, and those of two at once.",
    ),
    assumed(
        "actions.aborting",
        "A restore that is aborted is aborting for 10 seconds, unless settings say otherwise.",
        check="The statuses of a restore from its abort to its end.",
    ),
    assumed(
        "actions.abort-again",
        "Aborting a restore that is already aborting is a 200 and changes nothing.",
        check="Abort a restore twice.",
    ),
    assumed(
        "actions.abort-ended",
        "Aborting a restore that has ended is a 409.",
        check="Abort a restore that is completed.",
    ),
    assumed(
        "actions.abort-unknown",
        "Aborting a restore that does not exist is a 404.",
        check="Abort an id that no restore has.",
    ),
    assumed(
        "actions.unknown-field",
        "A body with any field other than `restoreId` is a 400.",
        check="Abort with another field beside `restoreId`, and without `restoreId`.",
    ),
)
