"""Finds the backup that a request names, and that backup's project."""

from mockserver.api.parameters import SourceParameters
from mockserver.contract.versions import Contract
from mockserver.sandbox.sandbox import Sandbox
from mockserver.store import queries
from mockserver.store.queries import BackupPath
from mockserver.web.context import RequestContext


def backup_path(
    context: RequestContext, project_id: str, addon_id: str, backup_id: str, source: SourceParameters
) -> BackupPath:
    """The backup that a request names; in contract 2026 the query can override the project and addon in the path."""
    if context.contract is Contract.V2024:
        return BackupPath(project_id, addon_id, backup_id)
    return BackupPath(source.source_project_id or project_id, source.source_addon_id or addon_id, backup_id)


def sandbox_of_backup(context: RequestContext, project_id: str, addon_id: str, path: BackupPath) -> Sandbox:
    """The project of the backup at ``path``; raises ApiError 404, also for the project or addon in the URL."""
    if (path.project_id, path.addon_id) != (project_id, addon_id):
        context.visible_sandbox(project_id)
        queries.addon_key(context.emulator.store.connection, project_id, addon_id)
    return context.visible_sandbox(path.project_id)
