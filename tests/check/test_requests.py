"""The curl command that repeats a request: it has the ids, and a variable in place of the token."""

import json
import shlex

import pytest

from mockserver.check.requests import ABORT, LIST, Exchange, Token

VALUES = {"projectId": "a project", "addonId": "b", "backupId": "c", "cursor": "x/y"}
URL = "https://api.northflank.com"
BACKUP = f"{URL}/v1/projects/a%20project/addons/b/backups/c"


def exchange(
    method: str, template: str, token: Token, *, body: bytes | None = None, scheme: str = "Bearer"
) -> Exchange:
    headers = (("User-Agent", "us"), ("Authorization", f"{scheme} a-secret"))
    return Exchange(1, "a request", method, template, VALUES, token, headers, body)


def test_a_get_has_the_variable_of_its_token() -> None:
    command = exchange("GET", f"{LIST}?cursor={{cursor}}", Token.MAIN).curl(URL)
    header = '"Authorization: Bearer $NORTHFLANK_TOKEN"'
    assert command == f"curl -si -H {header} '{BACKUP}/restores?cursor=x%2Fy'"


@pytest.mark.parametrize("token", [Token.WEAK, Token.RESTRICTED])
def test_another_token_has_another_variable(token: Token) -> None:
    command = exchange("HEAD", LIST, token).curl(URL)
    assert shlex.split(command)[:2] == ["curl", "-sI"]
    assert f"Bearer ${token.name}_TOKEN" in command
    assert "a-secret" not in command


def test_a_bad_header_of_ours_is_shown() -> None:
    assert "Authorization: Basic a-secret" in exchange("GET", LIST, Token.NONE, scheme="Basic").curl(URL)


def test_a_post_has_its_body() -> None:
    body = {"restoreId": "it's"}
    words = shlex.split(exchange("POST", ABORT, Token.MAIN, body=json.dumps(body).encode()).curl(URL))
    assert words[2:4] == ["-X", "POST"]
    assert json.loads(words[words.index("-d") + 1]) == body
    assert words[-1] == f"{BACKUP}/abort-restore"
