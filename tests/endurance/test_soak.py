"""The soak finds no error in a correct server, and notices every changed response."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from endurance.connection import Address
from endurance.soak.run import Soak
from tests.endurance.relay import Lie, about_pages, relaying, truth, with_body
from tests.support import RunningServer, running_server

LIMIT_SECONDS = 60
"""A lie that is not noticed within this time fails its test."""


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """A server for this module only, because the clients create projects."""
    with running_server() as running:
        yield running


def soaked(server: RunningServer, lie: Lie = truth, seconds: float = LIMIT_SECONDS) -> Soak:
    """Soaks the server through a relay that lies, until the first wrong response."""
    where = urlsplit(server.url)
    soak = Soak(clients=4, seconds=seconds, seed=1, say=lambda _: None, most_wrong=1, beginning_seconds=0.2)

    async def run() -> None:
        async with relaying(Address(str(where.hostname), int(where.port or 0)), lie) as address:
            await soak.load(address)

    asyncio.run(run())
    return soak


def test_a_correct_server_has_no_wrong_response(server: RunningServer) -> None:
    soak = soaked(server, seconds=3)
    assert [wrong.lines() for wrong in soak.tally.wrong] == []
    assert soak.tally.requests > 20
    report = soak.report([])
    assert (report.exit_code, report.summary["wrong responses"]) == (0, "0")


def leave_one_out(page: dict[str, Any]) -> None:
    page["data"]["restores"].pop()
    page["pagination"]["count"] -= 1


def swap(page: dict[str, Any]) -> None:
    page["data"]["restores"][:2] = reversed(page["data"]["restores"][:2])


def repeat(page: dict[str, Any]) -> None:
    page["data"]["restores"][-1] = page["data"]["restores"][0]


def abort(page: dict[str, Any]) -> None:
    for restore in page["data"]["restores"]:
        restore["status"] = "aborted"


def complete_later(page: dict[str, Any]) -> None:
    for restore in page["data"]["restores"]:
        if "completedAt" in restore:
            restore["completedAt"] = restore["completedAt"][:-4] + "000Z"


def end_early(page: dict[str, Any]) -> None:
    page["pagination"]["hasNextPage"] = False
    page["pagination"].pop("cursor", None)


def null_cursor(page: dict[str, Any]) -> None:
    page["pagination"].setdefault("cursor", None)


def say_more(page: dict[str, Any]) -> None:
    page["data"]["restores"][0]["note"] = ""


def reorder(page: dict[str, Any]) -> dict[str, Any]:
    return {key: page[key] for key in reversed(page)}


def say_it_otherwise(page: dict[str, Any]) -> None:
    page["pagination"]["count"] = str(page["pagination"]["count"])


@pytest.mark.parametrize(
    "change",
    [leave_one_out, swap, repeat, abort, complete_later, end_early, null_cursor, say_more, reorder, say_it_otherwise],
)
def test_a_lie_about_a_page_is_noticed(server: RunningServer, change: Any) -> None:
    (wrong, *_) = soaked(server, about_pages(change)).tally.wrong
    assert wrong.history[-1][0].path.startswith("/v1/")


def test_a_page_of_another_project_is_noticed_and_the_project_is_named(server: RunningServer) -> None:
    pages: dict[bytes, dict[str, Any]] = {}

    def lie(request: bytes, response: bytes) -> bytes:
        project = request.partition(b"/projects/")[2].partition(b"/")[0]

        def change(page: dict[str, Any]) -> dict[str, Any]:
            pages.setdefault(project, page)
            return next((other for owner, other in pages.items() if owner != project), page)

        return about_pages(change)(request, response)

    (wrong, *_) = soaked(server, lie).tally.wrong
    assert "; it is data of project soak-" in wrong.difference


def test_a_page_that_is_remembered_for_too_long_is_noticed(server: RunningServer) -> None:
    remembered: dict[bytes, bytes] = {}

    def lie(request: bytes, response: bytes) -> bytes:
        if not request.startswith(b"GET /v1/") or not response.startswith(b"HTTP/1.1 200"):
            return response
        return remembered.setdefault(request, response)

    assert soaked(server, lie).tally.wrong


def test_an_error_without_a_fault_rule_is_noticed(server: RunningServer) -> None:
    body = json.dumps({"error": {"status": 500, "message": "a bug", "id": "nf-internal"}}).encode()

    def lie(request: bytes, response: bytes) -> bytes:
        return with_body(b"HTTP/1.1 500 Internal Server Error", body) if request.startswith(b"PATCH") else response

    (wrong, *_) = soaked(server, lie).tally.wrong
    assert wrong.difference == "the status"
    assert wrong.got.startswith("500")


def test_a_connection_that_is_closed_without_a_response_is_noticed(server: RunningServer) -> None:
    (wrong, *_) = soaked(server, lambda _, __: b"").tally.wrong
    assert wrong.difference == "no whole response"


def test_a_success_in_place_of_an_error_is_noticed(server: RunningServer) -> None:
    def lie(request: bytes, response: bytes) -> bytes:
        is_error = request.startswith(b"GET") and response.startswith(b"HTTP/1.1 4")
        return with_body(b"HTTP/1.1 200 OK", b"{}") if is_error else response

    assert soaked(server, lie).tally.wrong
