"""Error messages in full: all that a client or a scenario file can provoke. Other tests assert only their essence.

``pytest tests/test_messages.py --update-golden`` rewrites the file: read the difference aloud before you commit it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import UsageError
from mockserver.instants import INSTANT_MAX, timestamp
from mockserver.seeding.scenario import read_scenario
from tests.contract.responses import RESTORES, bearer, send_raw, use_up
from tests.support import NOW, TOKEN, RunningServer, SandboxProject, SteppedClock, make_project, running_server

GOLDEN = Path(__file__).parent / "messages.golden"

BACKUP = "/v1/projects/mine/addons/example-addon/backups/example-backup"
ABORT = f"{BACKUP}/abort-restore"
IS_JSON = ("Content-Type", "application/json")

PROJECTS = "/_mock/projects"
ON_BACKUP = f"{PROJECTS}/mine/addons/example-addon/backups/example-backup/restores"
FAULTS = f"{PROJECTS}/mine/faults"
CLOCK = f"{PROJECTS}/mine/clock"
PLAN = f"{PROJECTS}/mine/plan"
RESET = {"kind": "reset"}
PREFLIGHT = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}

AUTHORIZATIONS: list[tuple[str, list[tuple[str, str]]]] = [
    ("no token", []),
    ("two tokens", bearer() * 2),
    ("another scheme", [("Authorization", "Basic x")]),
    ("an empty token", [("Authorization", "Bearer")]),
    ("a long token", bearer("x" * 9000)),
    ("white space in the token", bearer("a b")),
    ("an unknown token", bearer("unknown")),
    ("a token whose rate limit is used up", bearer("used-up")),
]

API: list[tuple[str, str]] = [
    ("GET", "/nope"),
    ("GET", "/v1/nope"),
    ("GET", "/v1/projects/default-project/services"),
    ("GET", "/v1/login/"),
    ("DELETE", "/v1/login"),
    ("GET", f"{RESTORES}?per_page=0"),
    ("GET", f"{RESTORES}?page=x"),
    ("GET", f"{RESTORES}?cursor=x"),
    ("GET", f"{RESTORES}?page=1&page=2"),
    ("GET", f"{RESTORES}?page="),
    ("GET", f"{RESTORES}?cursor="),
    ("GET", RESTORES.replace("default-project", "nope")),
    ("GET", RESTORES.replace("example-addon", "nope")),
    ("GET", RESTORES.replace("example-backup", "nope")),
    ("GET", "/v1/projects/new/addons/example-addon/backups/example-backup/restores?sourceProjectId="),
]

OF_PROJECT: list[tuple[str, str]] = [
    ("GET", RESTORES),
    ("GET", "/v1/projects"),
]
"""With a project's own token, which has only one permission."""

ABORTS = [b"{", b"\xff", b"", b"[]", b"{}", b'{"restoreId": 5}', b'{"restoreId": "5", "force": true}']
ABORTS += [b'{"restoreId": "nope"}', b'{"restoreId": "5"}']

CONTROL_HEADERS: list[tuple[str, list[tuple[str, str]]]] = [
    ("a foreign host", [("Host", "registry.example.com")]),
    ("no host name", [("Host", "a b")]),
    ("a foreign origin", [("Origin", "https://foreign.example")]),
    ("a foreign site", [("Sec-Fetch-Site", "cross-site")]),
]

