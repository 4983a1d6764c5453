"""The permissions that a token can have, by the vendor's names and by its keys."""

from enum import StrEnum


class Permission(StrEnum):
    """A permission that at least one emulated operation requires."""

    READ_PROJECTS = "Project > Projects > Manage > Read"
    READ_ADDONS = "Project > Addons > General > Read"
    UPDATE_ADDONS = "Project > Addons > General > Update"

    @property
    def key(self) -> str:
        """Its key in responses, such as ``ps_addons_general_read``: ``ps`` is for the scope, a project."""
        _, *parts = self.lower().split(" > ")
        return "_".join(["ps", *parts])


ALL = tuple(Permission)
