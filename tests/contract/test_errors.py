"""The error body, which is the same for every response that is not a success."""

import re
import sqlite3
from collections.abc import Callable
from typing import NoReturn

import httpx2
import pytest

from mockserver.settings import LogRequests
from mockserver.store import queries
from tests.contract.responses import (
    RESTORES,
    UNKNOWN_PROJECT,
    Headers,
    ask,
    error_of,
    rate_limit_of,
    received_from,
    send_raw,
    send_raw_get,
)
from tests.support import EXAMPLE, TOKEN, RunningServer, make_project, restores_path, running_server

CLOSING = b"Host: mockserver\r\nConnection: close\r\n\r\n"
METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def test_the_error_for_an_invalid_parameter_has_details(server: RunningServer) -> None:
    assert list(error_of(server.page("per_page=0"), 400)) == ["status", "message", "id", "details"]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [(RESTORES, [], 401), (UNKNOWN_PROJECT, None, 404), ("/v1/nope", None, 404), ("/nope", [], 404)],
)
def test_an_error_without_details_has_no_such_key(
    server: RunningServer, path: str, headers: Headers | None, status: int
) -> None:
    assert list(error_of(ask(server, path, headers=headers), status)) == ["status", "message", "id"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/nope",
        "/v1/services",
        "/v1/teams/any/login",
        "/v1/teams//projects/default-project/addons/example-addon/backups/example-backup/restores",
        "/v2/login",
        "/V1/login",
        "/v1/Login",
        "//v1/login",
        "/docs/",
        "/redoc",
        "/openapi.yaml",
        f"{RESTORES}/1",
        RESTORES.replace("example-addon", ""),
        RESTORES.replace("/backups", "%2Fbackups"),
    ],
)
def test_the_error_for_an_unknown_route_names_the_path(server: RunningServer, path: str) -> None:
    error = error_of(send_raw_get(server, path.encode()), 404)
    assert error["message"].startswith(f'no such route "{path}"')


@pytest.mark.parametrize("team", ["", "/teams/a-team"])
@pytest.mark.parametrize(
    "path",
    [
        "/projects/a",
        "/projects/a/services",
        "/projects/a/services/b/build/c",
        "/projects/a/addons/b",
        "/projects/a/addons/b/credentials",
        "/projects/a/addons/b/backups/c/download-link",
        "/teams",
        "/teams/b",
        "/domains/example.com/verify",
    ],
)
def test_a_path_of_the_vendor_that_is_not_here_is_not_emulated(server: RunningServer, team: str, path: str) -> None:
    error = error_of(send_raw_get(server, f"/v1{team}{path}".encode()), 404)
    assert error["message"].startswith(f'"/v1{team}{path}" is not emulated')


@pytest.mark.parametrize("path", [RESTORES, UNKNOWN_PROJECT, "/v1/login", "/openapi.json"])
@pytest.mark.parametrize("query", ["", "?page=1"])
def test_a_trailing_slash_is_another_route(server: RunningServer, path: str, query: str) -> None:
    error = error_of(ask(server, f"{path}/{query}"), 404)
    assert f'"{path}/"' in error["message"]
    assert "slash" in error["message"]


@pytest.mark.parametrize("path", [RESTORES, "/v1/", "/v1/login", "/openapi.json"])
def test_a_line_feed_after_a_path_makes_another_route(server: RunningServer, path: str) -> None:
    assert error_of(ask(server, f"{path}%0A"), 404)["message"].startswith("no such route")


@pytest.mark.parametrize(
    ("unknown", "id_sent", "id_quoted"),
    [
        ("project_id", "%F0%9F%98%80", "😀"),
        ("addon_id", "%ff", "\ufffd"),
        ("backup_id", "%00", "\\x00"),
        ("project_id", "%ed%a0%80", "\ufffd\ufffd\ufffd"),
        ("addon_id", "%22", '"'),
        ("backup_id", "example-backup%20", "example-backup "),
        ("project_id", "Default-Project", "Default-Project"),
        ("addon_id", "%25", "%"),
        ("backup_id", "%zz", "%zz"),
    ],
)
def test_an_unknown_id_may_have_any_characters(
    server: RunningServer, unknown: str, id_sent: str, id_quoted: str
) -> None:
    target = restores_path(EXAMPLE._replace(**{unknown: id_sent})).encode()
    error = error_of(send_raw_get(server, target), 404)
    assert error["message"].startswith(f'no {unknown.removesuffix("_id")} "{id_quoted}"')


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", [RESTORES, "/v1/teams/any" + RESTORES[3:], "/v1/", "/v1/login", "/openapi.json"])
def test_a_405_lists_the_methods_that_the_route_has(server: RunningServer, method: str, path: str) -> None:
    response = ask(server, path, method)
    error = error_of(response, 405)
    assert response.headers.get_list("allow") == ["GET, HEAD"]
    assert "details" not in error
    assert f'"{path}"' in error["message"]
    assert method in error["message"]
    assert "GET, HEAD" in error["message"]


@pytest.mark.parametrize("method", METHODS)
def test_an_unknown_route_is_a_404_for_every_method(server: RunningServer, method: str) -> None:
    response = ask(server, "/v1/nope", method)
    error_of(response, 404)
    assert "allow" not in response.headers


