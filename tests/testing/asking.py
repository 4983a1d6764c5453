"""A simple client that follows cursors, written with the standard library."""

import json
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from mockserver.testing import Project

_OPENER = build_opener(ProxyHandler({}))


def page(mock: Project, query: str = "") -> tuple[int, Any]:
    """Requests one page of a project's restores: the status and the body of the response."""
    url = f"{mock.restores_url}?{query}" if query else mock.restores_url
    request = Request(url, headers={"Authorization": f"Bearer {mock.token}"})  # noqa: S310 - the test's own server
    try:
        with _OPENER.open(request) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def failure_of(assertion: Callable[..., object], *arguments: object, **expected: object) -> str:
    """The message with which an assertion fails."""
    with pytest.raises(AssertionError) as failed:
        assertion(*arguments, **expected)
    return str(failed.value)


def start_restore(mock: Project) -> None:
    """Starts a restore as a client does."""
    url = mock.restores_url.removesuffix("s")
    request = Request(url, headers={"Authorization": f"Bearer {mock.token}"}, method="POST")  # noqa: S310 - the same
    _OPENER.open(request).close()


def walk(mock: Project, max_pages: int = 100) -> list[Any]:
    """Reads the restores by cursor, up to ``max_pages`` pages; repeats a request that failed."""
    restores: list[Any] = []
    query, pages = "", 0
    while pages < max_pages:
        status, body = page(mock, query)
        if status != 200:
            continue
        restores += body["data"]["restores"]
        pages += 1
        if not body["pagination"]["hasNextPage"]:
            break
        query = f"cursor={body['pagination']['cursor']}"
    return restores


def statuses(mock: Project) -> list[str]:
    return [restore["status"] for restore in page(mock)[1]["data"]["restores"]]