CONTROL: list[tuple[str, str, Any]] = [
    ("GET", "/_mock/nope", None),
    ("PATCH", PROJECTS, None),
    ("GET", f"{PROJECTS}?page=1", None),
    ("POST", "/_mock/reset", {"seed": 5}),
    ("GET", f"{PROJECTS}/nope", None),
    ("POST", PROJECTS, {"name": "x"}),
    ("POST", PROJECTS, {"scenario": "nope"}),
    ("POST", PROJECTS, {"scenario": "example", "restores": 5}),
    ("POST", PROJECTS, {"seed": "x"}),
    ("POST", PROJECTS, {"restores": "x"}),
    ("POST", PROJECTS, {"restores": -1}),
    ("POST", PROJECTS, {"restores": 1_000_000}),
    ("POST", PROJECTS, {"restores": 10_000}),
    ("POST", PROJECTS, {"restores": [{"completedAt": "2024-01-31"}]}),
    ("POST", PROJECTS, {"restores": [{"endsAfter": "P40000D"}]}),
    ("POST", PROJECTS, {"restores": [{"status": "done"}]}),
    ("POST", PROJECTS, {"restores": [{"status": "failed", "number": 5}]}),
    ("POST", PROJECTS, {"restores": [{"status": "failed", "id": 5}] * 2}),
    ("POST", PROJECTS, {"restores": [{"status": "failed", "completedAt": "2024-01-31"}]}),
    ("POST", PROJECTS, {"restores": [{"status": "failed", "restoreTimestamp": "soon"}]}),
    ("POST", PROJECTS, {"restores": [{"status": "failed", "restoreTimestamp": "1960-01-01"}]}),
    (
        "POST",
        PROJECTS,
        {
            "restores": [{"status": "completed", "completedAt": "2030-01-01"}],
            "clock": {"mode": "frozen", "now": timestamp(NOW)},
        },
    ),
    ("POST", PROJECTS, {"restores": [{"status": "failed", "restoreTimestamp": timestamp(INSTANT_MAX)}] * 2}),
    ("POST", PROJECTS, {"projectId": "A Project"}),
    ("POST", PROJECTS, {"projectId": "x" * 101}),
    ("POST", PROJECTS, {"projectId": "mine"}),
    ("POST", PROJECTS, {"scenario": "default", "backupId": "no-restores"}),
    ("POST", PROJECTS, {"contract": "2025"}),
    ("POST", PROJECTS, {"permissions": ["everything"]}),
    ("PUT", CLOCK, {}),
    ("PUT", CLOCK, {"mode": "fast"}),
    ("PUT", CLOCK, {"mode": "stepping"}),
    ("PUT", CLOCK, {"mode": "frozen", "now": "now"}),
    ("POST", f"{CLOCK}/advance", {"by": -1}),
    ("POST", f"{CLOCK}/advance", {"by": "P99999999D"}),
    ("POST", f"{CLOCK}/advance", {"by": "P40000D"}),
    ("POST", ON_BACKUP.replace("example-addon", "nope"), {}),
    ("POST", ON_BACKUP.replace("example-backup", "nope"), {}),
    ("POST", ON_BACKUP, {"name": "x"}),
    ("POST", ON_BACKUP, {"outcome": "completed"}),
    ("POST", ON_BACKUP, {"abortAfter": 5, "outcome": "failed"}),
    ("POST", ON_BACKUP, {"startsAfter": 9, "endsAfter": 5}),
    ("POST", ON_BACKUP, {"endsAfter": "P40000D"}),
    ("POST", ON_BACKUP, {"id": 5}),
    ("POST", ON_BACKUP, {"status": "failed", "endsAfter": 5}),
    ("POST", ON_BACKUP, {"status": "completed", "completedAt": "2030-01-01"}),
    ("PUT", PLAN, {"outcome": "failed"}),
    ("PUT", PLAN, {"times": 0}),
    ("PATCH", f"{ON_BACKUP}/6", {"status": "failed"}),
    ("PATCH", f"{ON_BACKUP}/5", {"status": "done"}),
    ("GET", f"{PROJECTS}/mine/walks?wait=5", None),
    ("GET", f"{PROJECTS}/mine/polls", None),
    ("GET", f"{PROJECTS}/mine/polls?restore=6", None),
    ("GET", f"{FAULTS}/fault-9", None),
    ("POST", FAULTS, {}),
    ("POST", FAULTS, {"colour": "red", "fault": RESET}),
    ("POST", FAULTS, {"kind": "status", "status": 503}),
    ("POST", FAULTS, {"fault": {"kind": "slow"}, "bytesPerSecond": 5}),
    ("POST", FAULTS, {"fault": {"kind": "status", "status": 503, "pge": 3}}),
    ("POST", FAULTS, {"fault": {"kind": "status", "status": 503, "page": 3}}),
    ("POST", FAULTS, {"fault": {"kind": "reset", "ms": 3}}),
    ("POST", FAULTS, {"fault": {"kind": "rate-limit"}, "for": 5}),
    ("POST", FAULTS, {"fault": {"kind": "status", "status": 503, "retryAfter": 1.5}}),
    ("POST", FAULTS, {"fault": {"kind": "status", "status": 503, "headers": {"X Y": "x"}}}),
    ("POST", FAULTS, {"fault": {"kind": "status", "status": 503, "headers": {"X": "a\r\nb"}}}),
    ("POST", FAULTS, {"fault": {"kind": "status", "status": 503, "headers": {"Connection": "close"}}}),
    ("POST", FAULTS, {"fault": {"kind": "status", "status": 503, "headers": {"Retry-After": "5"}}}),
    ("POST", FAULTS, {"fault": {"kind": "explode"}}),
    ("POST", FAULTS, {"fault": {"kind": "paging", "what": "nothing"}}),
    ("POST", FAULTS, {"fault": {"kind": "status", "status": 503, "details": "x"}}),
    ("POST", FAULTS, {"fault": {"kind": "status", "status": 200}}),
    ("POST", FAULTS, {"fault": {"kind": "status", "status": 600}}),
    ("POST", FAULTS, {"fault": {"kind": "mutate"}}),
    ("POST", FAULTS, {"fault": RESET, "operation": "health"}),
    ("POST", FAULTS, {"fault": RESET, "operation": "login", "page": 1}),
    ("POST", FAULTS, {"fault": {"kind": "mutate", "insert": 1}, "operation": "login"}),
    ("POST", FAULTS, {"fault": RESET, "probability": "often"}),
]

