"""What a test expects of its client's walks and polls, and the failure if they differ."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import get_args

from mockserver.testing.models import Polls, Request, Walk
from mockserver.testing.options import Verdict
from mockserver.testing.report import counted, requests_table

__tracebackhide__ = True

_ENDED = ("completed", "failed", "aborted", "not-supported")
_TIMER_SECONDS = 0.02
"""How much shorter than it should be an interval may be, as timers are inexact."""


def check_verdicts(*verdicts: str) -> None:
    """Raises ValueError if one of them is not a verdict."""
    for verdict in verdicts:
        if verdict not in get_args(Verdict):
            raise ValueError(f"unknown verdict {verdict!r}: expected one of {', '.join(get_args(Verdict))}")


def selected(
    walks: Sequence[Walk], backup: str | None, token: str | None, verdict: str | None = None
) -> dict[int, Walk]:
    """The walks over that backup's list, with that token, and with that verdict, by their numbers."""
    return {
        number: walk
        for number, walk in enumerate(walks, start=1)
        if backup in (None, walk.backup_id)
        and (token is None or walk.token == fingerprint(token))
        and verdict in (None, walk.verdict)
    }


def fingerprint(token: str) -> str:
    """What the journal shows of a token."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]


def check_dropped(expected: str, dropped: int) -> None:
    """Fails if the walks cannot be judged, because the journal dropped requests."""
    if dropped:
        raise AssertionError(
            f"expected {expected}, but the journal dropped {counted(dropped, 'request')}, "
            "so the start of the walk is unknown: use larger pages or reset()"
        )


def polls_failure(
    polls: Polls, min_interval: timedelta | float | None, *, stopped: bool, requests: Sequence[Request]
) -> str | None:
    """What is wrong with how a client waited for a restore; None if nothing is."""
    restore = f"restore {polls.restore}"
    problems: list[str | None] = []
    if not polls.responses:
        problems.append(f"no response held {restore}: it was never polled")
    elif min_interval is not None:
        problems.append(_too_often(polls, _seconds(min_interval)))
    if stopped and polls.polled_after_end:
        after = counted(polls.polled_after_end, "request")
        problems.append(f"polled on after the end: {after} came after a response that showed {restore} as ended")
    elif stopped and polls.responses and polls.statuses_seen[-1] not in _ENDED:
        problems.append(f'stopped too early: the last response showed {restore} as "{polls.statuses_seen[-1]}"')
    described = "; ".join(filter(None, problems))
    return f"{described}\n\n{requests_table(requests)}" if described else None


def stored_failure(ids: Sequence[int | str], listed: Sequence[int | str]) -> str | None:
    """What is wrong with what a client stored of a list; None if it is the whole list, each restore once."""
    stored = Counter(ids)
    missing = [restore_id for restore_id in listed if restore_id not in stored]
    repeated = [restore_id for restore_id, times in stored.items() if times > 1]
    unknown = [restore_id for restore_id in stored if restore_id not in listed]
    problems = []
    if missing and missing == list(listed[-len(missing) :]):
        problems.append(f"the last {len(missing)} of the list are missing, as if the last page was not stored")
    elif missing:
        first = f"the first of them {missing[0]!r}, which is number {listed.index(missing[0]) + 1} of the list"
        problems.append(f"{len(missing)} are missing, {first}")
    if repeated:
        problems.append(f"{len(repeated)} are stored more than once, the first of them {repeated[0]!r}")
    if unknown:
        problems.append(f"{len(unknown)} are not in the list, the first of them {unknown[0]!r}")
    return f"expected {len(listed)} restores, each once, got {len(ids)}: {'; '.join(problems)}" if problems else None


def _too_often(polls: Polls, least: float) -> str | None:
    """By whichever clock moved further: the client may wait by either."""
    if polls.shortest_interval_ms is None or polls.shortest_project_interval_ms is None:
        return None
    real, virtual = polls.shortest_interval_ms / 1000, polls.shortest_project_interval_ms / 1000
    if max(real, virtual) + _TIMER_SECONDS >= least:
        return None
    return (
        f"polled restore {polls.restore} too often: every {virtual:g} s by the project's clock at the closest, "
        f"and every {real:g} s by the machine's, expected at least {least:g} s"
    )


def _seconds(duration: timedelta | float) -> float:
    return duration.total_seconds() if isinstance(duration, timedelta) else duration
