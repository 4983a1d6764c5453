"""No report holds an id, a token, a name or a message: reports are made of words that cannot."""

import ast
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

import mockserver.check
from mockserver.check.baseline import Baseline
from mockserver.check.client import Client, Response
from mockserver.check.command import result_lines
from mockserver.check.judging import Result
from mockserver.check.report import json_report, junit_report, markdown_report
from mockserver.check.requests import Token
from mockserver.check.run import run
from tests.check.support import options_for, rows_with, session_for

SECRETS = st.text("abcXYZ0123456789-_.~ /ü", min_size=8, max_size=40).map(lambda text: f"q7{text}")
"""Of any form, except that they begin like no word of the contract."""


class Leaky(Client):
    """A service that puts secrets wherever a service can put a string, a list or an error for each request."""

    def __init__(self, secrets: list[str]) -> None:
        super().__init__("http://127.0.0.1:1")
        self.secrets = secrets
        self.sent = 0

    def send(self, *_: object, **__: object) -> Response:
        self.sent += 1
        kind = self.sent % 4 if self.sent > 3 else 1
        value: Any = {0: self._error(), 1: self._page(), 2: self.secrets, 3: self._page()}[kind]
        status = (200, 400, 401, 404)[self.sent % 4] if kind == 0 else 200
        content = json.dumps(value).encode()
        names = ("content-type", "allow", "www-authenticate", "x-ratelimit-limit", "x-ratelimit-reset", "location")
        return Response(status, tuple((name, self._secret(name)) for name in names), content, 5)

    def _secret(self, salt: str) -> str:
        return self.secrets[(self.sent + len(salt)) % len(self.secrets)]

    def _page(self) -> dict[str, Any]:
        names = ("id", "status", "restoreTimestamp", "completedAt", "name", "appId", "uid", "createdAt")
        item = {name: self._secret(name) for name in names} | {self._secret("a key"): 1}
        pagination = {"hasNextPage": True, "cursor": self._secret("cursor"), "count": self._secret("count")}
        return {"data": {"restores": [item] * 3, self._secret("a list"): []}, "pagination": pagination}

    def _error(self) -> dict[str, Any]:
        details = {self._secret("field"): [self._secret("why")], "requiredPermission": self._secret("permission")}
        error = {"status": self._secret("status"), "message": self._secret("message"), "id": self._secret("id")}
        return {"error": error | {"details": details}, self._secret("a key"): self._secret("value")}


def encoded(secret: str) -> set[str]:
    """A secret, and how it could be encoded."""
    raw = secret.encode()
    return {
        secret,
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        raw.hex(),
    }


@settings(max_examples=25)
@given(secrets=st.lists(SECRETS, min_size=5, max_size=5, unique=True), token=SECRETS.map("Q8{}".format))
def test_no_report_holds_a_secret(secrets: list[str], token: str) -> None:
    project, addon, backup, *_ = secrets
    ids = {"project": project, "addon": addon, "backup": backup, "empty_backup": backup, "other_backup": backup}
    options = options_for("http://127.0.0.1:1", **ids, team=project, contract="2026", probe_auth=True)
    outcome = run(options, session_for(options, client=Leaky(secrets), tokens={Token.MAIN: token}))
    assert len(outcome.exchanges) > 50
    assert outcome.count(Result.DIFFERS) > 10
    assert rows_with(outcome, Result.CHECK_ERROR) == set()
    reports = (json.dumps(json_report(outcome, 0)), junit_report(outcome).decode(), markdown_report(outcome))
    for secret in (*secrets, token):
        for form in encoded(secret):
            for report in reports:
                assert form not in report
    terminal = "\n".join(result_lines(options, outcome, Baseline({})))
    assert not any(form in terminal for form in encoded(token))


WORDS = {"phrase", "either", "holds", "present"}
"""The functions of ``seen`` that show strings of ours."""


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Every call in the package of a function that is named without a dot."""
    for path in Path(mockserver.check.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield path, node, node.func.id


def test_only_seen_makes_the_words_of_a_report() -> None:
    assert {path.name for path, _, name in calls() if name == "Seen"} == {"seen.py"}


def test_phrases_of_ours_are_literals() -> None:
    uses = [(path, call, name) for path, call, name in calls() if name in WORDS]
    assert {name for *_, name in uses} == WORDS
    for path, call, name in uses:
        literals = call.args if name == "phrase" else call.args[1:]
        assert not call.keywords
        assert all(isinstance(one, ast.Constant) for one in literals), f"{path.name} line {call.lineno}"
