"""The mock servers from npm: each serves the same 50 restores, at the same path if it can. See package.json."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.client import HOST
from bench.errors import UnusableError
from bench.processes import PORT, RESTORES_PATH, Contestant, Workplace, free_port

FOLDER = Path(__file__).parent
MODULES = FOLDER / "node_modules"
INSTALL_SECONDS = 300

ABOUT = {
    "json-server": "a list in a file, at a path of its own; 1.0 beta",
    "Prism": "the example of an OpenAPI document",
    "Mockoon": "a fixed body",
    "mountebank": "a fixed body",
}
"""What each serves."""


def install() -> None:
    """Installs the locked packages unless they are installed; raises UnusableError if that fails."""
    lock, installed = FOLDER / "package-lock.json", MODULES / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime > lock.stat().st_mtime:
        return
    if shutil.which("npm") is None:
        raise UnusableError("there is no npm here")
    finished = subprocess.run(
        ["npm", "ci"], cwd=FOLDER, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    if finished.returncode:
        raise UnusableError(f"`npm ci` failed: {finished.stderr.strip()}")


def versions() -> dict[str, str]:
    """The version of each."""
    dependencies: dict[str, str] = json.loads((FOLDER / "package.json").read_text())["dependencies"]
    return dependencies


def json_server(workplace: Workplace, page: bytes) -> Contestant:
    """It has no custom routes: a list is at its name, and a page of it has another shape."""
    restores = json.loads(page)["data"]["restores"]
    data = _written(workplace, "json-server.json", {"restores": restores})
    (workplace.folder / "public").mkdir(exist_ok=True)  # it expects this folder beside its data
    command = (*_node("json-server/lib/bin.js"), "--host", HOST, "--port", PORT, data)
    return Contestant("json-server", ABOUT["json-server"], command, "/restores")


def prism(workplace: Workplace, page: bytes) -> Contestant:
    """The page is the example of an operation with the vendor's parameters."""
    parameters = [{"name": name, "in": "path", "required": True} for name in ("project", "addon", "backup")]
    parameters += [{"name": name, "in": "query"} for name in ("per_page", "page", "cursor")]
    response = {"description": "One page.", "content": {"application/json": {"example": json.loads(page)}}}
    operation = {
        "parameters": [{**parameter, "schema": {"type": "string"}} for parameter in parameters],
        "responses": {"200": response},
    }
    path = "/v1/projects/{project}/addons/{addon}/backups/{backup}/restores"
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Restores", "version": "1"},
        "paths": {path: {"get": operation}},
    }
    data = _written(workplace, "prism.json", document)
    quiet = ("--verboseLevel", "error", "--multiprocess=false")
    program = _node("@stoplight/prism-cli/dist/index.js")
    command = (*program, "mock", "--host", HOST, "--port", PORT, *quiet, data)
    return Contestant("Prism", ABOUT["Prism"], command)


def mockoon(workplace: Workplace, page: bytes) -> Contestant:
    """One route with a fixed body, templates off."""
    response = {
        "uuid": "response",
        "statusCode": 200,
        "headers": [{"key": "content-type", "value": "application/json"}],
        "bodyType": "INLINE",
        "body": page.decode(),
        "disableTemplating": True,
        "default": True,
        "rules": [],
    }
    route = {
        "uuid": "route",
        "type": "http",
        "method": "get",
        "endpoint": "v1/projects/:project/addons/:addon/backups/:backup/restores",
        "enabled": True,
        "responses": [response],
    }
    environment = {"uuid": "environment", "name": "restores", "port": 3000, "hostname": HOST, "routes": [route]}
    data = _written(workplace, "mockoon.json", environment)
    options = ("--data", data, "--hostname", HOST, "--port", PORT, "--repair")
    quiet = ("--disable-log-to-file", "--disable-admin-api")
    return Contestant("Mockoon", ABOUT["Mockoon"], (*_node("@mockoon/cli/bin/run.js"), "start", *options, *quiet))


def mountebank(workplace: Workplace, page: bytes) -> Contestant:
    """One imposter with a fixed body for the path."""
    port = free_port()
    response = {"is": {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": page.decode()}}
    stub = {"predicates": [{"equals": {"path": RESTORES_PATH}}], "responses": [response]}
    imposters = {"imposters": [{"port": port, "host": HOST, "protocol": "http", "stubs": [stub]}]}
    data = _written(workplace, "mountebank.json", imposters)
    own = ("--host", HOST, "--port", str(free_port()), "--pidfile", str(workplace.folder / "mountebank.pid"))
    quiet = ("--nologfile", "--loglevel", "error")
    command = (*_node("mountebank/bin/mb"), "start", *own, *quiet, "--configfile", data)
    return Contestant("mountebank", ABOUT["mountebank"], command, port=port)


PEERS: dict[str, Callable[[Workplace, bytes], Contestant]] = {
    "json-server": json_server,
    "Prism": prism,
    "Mockoon": mockoon,
    "mountebank": mountebank,
}
"""The name of each, and the function that prepares it to serve a page."""


def _node(program: str) -> tuple[str, ...]:
    return ("node", str(MODULES / Path(program)))


def _written(workplace: Workplace, name: str, data: Any) -> str:
    path = workplace.folder / name
    path.write_text(json.dumps(data))
    return os.fspath(path)
