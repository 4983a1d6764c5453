"""The names of the emulated operations, as the journal and fault rules use them."""

from enum import StrEnum


class OperationName(StrEnum):
    """An emulated operation."""

    LIST_RESTORES = "list-restores"
    LIST_ADDON_RESTORES = "list-addon-restores"
    LIST_PROJECTS = "list-projects"
    LIST_ADDONS = "list-addons"
    LIST_BACKUPS = "list-backups"
    GET_BACKUP = "get-backup"
    RESTORE_BACKUP = "restore-backup"
    ABORT_RESTORE = "abort-restore"
    LOGIN = "login"
    AUTH = "auth"
    HEALTH = "health"


LISTS = frozenset(name for name in OperationName if name.startswith("list-"))
"""The paginated operations."""
