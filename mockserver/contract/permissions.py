"""What a token may be allowed, by the vendor's names."""

from enum import StrEnum


class Permission(StrEnum):
    """A permission that one of the emulated operations needs."""

    READ_PROJECTS = "Project > Projects > Manage > Read"
    READ_ADDONS = "Project > Addons > General > Read"
    UPDATE_ADDONS = "Project > Addons > General > Update"


ALL = tuple(Permission)
