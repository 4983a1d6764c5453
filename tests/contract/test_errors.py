"""The error body: the same for everything that is not a success, whatever went wrong."""

import sqlite3
from dataclasses import replace
from typing import NoReturn

import pytest

from mockserver.store import queries
from tests.contract.answers import (
    RESTORES,
    UNKNOWN_PROJECT,
    Headers,
    ask,
    bearer,
    error_of,
    rate_limit_of,
    received_from,
    send_raw,
    send_raw_get,
    use_up,
)
from tests.support import EXAMPLE, TOKEN, LogRequests, RunningServer, make_project, restores_path, running_server

CLOSING = b"Host: mockserver\r\nConnection: close\r\n\r\n"
METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def test_a_bad_parameter_is_told_with_details(server: RunningServer) -> None:
    assert list(error_of(server.page("per_page=0"), 400)) == ["status", "message", "id", "details"]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [(RESTORES, [], 401), (UNKNOWN_PROJECT, None, 404), ("/v1/nope", None, 404), ("/nope", [], 404)],
)
def test_an_error_to_which_details_add_nothing_has_none(
    server: RunningServer, path: str, headers: Headers | None, status: int
) -> None:
    assert list(error_of(ask(server, path, headers=headers), status)) == ["status", "message", "id"]


def test_a_used_up_limit_is_told_with_what_to_wait(enforcing: RunningServer) -> None:
    use_up(enforcing, "test-errors")
    answer = ask(enforcing, RESTORES, headers=bearer("test-errors"))
    error = error_of(answer, 429)
    _, _, reset = rate_limit_of(answer)
    assert error["details"] == {"resetSeconds": reset}
    assert answer.headers["retry-after"] == str(reset)
    assert str(reset) in error["message"]
    assert "1000 requests an hour" in error["message"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/nope",
        "/v1/services",
        "/v1/projects/default-project",
        "/v1/teams/any",
        "/v1/teams/any/login",
        "/v1/teams//projects/default-project/addons/example-addon/backups/example-backup/restores",
        "/v2/login",
        "/V1/login",
        "/v1/Login",
        "//v1/login",
        "/docs",
        "/redoc",
        "/openapi.yaml",
        f"{RESTORES}/1",
        RESTORES.replace("example-addon", ""),
        RESTORES.replace("/backups", "%2Fbackups"),
    ],
)
def test_an_unknown_route_is_told_by_its_path(server: RunningServer, path: str) -> None:
    error = error_of(send_raw_get(server, path.encode()), 404)
    assert error["message"].startswith(f'no such route "{path}"')


@pytest.mark.parametrize("path", [RESTORES, UNKNOWN_PROJECT, "/v1/login", "/openapi.json"])
@pytest.mark.parametrize("query", ["", "?page=1"])
def test_a_trailing_slash_is_another_route(server: RunningServer, path: str, query: str) -> None:
    error = error_of(ask(server, f"{path}/{query}"), 404)
    assert error["message"] == f'no such route "{path}/": leave out the slash at its end'


@pytest.mark.parametrize("path", [RESTORES, "/v1/", "/v1/login", "/openapi.json"])
def test_a_line_feed_after_a_path_makes_another_route(server: RunningServer, path: str) -> None:
    assert error_of(ask(server, f"{path}%0A"), 404)["message"].startswith("no such route")


@pytest.mark.parametrize(
    ("unknown", "id_sent", "id_told"),
    [
        ("project_id", "%F0%9F%98%80", "😀"),
        ("addon_id", "%ff", "\ufffd"),
        ("backup_id", "%00", "\0"),
        ("project_id", "%ed%a0%80", "\ufffd\ufffd\ufffd"),
        ("addon_id", "%22", '"'),
        ("backup_id", "example-backup%20", "example-backup "),
        ("project_id", "Default-Project", "Default-Project"),
        ("addon_id", "%25", "%"),
        ("backup_id", "%zz", "%zz"),
    ],
)
def test_an_id_of_any_characters_is_one_that_is_not_there(
    server: RunningServer, unknown: str, id_sent: str, id_told: str
) -> None:
    target = restores_path(replace(EXAMPLE, **{unknown: id_sent})).encode()
    error = error_of(send_raw_get(server, target), 404)
    assert error["message"].startswith(f'no {unknown.removesuffix("_id")} "{id_told}"')


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", [RESTORES, "/v1/teams/any" + RESTORES[3:], "/v1/", "/v1/login", "/openapi.json"])
def test_a_wrong_method_is_told_with_those_that_there_are(server: RunningServer, method: str, path: str) -> None:
    answer = ask(server, path, method)
    error = error_of(answer, 405)
    assert answer.headers.get_list("allow") == ["GET, HEAD"]
    assert error["details"] == {"methods": ["GET", "HEAD"]}
    assert error["message"] == f'"{path}" has no method {method}: it has GET, HEAD'


@pytest.mark.parametrize("method", METHODS)
def test_an_unknown_route_has_no_wrong_method(server: RunningServer, method: str) -> None:
    answer = ask(server, "/v1/nope", method)
    error_of(answer, 404)
    assert "allow" not in answer.headers


def test_each_answer_has_an_id_of_its_own(server: RunningServer) -> None:
    paths = [f"{RESTORES}?page=0", UNKNOWN_PROJECT, "/v1/nope", "/nope"] * 5
    ids = {ask(server, path).json()["error"]["id"] for path in paths}
    ids |= {send_raw(server, b"\r\nno HTTP\r\n\r\n").json()["error"]["id"] for _ in range(5)}
    assert len(ids) == len(paths) + 5


def test_an_errors_id_is_in_the_log(server: RunningServer) -> None:
    error = error_of(ask(server, "/v1/to-be-found-again"), 404)
    assert f"{error['id']}: {error['message']}" in server.log.getvalue()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("log_requests", LogRequests)
