"""Whatever a server sends is a difference or decides nothing; a check never fails because of it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.check.client import Client, Failure, RequestFailedError, Response
from mockserver.check.judging import Result
from mockserver.check.requests import Token
from mockserver.check.run import run
from mockserver.check.undecided import Reason
from tests.check.support import OF_BACKUP, check, new_token, options_for, rows_with, session_for
from tests.support import RunningServer, make_project

NAMES = (
    "data",
    "restores",
    "pagination",
    "error",
    "id",
    "status",
    "cursor",
    "hasNextPage",
    "count",
    "details",
    "paths",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 5) | st.sampled_from(["completed", "x", "2021-01-20T11:19:54.494Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)
PAGES = st.fixed_dictionaries(
    {
        "data": st.fixed_dictionaries({"restores": st.lists(JSON, max_size=3)}) | JSON,
        "pagination": st.fixed_dictionaries({"hasNextPage": JSON, "cursor": JSON, "count": JSON}) | JSON,
    }
)
RESPONSES = st.tuples(st.sampled_from([200, 200, 400, 401, 404]), PAGES | JSON)


class Strange(Client):
    """A service that has these responses, in turn."""

    def __init__(self, responses: list[tuple[int, Any]]) -> None:
        super().__init__("http://127.0.0.1:1")
        self.responses = responses
        self.sent = 0

    def send(self, *_: object, **__: object) -> Response:
        status, value = self.responses[self.sent % len(self.responses)] if self.sent else (200, {})
        self.sent += 1
        return Response(
            status, (("x-ratelimit-limit", "5"), ("content-type", "text/plain")), json.dumps(value).encode(), 1
        )


@settings(max_examples=50)
@given(responses=st.lists(RESPONSES, min_size=1, max_size=7))
def test_no_response_makes_a_check_fail(responses: list[tuple[int, Any]]) -> None:
    given_ids = {"empty_backup": "a", "other_backup": "b", "team": "c", "writes": True, "restore_into": "example-addon"}
    given_ids |= {"weak_token_env": "ANOTHER", "restricted_token_env": "ANOTHER"}
    options = options_for("http://127.0.0.1:1", **OF_BACKUP, **given_ids, max_requests="200", probe_auth=True)
    tokens = dict.fromkeys((Token.MAIN, Token.WEAK, Token.RESTRICTED), "a-token")
    outcome = run(options, session_for(options, client=Strange(responses), tokens=tokens))
    assert rows_with(outcome, Result.CHECK_ERROR) == set()


def test_a_server_that_does_not_speak_tls_cannot_be_reached(server: RunningServer) -> None:
    with pytest.raises(RequestFailedError) as raised:
        Client(server.url.replace("http:", "https:")).send("GET", "/")
    assert raised.value.failure is Failure.UNREACHABLE


def test_a_backup_without_restores_leaves_much_undecided(server: RunningServer) -> None:
    project = make_project(server, restores=[])
    ids = {"project": project.id, "addon": project.backup.addon_id, "backup": project.backup.backup_id}
    outcome = check(
        server.url, **ids, empty_backup="no-restores", rows="operations,actions", writes=True, restore_into=ids["addon"]
    )
    for row in ("operations.last-restore", "actions.abort-ended"):
        assert outcome.findings[row].reason is Reason.NEEDS_DATA
    assert outcome.findings["actions.abort"].result is Result.AGREES


def test_a_restricted_token_that_sees_every_project_is_not_restricted(server: RunningServer) -> None:
    options = options_for(server.url, **OF_BACKUP, rows="tokens", restricted_token_env="ANOTHER")  # noqa: S106 - a name
    session = session_for(options, tokens={Token.MAIN: new_token(), Token.RESTRICTED: new_token()})
    assert run(options, session).findings["tokens.own-project"].seen == "3"
