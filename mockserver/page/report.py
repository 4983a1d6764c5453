"""A file of the page for one project: the page and its data in one HTML document that opens without a network.

Modules in one document cannot import each other, so they are ``data:`` URLs in an import map.
"""

import hashlib
import html
import json
import re
from base64 import b64encode
from functools import cache
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from mockserver.control.journal import list_requests
from mockserver.control.projects import get_project
from mockserver.control.restore_list import list_planned_restores
from mockserver.control.routing import ProjectId, project_router
from mockserver.control.walks import list_walks
from mockserver.instants import timestamp
from mockserver.page.files import MODULES, content
from mockserver.page.routes import HEADERS
from mockserver.sandbox.journal import CAPACITY
from mockserver.version import version
from mockserver.web.context import emulator_of

router = project_router()

MAX_BACKUPS = 20
"""The restores of how many backups a report has."""

RESTORES = 200
"""How many restores of each backup it has; the page shows as many."""

_START = 'import "main.js";'
_IMPORT = re.compile(r"""((?:from|import)\s*)(["'])\.{1,2}/(?:[\w/-]+/)?([\w-]+\.js)\2""")
_HEADERS = {**HEADERS, "Content-Security-Policy": "frame-ancestors 'none'", "Cache-Control": "no-store"}


@router.get(
    "/report",
    response_class=HTMLResponse,
    summary="Get a file of the page for a project, which opens without a network",
)
async def get_report(request: Request, project_id: ProjectId) -> HTMLResponse:
    path = f"projects/{quote(project_id, safe='')}"
    project = await get_project(request, project_id)
    responses = {
        path: _as_json(project),
        f"{path}/requests?since=0&limit={CAPACITY}": json.loads(bytes((await list_requests(request, project_id)).body)),
        f"{path}/walks": _as_json(await list_walks(request, project_id)),
    }
    for one in project.backups[:MAX_BACKUPS]:
        listed = await list_planned_restores(request, project_id, one.addonId, one.backupId, limit=RESTORES)
        responses[f"{path}/addons/{one.addonId}/backups/{one.backupId}/restores?limit={RESTORES}"] = _as_json(listed)
    data = {
        "project": project_id,
        "created": timestamp(emulator_of(request).clock.now()),
        "version": version(),
        "origin": str(request.base_url).rstrip("/"),
        "responses": responses,
    }
    return HTMLResponse(_document(project_id, data), headers=_HEADERS)


def _as_json(reading: BaseModel) -> Any:
    return reading.model_dump(mode="json", exclude_none=True)


def _document(title: str, data: dict[str, Any]) -> str:
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return _template().replace("{title}", html.escape(title), 1).replace("{data}", text, 1)


@cache
def _template() -> str:
    """The document without its title and its data."""
    imports = {name.rpartition("/")[2]: _data_url("text/javascript", _with_bare_imports(name)) for name in MODULES}
    import_map = json.dumps({"imports": imports})
    style = content("page.css").decode()
    icon = _data_url("image/svg+xml", content("favicon.svg"))
    policy = (
        f"default-src 'none'; script-src {_hash(import_map)} {_hash(_START)} data:; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types lit-html"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{{title}}: mockserver</title><link rel="icon" href="{icon}"><style>{style}</style>'
        f'<script type="importmap">{import_map}</script>'
        '<script type="application/json" id="data">{data}</script></head>'
        f'<body><div id="page"></div><script type="module">{_START}</script></body></html>\n'
    )


def _with_bare_imports(name: str) -> bytes:
    """A module that imports the others by their names alone, as the import map has them."""
    return _IMPORT.sub(r"\1\2\3\2", content(name).decode()).encode()


def _data_url(media_type: str, body: bytes) -> str:
    return f"data:{media_type};base64,{b64encode(body).decode()}"


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
