"""Waits for a restore to end. Its typical bugs can be switched on, one by one."""

import json
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

_OPENER = build_opener(ProxyHandler({}))
_ENDED: tuple[str, ...] = ("completed", "failed", "aborted", "not-supported")
_EVERY_SECONDS = 10


class Bug(StrEnum):
    """What the client does wrong."""

    NONE = "none"
    TOO_OFTEN = "polls every second"
    GOES_ON = "polls until the time is up"
    WAITS_FOR_SUCCESS = "waits only for completed"
    STOPS_EARLY = "takes in-progress for an end"
    NEVER_ASKS = "asks for nothing"


def wait_for_restore(
    url: str,
    token: str,
    restore_id: Any,
    *,
    timeout: float = 600,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
    bug: Bug = Bug.NONE,
) -> str | None:
    """The status in which the restore ended; None if it did not end within ``timeout`` seconds."""
    deadline = monotonic() + timeout
    ended = _ENDED
    if bug is Bug.STOPS_EARLY:
        ended += ("in-progress",)
    if bug is Bug.WAITS_FOR_SUCCESS:
        ended = ("completed",)
    while bug is not Bug.NEVER_ASKS and monotonic() < deadline:
        status = _status(url, token, restore_id)
        if status in ended and bug is not Bug.GOES_ON:
            return status
        sleep(1 if bug is Bug.TOO_OFTEN else _EVERY_SECONDS)
    return None


def _status(url: str, token: str, restore_id: Any) -> str:
    request = Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - the test's own server
    with _OPENER.open(request) as response:
        restores = json.load(response)["data"]["restores"]
    return next(str(restore["status"]) for restore in restores if restore["id"] == restore_id)
