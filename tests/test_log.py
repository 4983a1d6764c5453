"""The log: which requests it has, in which format, and safe from text that clients send."""

import io
import json
from typing import Any

import pytest

from mockserver.log import Log
from mockserver.sandbox.records import RequestRecord
from mockserver.settings import LogFormat, LogRequests
from tests.support import PATIENCE_SECONDS, TOKEN, SteppedClock, restores_path, running_server

NOW = 1_750_000_000_000
TIME = "2025-06-15T15:06:40.000Z"


def record(path: str = "/v1/x", query: str = "", status: int = 200, **fields: Any) -> RequestRecord:
    return RequestRecord(7, "GET", path, query, NOW, status=status, duration_ms=1.25, **fields)


def logged(
    *records: RequestRecord, requests: LogRequests = LogRequests.ALL, form: LogFormat = LogFormat.TEXT
) -> list[str]:
    stream = io.StringIO()
    log = Log(requests, form, SteppedClock(), stream)
    for logged_record in records:
        if log.wants(logged_record):
            log.request(logged_record)
    log.writer.flush(PATIENCE_SECONDS, PATIENCE_SECONDS)
    log.writer.close()
    return stream.getvalue().splitlines()


@pytest.mark.parametrize(
    ("requests", "statuses"),
    [
        (LogRequests.ALL, [200, 399, 400, 500]),
        (LogRequests.FAILED, [400, 500]),
        (LogRequests.NONE, []),
    ],
)
@pytest.mark.parametrize("form", LogFormat)
def test_the_settings_select_the_requests_to_log(requests: LogRequests, statuses: list[int], form: LogFormat) -> None:
    lines = logged(*(record(status=status) for status in (200, 399, 400, 500)), requests=requests, form=form)
    assert len(lines) == len(statuses)
    assert all(str(status) in line for status, line in zip(statuses, lines, strict=True))


@pytest.mark.parametrize(
    ("logged_record", "line"),
    [
        (record(), f"{TIME} 200 GET /v1/x 1.2 ms request-000007"),
        (record(query="page=2"), f"{TIME} 200 GET /v1/x?page=2 1.2 ms request-000007"),
        (record(status=404, error_id="nf-x", message="none"), f"{TIME} 404 GET /v1/x 1.2 ms request-000007 nf-x: none"),
        (record(path="/a\x1b[2J\n\x7f\x85é"), f"{TIME} 200 GET /a\\x1b[2J\\n\\x7f\\x85é 1.2 ms request-000007"),
        (
            record(status=400, error_id="nf-x", message="a\r\nb"),
            f"{TIME} 400 GET /v1/x 1.2 ms request-000007 nf-x: a\\r\\nb",
        ),
    ],
)
def test_a_text_line_has_the_request_and_the_error(logged_record: RequestRecord, line: str) -> None:
    assert logged(logged_record) == [line]


def test_a_json_line_has_all_keys() -> None:
    logged_record = record(query="page=0&x=1", status=400, error_id="nf-invalid-query", message="page must be \x7f…")
    logged_record.ignore("x")
    (line,) = logged(logged_record, form=LogFormat.JSON)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == {
        "time": TIME,
        "event": "request",
        "method": "GET",
        "path": "/v1/x",
        "query": "page=0&x=1",
        "status": 400,
        "durationMs": 1.25,
        "ignoredParameters": ["x"],
        "requestId": "request-000007",
        "errorId": "nf-invalid-query",
        "message": "page must be \x7f…",
    }


def test_a_json_line_of_a_successful_request_has_no_error_keys() -> None:
    (line,) = logged(record(), form=LogFormat.JSON)
    assert list(json.loads(line)) == ["time", "event", "method", "path", "query", "status", "durationMs", "requestId"]


@pytest.mark.parametrize("form", LogFormat)
def test_the_ready_line_has_the_url_to_paste(form: LogFormat) -> None:
    with running_server(SteppedClock(), log_format=form, scenario="example") as server:
        line = server.log.getvalue()
    if form is LogFormat.TEXT:
        assert line == f"mockserver is ready at {server.url} (scenario example), live page at {server.url}/_mock/\n"
    else:
        assert json.loads(line) == {
            "time": TIME,
            "event": "ready",
            "url": server.url,
            "scenario": "example",
            "page": f"{server.url}/_mock/",
        }


def test_without_the_control_plane_the_ready_line_names_no_page() -> None:
    with running_server(SteppedClock(), no_control=True, scenario="example") as server:
        assert server.log.getvalue() == f"mockserver is ready at {server.url} (scenario example)\n"


@pytest.mark.parametrize("form", LogFormat)
def test_text_from_a_client_stays_on_one_printable_line(form: LogFormat) -> None:
    with running_server(log_format=form) as server:
        response = server.get("/v1/%1B[2J%0Aforged%7F%C2%85")
    assert response.status_code == 404
    ready, line = server.log.getvalue().splitlines()
    assert line.isprintable()
    assert (json.loads(line)["message"] if form is LogFormat.JSON else line).count("forged") >= 1
    assert ready


def test_a_failed_request_is_logged_with_its_error_message() -> None:
    with running_server() as server:
        server.page()
        error = server.page("page=0").json()["error"]
    _, line = server.log.getvalue().splitlines()
    assert f" 400 GET {restores_path()}?page=0 " in line
    assert line.endswith(f"{error['id']}: {error['message']}")
    assert TOKEN not in line