def test_a_bug_of_ours_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], method: str, log_requests: LogRequests
) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        secret = "what the exception says"  # noqa: S105 - is not one
        raise sqlite3.OperationalError(secret)

    with running_server(log_requests=log_requests) as server:
        monkeypatch.setattr(queries, "restores", fail)
        answer = ask(server, RESTORES, method)
        assert answer.status_code == 500
        assert rate_limit_of(answer) == (1000, 999, 3600)
        if method == "GET":
            error = error_of(answer, 500)
            assert error["message"].startswith("a bug in mockserver (OperationalError in fail, ")
            assert "what the exception says" not in answer.text
            assert "details" not in error
        else:
            assert answer.content == b""
        monkeypatch.undo()
        assert ask(server, RESTORES).status_code == 200
    for written in (server.log.getvalue(), *capfd.readouterr()):
        assert "Traceback" not in written
        assert 'File "' not in written
    assert ("a bug in mockserver" in server.log.getvalue()) is (log_requests is not LogRequests.NONE)


@pytest.mark.parametrize(
    "sent",
    [
        b"no HTTP at all\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32) + b"\r\n\r\n",
        b"FETCH /v1/ HTTP/1.1\r\n" + CLOSING,
        b"get /v1/ HTTP/1.1\r\n" + CLOSING,
        b"GET /v1/ HTTP/9.9\r\n" + CLOSING,
        b"GET  HTTP/1.1\r\n" + CLOSING,
        b"GET v1/ HTTP/1.1\r\n" + CLOSING,
        b"GET /v1/\x00 HTTP/1.1\r\n" + CLOSING,
        b"GET /v1/ HTTP/1.1\r\nno header\r\n" + CLOSING,
        b"GET /v1/ HTTP/1.1\r\nContent-Length: many\r\n" + CLOSING,
        b"GET /v1/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n" + CLOSING,
        b"GET http://mockserver HTTP/1.1\r\n" + CLOSING,
        b"CONNECT mockserver:80 HTTP/1.1\r\n" + CLOSING,
    ],
)
def test_what_is_no_http_gets_the_error_body(server: RunningServer, sent: bytes) -> None:
    answer = send_raw(server, sent)
    error_of(answer, 400)
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("target", ["/v1/projekte-für-alle", "/v1/٣", f"{RESTORES}?per_page=٣", "/v1/?ä"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_target_that_is_not_ascii_gets_the_error_body(server: RunningServer, target: str, encoding: str) -> None:
    error_of(send_raw_get(server, target.encode(encoding)), 400)


@pytest.mark.parametrize("target", [b"/v1/%ff", b"/v1/%", b"/v1/%zz", b"/v1/%00", b"/v1/%ed%a0%80", b"/v1/%c3%28"])
def test_a_path_that_is_not_utf_8_when_decoded_is_an_unknown_route(server: RunningServer, target: bytes) -> None:
    assert error_of(send_raw_get(server, target), 404)["message"].startswith("no such route")


@pytest.mark.parametrize("length", [2**15, 2**16, 2**16 + len(RESTORES), 2**17 + len("/v1/"), 10**6])
@pytest.mark.parametrize("prefix", ["/", f"{RESTORES}/", f"{RESTORES}?unknown="])
def test_an_overlong_url_is_never_taken_for_a_shorter_one(server: RunningServer, length: int, prefix: str) -> None:
    answer = send_raw_get(server, prefix.encode() + b"x" * length)
    if length < 2**16:
        assert answer.status_code == (200 if "?" in prefix else 404)
    else:
        error_of(answer, 414)


def test_an_unknown_route_of_any_length_is_told_in_a_message_of_readable_length(server: RunningServer) -> None:
    error = error_of(send_raw_get(server, b"/v1/" + b"x" * 60_000), 404)
    assert len(error["message"]) < 600


def test_an_unknown_restore_of_any_length_is_told_in_a_message_of_readable_length(server: RunningServer) -> None:
    project = make_project(server, scenario="single")
    for answer in (project.abort("9" * 60_000), project.on_backup("DELETE", f"/{'9' * 5_000}")):
        assert len(error_of(answer, 404)["message"]) < 200


def test_a_body_that_is_not_called_json_is_refused_with_the_header_that_is_missing(server: RunningServer) -> None:
    project = make_project(server, scenario="single")
    answer = project.ask(
        "POST",
        f"/addons/{project.backup.addon_id}/backups/{project.backup.backup_id}/abort-restore",
        content='{"restoreId": "1"}',
    )
    assert "send the header `Content-Type: application/json`" in error_of(answer, 400)["message"]


@pytest.mark.parametrize(
    ("path", "status"),
    [(f"{RESTORES}?per_page=0", 400), (UNKNOWN_PROJECT, 404), ("/v1/nope", 404), ("/nope", 404), (f"{RESTORES}/", 404)],
)
def test_head_of_an_error_has_its_headers_and_no_body(server: RunningServer, path: str, status: int) -> None:
    got, head = ask(server, path), ask(server, path, "HEAD")
    error_of(got, status)
    assert head.status_code == status
    assert head.content == b""
    assert head.headers["content-type"] == "application/json"
    assert head.headers["content-length"] == got.headers["content-length"]


def test_head_of_an_error_leaves_the_connection_good_for_the_next_request(server: RunningServer) -> None:
    head = f"HEAD /v1/nope HTTP/1.1\r\nHost: mockserver\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
    first, _, rest = received_from(server, head.encode() + b"GET /v1/ HTTP/1.1\r\n" + CLOSING).partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")
    assert rest.endswith(b"\r\n\r\nsuccess")
