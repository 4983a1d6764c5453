"""The permissions that a token can have, by the vendor's names."""

from enum import StrEnum


class Permission(StrEnum):
    """A permission that at least one emulated operation requires."""

    READ_PROJECTS = "Project > Projects > Manage > Read"
    READ_ADDONS = "Project > Addons > General > Read"
    UPDATE_ADDONS = "Project > Addons > General > Update"


ALL = tuple(Permission)
