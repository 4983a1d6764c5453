"""Creates what a check needs on a server with our control plane, and deletes it at the end."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mockserver.check.requests import Token
from mockserver.check.seen import at
from mockserver.check.session import Session, StoppedError
from mockserver.contract.lifecycle import Status
from mockserver.contract.pagination import PER_PAGE_DEFAULT
from mockserver.contract.versions import Contract

_SCENARIO = "default"
"""Its first addon has backups besides the one that is filled here."""

_EMPTY, _OTHER = "no-restores", "single-restore"


@contextmanager
def created_projects(session: Session, contract: Contract | None) -> Iterator[Contract]:
    """Projects on the server, whose ids and tokens the session gets; yields their contract.

    The first has a backup with restores in every status, more than fit on a page; the token of the second has no
    permission.
    """
    own = {"contract": contract} if contract else {}
    statuses = [*Status, *[Status.COMPLETED] * PER_PAGE_DEFAULT]
    created = []
    try:
        main = session.control(
            "POST", "/projects", own | {"scenario": _SCENARIO, "restores": [{"status": one} for one in statuses]}
        )
        created.append(_text(main, "projectId"))
        weak = session.control("POST", "/projects", own | {"scenario": _SCENARIO, "permissions": []})
        created.append(_text(weak, "projectId"))
        session.values |= {
            **{name: _text(main, name) for name in ("projectId", "addonId", "backupId")},
            "emptyBackupId": _EMPTY,
            "otherBackupId": _OTHER,
            "teamId": "a-team",
            "weakProjectId": _text(weak, "projectId"),
            "otherProjectId": _text(weak, "projectId"),
        }
        session.tokens.setdefault(Token.MAIN, secrets.token_hex(16))
        session.tokens |= {
            Token.FRESH: secrets.token_hex(16),
            Token.WEAK: _text(weak, "token"),
            Token.RESTRICTED: _text(main, "token"),
        }
        for _ in range(2):
            session.control("POST", "/projects/{projectId}/addons/{addonId}/backups/{otherBackupId}/restores", {})
        state = session.control("GET", "/projects/{projectId}")
        yield Contract(_text(state, "contract"))
    finally:
        for project_id in created:
            with suppress(StoppedError):
                session.control("DELETE", "/projects/{created}", created=project_id)


def _text(created: object, key: str) -> str:
    return str(at(created, key))