def test_each_response_has_a_request_id_of_its_own(server: RunningServer) -> None:
    paths = [
        RESTORES,
        "/v1/",
        "/v1/login",
        f"{RESTORES}?page=0",
        UNKNOWN_PROJECT,
        "/v1/nope",
        "/nope",
        "/_mock/health",
    ] * 3
    responses = [ask(server, path, method) for path in paths for method in ("GET", "HEAD")]
    responses += [send_raw(server, b"\r\nno HTTP\r\n\r\n") for _ in range(5)]
    ids = [response.headers.get_list("x-request-id") for response in responses]
    assert all(re.fullmatch(r"request-\d{6,}", one) for (one,) in ids)
    assert len({one for (one,) in ids}) == len(responses)


def aborted(server: RunningServer, body: bytes) -> httpx2.Response:
    """The response to a request to abort a restore, with any body."""
    path = "/addons/example-addon/backups/example-backup/abort-restore"
    project = make_project(server, scenario="single")
    return project.ask("POST", path, content=body, headers={"Content-Type": "application/json"})


IDS: dict[str, Callable[[RunningServer], httpx2.Response]] = {
    "nf-unauthorized": lambda server: ask(server, RESTORES, headers=[]),
    "nf-invalid-query": lambda server: server.page("per_page=0"),
    "nf-invalid-request-body": lambda server: aborted(server, b"{}"),
    "nf-not-found": lambda server: ask(server, UNKNOWN_PROJECT),
    "nf-method-not-allowed": lambda server: ask(server, RESTORES, "POST"),
    "nf-conflict": lambda server: make_project(server, restores=[{"status": "failed", "id": 5}]).abort("5"),
    "nf-too-large": lambda server: send_raw_get(server, b"/v1/" + b"x" * 2**17),
    "nf-invalid-request": lambda server: send_raw(server, b"no HTTP\r\n\r\n"),
}


@pytest.mark.parametrize("error_id", IDS)
def test_the_id_of_an_error_is_the_code_of_its_kind(server: RunningServer, error_id: str) -> None:
    for _ in range(2):
        response: httpx2.Response = IDS[error_id](server)
        assert error_of(response, response.status_code)["id"] == error_id


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("log_requests", LogRequests)
@pytest.mark.parametrize("exception", [sqlite3.OperationalError, ZeroDivisionError])
def test_a_bug_is_a_500_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    method: str,
    log_requests: LogRequests,
    exception: type[Exception],
) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        secret = "what the exception says"  # noqa: S105 - is not one
        raise exception(secret)

    with running_server(log_requests=log_requests) as server:
        monkeypatch.setattr(queries, "restores", fail)
        response = ask(server, RESTORES, method)
        assert response.status_code == 500
        assert rate_limit_of(response) == (1000, 999, 3600)
        if method == "GET":
            error = error_of(response, 500)
            assert error["message"].startswith(f"a bug in mockserver ({exception.__name__} in fail, ")
            assert "what the exception says" not in response.text
            assert "details" not in error
        else:
            assert response.content == b""
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
def test_bytes_that_are_not_http_get_the_error_body(server: RunningServer, sent: bytes) -> None:
    response = send_raw(server, sent)
    error_of(response, 400)
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize("target", ["/v1/projekte-für-alle", "/v1/٣", f"{RESTORES}?per_page=٣", "/v1/?ä"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_target_that_is_not_ascii_gets_the_error_body(server: RunningServer, target: str, encoding: str) -> None:
    error_of(send_raw_get(server, target.encode(encoding)), 400)


@pytest.mark.parametrize("target", [b"/v1/%ff", b"/v1/%", b"/v1/%zz", b"/v1/%00", b"/v1/%ed%a0%80", b"/v1/%c3%28"])
def test_a_path_that_is_not_utf_8_when_decoded_is_an_unknown_route(server: RunningServer, target: bytes) -> None:
    assert error_of(send_raw_get(server, target), 404)["message"].startswith("no such route")


@pytest.mark.parametrize("length", [2**15, 2**16, 2**16 + len(RESTORES), 2**17 + len("/v1/"), 10**6])
@pytest.mark.parametrize("prefix", ["/", f"{RESTORES}/", f"{RESTORES}?unknown="])
def test_an_overlong_url_is_never_truncated_to_a_shorter_one(server: RunningServer, length: int, prefix: str) -> None:
    response = send_raw_get(server, prefix.encode() + b"x" * length)
    if length < 2**16:
        assert response.status_code == (200 if "?" in prefix else 404)
    else:
        error_of(response, 414)


def test_the_message_for_a_long_unknown_route_is_short(server: RunningServer) -> None:
    error = error_of(send_raw_get(server, b"/v1/" + b"x" * 60_000), 404)
    assert len(error["message"]) < 600


def test_the_message_for_a_long_unknown_restore_id_is_short(server: RunningServer) -> None:
    project = make_project(server, scenario="single")
    for response in (project.abort("9" * 60_000), project.on_backup("DELETE", f"/{'9' * 5_000}")):
        assert len(error_of(response, 404)["message"]) < 200


def test_the_error_for_a_body_without_a_json_content_type_names_the_header(server: RunningServer) -> None:
    project = make_project(server, scenario="single")
    response = project.ask(
        "POST",
        f"/addons/{project.backup.addon_id}/backups/{project.backup.backup_id}/abort-restore",
        content='{"restoreId": "1"}',
    )
    (problem,) = error_of(response, 400)["details"]["body"]
    assert "Content-Type: application/json" in problem


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


def test_a_connection_is_usable_after_a_head_that_ends_in_an_error(server: RunningServer) -> None:
    head = f"HEAD /v1/nope HTTP/1.1\r\nHost: mockserver\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
    first, _, rest = received_from(server, head.encode() + b"GET /v1/ HTTP/1.1\r\n" + CLOSING).partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")
    assert rest.endswith(b"\r\n\r\nsuccess")