SCENARIO_FILES = [
    "",
    'help = ""',
    'help = "two\\nlines"',
    'help = "a\\u001b[31mb"',
    "help = 1",
    'help = "x"\nprojekts = []',
    'help = "x"\nprojects = 3',
    'help = "x"\nprojects = [3]',
    'help = "x"\n[[projects]]\nid = "a"\nAddons = []',
    'help = "x"\n[[projects]]\nid = "My App"',
    'help = "x"\n[[projects]]\n[[projects]]\nid = "a--b"',
    f'help = "x"\n[[projects]]\nid = "{"a" * 101}"',
    'help = "x"\n[[projects]]\nid = "a"\n[[projects]]\nid = "a"',
    'help = "x"\n[[projects]]\n[[projects.addons]]\nid = "a"\n[[projects.addons]]\nid = "a"',
]
BACKUP_IN_FILE = 'help = "x"\n[[projects]]\n[[projects.addons]]\n[[projects.addons.backups]]\n'
BACKUPS_IN_FILES = [
    'id = "a"\n[[projects.addons.backups]]\nid = "a"',
    "restores = 3",
    "restores.count = 'ten'",
    "restores.count = '10'",
    "restores.count = true",
    "restores.count = 1.5",
    "restores.count = -1",
    "restores.since = 2024-01-01",
    "restores = { count = 1, colour = 2 }",
    "restores = { count = 1, outcomes = { finished = 1 } }",
    "restores = { count = 1, outcomes = { failed = 0 } }",
    "restores = { count = 1, outcomes = 3 }",
    "restores = { count = 1, outcomes = {} }",
    "restores = { count = 1, since = 'yesterday' }",
    "restores = { count = 1, since = 12:00:00 }",
    "restores = { count = 1, until = 2107-01-01T00:00:00Z }",
    "restores = { count = 1, since = 1969-12-31T23:59:59Z }",
    "restores = { count = 0, since = 2024-01-02, until = 2024-01-01 }",
    "restores = { count = 1001, since = 2024-01-01T00:00:00Z, until = 2024-01-01T00:00:01Z }",
    "restores = [{ completedAt = 2024-01-01 }]",
    "restores = ['failed']",
    "restores = [{ status = 'failed' }, { status = 'finished' }]",
    "restores = [{ status = 'failed', completedAt = 2024-01-01T00:00:00Z }]",
    "restores = [{ status = 'failed', id = -1 }]",
    "restores = [{ status = 'failed', id = 4294967296000 }]",
    "restores = [{ status = 'failed', id = 7 }, { status = 'completed', id = 7 }]",
]

