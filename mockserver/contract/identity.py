"""Whose everything is: the one user and team of the emulator, and what the API says of a token."""

from collections.abc import Collection

from typing_extensions import TypedDict

from mockserver.contract.permissions import Permission
from mockserver.contract.shapes import Auth, ProjectRestrictions

ENTITY = "example-user"
"""The vendor's name for a user in its examples; here everything belongs to it."""

_ENTITY_UID = "5ff8c6c647fed81696a8a82a"
_CREATED = "2021-01-20T11:19:54.494Z"


def app_id(project_id: str, addon_id: str) -> str:
    """An addon's full name."""
    return f"/{ENTITY}/{project_id}/{addon_id}"


def auth(token_id: str, permissions: Collection[Permission], project_id: str | None) -> Auth:
    """Who a token is: ``token_id`` identifies it without revealing it; ``project_id`` is the only project it sees."""
    restricted: _Restricted = {}
    if project_id is not None:
        restricted["projectRestrictions"] = {"enabled": True, "restrictionMode": "in", "projects": [project_id]}
    return {
        "tokenKind": "api",
        "id": token_id,
        "name": "API token",
        "description": "A token of mockserver.",
        "entityId": ENTITY,
        "entityUid": _ENTITY_UID,
        "entityType": "team",
        "role": {"name": "API role", "roleId": "api-role", "roleType": "api", "entityType": "team"},
        "permissions": {"projectScope": [permission.key for permission in permissions]},
        **restricted,
        "createdAt": _CREATED,
    }


class _Restricted(TypedDict, total=False):
    projectRestrictions: ProjectRestrictions
