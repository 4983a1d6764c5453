"""No error repeats more of the input than an excerpt, whatever the endpoint, and half a surrogate pair is a 400."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.routing import Route

from mockserver.app import API_ROUTES, CONTROL_ROUTES
from tests.contract.responses import bearer, error_of
from tests.support import RunningServer, make_project, running_server

LONG = "x" * 50_000
MAX_BYTES = 3_000
IDS = ("projectId", "addonId", "backupId", "restoreId", "faultId", "requestId", "teamId")

ENDPOINTS = [
    (method, route.path)
    for route in (*API_ROUTES, *CONTROL_ROUTES)
    if isinstance(route, Route)
    for method in sorted(route.methods or ())
]
BODIES: list[Any] = [
    LONG,
    [LONG],
    {LONG: 1},
    {LONG: {LONG: LONG}},
    *({field: value} for field in ("scenario", "projectId", "addonId", "backupId", "contract", "mode", "now", "by")
      for value in (LONG, {LONG: LONG}, [LONG])),
    *({field: value} for field in ("restoreId", "status", "outcome", "endsAfter", "operation", "seed", "step")
      for value in (LONG, {LONG: LONG}, [LONG])),
    {"permissions": [LONG]},
    {"restores": [{LONG: 1}]},
    {"restores": [{"status": LONG}]},
    {"clock": {LONG: 1}},
    {"clock": {"mode": LONG}},
    {"fault": {"kind": LONG}},
    {"fault": {"kind": "status", LONG: 1}},
    {"fault": {"kind": "status", "status": LONG}},
    {"fault": {"kind": "status", "status": 500, "message": LONG}},
]  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """A server of this module's own: one of the endpoints resets it."""
    with running_server() as server:
        yield server


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_no_error_is_long(server: RunningServer, method: str, path: str) -> None:
    project = make_project(server, scenario="single")
    ids = {"projectId": project.id, "addonId": project.backup.addon_id, "backupId": project.backup.backup_id}
    long_ids = dict.fromkeys(IDS, LONG[:8_000])
    filled = path.format(**(long_ids | ids))
    targets = [filled, f"{filled}?{LONG}=1", *(f"{filled}?{name}={LONG}" for name in ("page", "per_page", "cursor"))]
    targets += [path.format(**(long_ids | ids | {name: LONG[:8_000]})) for name in ids if f"{{{name}}}" in path]
    headers = dict(bearer())
    responses = [server.client.request(method, target, headers=headers) for target in targets]
    if method not in ("GET", "DELETE") and not path.endswith("reset"):
        responses += [server.client.request(method, filled, headers=headers, json=body) for body in BODIES]
    responses += [
        server.client.request(method, filled, headers={**headers, name: f"http://{LONG}.example"})
        for name in ("Origin", "Authorization")
    ]
    errors = [response for response in responses if response.is_error]
    assert errors or path == "/v1/"
    assert [len(response.content) for response in errors if len(response.content) > MAX_BYTES] == []
    assert {response.status_code for response in errors} <= {400, 401, 403, 404, 409, 413, 414, 431}


def test_a_foreign_host_is_repeated_in_part(server: RunningServer) -> None:
    response = server.client.get("/_mock/projects", headers={"Host": f"{LONG}.example"})
    assert len(error_of(response, 403)["message"]) < MAX_BYTES


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"\ud800": 1}),
        ("", {"restores": [{"\ud800": 1}]}),
        ("", {"clock": {"\ud800": 1}}),
        ("/faults", {"\udfff": 1, "fault": {"kind": "reset"}}),
        ("/faults", {"fault": {"kind": "reset", "\udfff": 1}}),
        ("/clock/advance", {"by": 1, "\udfff": 1}),
        ("/addons/example-addon/backups/example-backup/restores", {"\udfff": 1}),
    ],
)
def test_half_a_surrogate_pair_as_a_key_is_a_bad_request(server: RunningServer, path: str, body: Any) -> None:
    project = make_project(server)
    target = f"/_mock/projects/{project.id}{path}" if path else "/_mock/projects"
    error_of(server.client.post(target, content=json.dumps(body)), 400)