TRIGGERED: list[dict[str, Any]] = [
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 599},
    {"kind": "rate-limit"},
]


def provoke(server: RunningServer, own: SandboxProject) -> Iterator[tuple[str, Any]]:
    """Sends every request; yields it in words, with the response."""
    client = server.client
    yield "no HTTP", send_raw(server, b"no HTTP\r\n\r\n")
    use_up(server, "used-up")
    for words, headers in AUTHORIZATIONS:
        yield f"GET /v1/login with {words}", client.get("/v1/login", headers=headers)
    for method, path in API:
        yield f"{method} {path}", client.request(method, path, headers=bearer())
    yield "OPTIONS restores from a web page", client.options(RESTORES, headers=PREFLIGHT)
    for method, path in OF_PROJECT:
        yield f"{method} {path} with a project's token", client.request(method, path, headers=bearer(own.token))
    yield "POST abort-restore with a form", client.post(ABORT, headers=bearer(), data={"restoreId": "5"})
    for content in ABORTS:
        yield f"POST abort-restore {content!r}", client.post(ABORT, headers=[*bearer(), IS_JSON], content=content)
    for fault in TRIGGERED:
        own.fault(**fault)
        yield f"GET restores with the fault {fault}", client.get(f"{BACKUP}/restores", headers=bearer())
        own.ok("DELETE", "/faults")
    two_hosts = b"GET /_mock/projects HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"
    yield f"GET {PROJECTS} with two hosts", send_raw(server, two_hosts)
    for words, headers in CONTROL_HEADERS:
        yield f"GET {PROJECTS} with {words}", client.get(PROJECTS, headers=headers)
    for method, path, body in CONTROL:
        yield f"{method} {path} {body or ''}".rstrip(), client.request(method, path, json=body)
    own.freeze(INSTANT_MAX).add()
    yield "POST restores at the last supported date", own.on_backup("POST")


def messages() -> Iterator[str]:
    with running_server(SteppedClock(), token=(TOKEN, "used-up"), enforce_rate_limit=True) as server:
        make_project(server, projectId="new", contract="2026")
        own = make_project(
            server,
            projectId="mine",
            permissions=["Project > Addons > General > Read"],
            restores=[{"status": "completed", "id": 5}],
        )
        for request, response in provoke(server, own):
            assert response.status_code >= 400, (request, response.text)
            error = response.json()["error"]
            more = f" {json.dumps(error['details'])}" if error["message"].endswith("see details") else ""
            yield f"{request}\n    {response.status_code}: {error['message']}{more}\n"


def messages_of_files(file: Path) -> Iterator[str]:
    for words, start, contents in (("", "", SCENARIO_FILES), ("'s backup", BACKUP_IN_FILE, BACKUPS_IN_FILES)):
        for content in contents:
            file.write_text(start + content, encoding="utf-8")
            with pytest.raises(UsageError) as rejected:
                read_scenario(file)
            yield f"a scenario file{words} {content!r}\n    {str(rejected.value).replace(str(file), file.name)}\n"


def test_the_messages_are_those_of_the_golden_file(tmp_path: Path, *, update_golden: bool) -> None:
    text = "".join([*messages(), *messages_of_files(tmp_path / "mine.toml")])
    if update_golden:
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")
