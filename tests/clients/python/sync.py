"""A sync: copies a backup's restores into a store of its own. Its typical bugs can be switched on, one by one."""

import json
import time
from collections.abc import Callable, Iterator
from email.message import Message
from enum import StrEnum
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

_OPENER = build_opener(ProxyHandler({}))
_PER_PAGE = 50


class Bug(StrEnum):
    """What the sync does wrong."""

    NONE = "none"
    FORGETS_THE_LAST_PAGE = "stores a page only when there is a next one"
    COUNTS_PAGES = "requests pages by number"
    IGNORES_RETRY_AFTER = "retries at once"
    STOPS_EARLY = "stops after two pages"
    GIVES_UP = "takes a failure for the end"
    OVERRUNS = "requests pages until one is empty"
    COUNTS_BESIDE_CURSORS = "counts pages and sends cursors too"
    NEVER_MOVES_ON = "sends the same cursor again"


def sync(url: str, token: str, *, sleep: Callable[[float], None] = time.sleep, bug: Bug = Bug.NONE) -> list[Any]:
    """The ids of all restores at ``url``, in the order of the list."""
    stored: list[Any] = []
    for body in _pages(url, token, sleep, bug):
        if bug is Bug.FORGETS_THE_LAST_PAGE and not body["pagination"]["hasNextPage"]:
            break
        stored += [restore["id"] for restore in body["data"]["restores"]]
    return stored


def _pages(url: str, token: str, sleep: Callable[[float], None], bug: Bug) -> Iterator[Any]:
    number = 1
    query: dict[str, str] = {}
    while True:
        body = _page(f"{url}?{urlencode({'per_page': _PER_PAGE, **query})}", token, sleep, bug)
        if body is None:
            return
        yield body
        number += 1
        more = body["data"]["restores"] if bug is Bug.OVERRUNS else body["pagination"]["hasNextPage"]
        if not more or (bug is Bug.STOPS_EARLY and number > 2) or (bug is Bug.NEVER_MOVES_ON and number > 4):
            return
        if bug in (Bug.COUNTS_PAGES, Bug.OVERRUNS):
            query = {"page": str(number)}
        elif bug is Bug.COUNTS_BESIDE_CURSORS:
            query = {"page": str(number), "cursor": body["pagination"]["cursor"]}
        elif bug is not Bug.NEVER_MOVES_ON or number == 2:
            query = {"cursor": body["pagination"]["cursor"]}


def _page(url: str, token: str, sleep: Callable[[float], None], bug: Bug) -> Any:
    """One page, requested again after a 429 or 503; None if the sync gives up."""
    while True:
        request = Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - the test's own server
        try:
            with _OPENER.open(request) as response:
                return json.load(response)
        except HTTPError as failure:
            with failure:
                if bug is Bug.GIVES_UP:
                    return None
                if failure.code not in (429, 503):
                    raise
                if bug is not Bug.IGNORES_RETRY_AFTER:
                    sleep(_wait_seconds(failure.headers))


def _wait_seconds(headers: Message) -> float:
    return float(headers.get("Retry-After") or 1)
