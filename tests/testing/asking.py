"""A client as a person writes one for a try: the standard library, page by page."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from mockserver.testing import Project

_OPENER = build_opener(ProxyHandler({}))


def page(mock: Project, query: str = "") -> tuple[int, Any]:
    """One page of a project's restores: status and body."""
    url = f"{mock.restores_url}?{query}" if query else mock.restores_url
    asked = Request(url, headers={"Authorization": f"Bearer {mock.token}"})  # noqa: S310 - of our own server
    try:
        with _OPENER.open(asked) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def walk(mock: Project, most: int = 100) -> list[Any]:
    """All restores, by cursor, asking again where it got an error; or so many pages of them."""
    restores: list[Any] = []
    query, pages = "", 0
    while pages < most:
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
