"""What is known of each call: what was asked, and what came of it. In memory, and gone with the process."""

import hashlib
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from mockserver.contracts import number_shown
from mockserver.faults.base import Delivery
from mockserver.lifecycle import Status
from mockserver.operations import OperationName
from mockserver.rate_limit import UNCOUNTED, Standing
from mockserver.rules import ActiveRule
from mockserver.walks import ListCall

KEPT = 1000
"""How many calls of a project the journal keeps."""


@dataclass(slots=True)
class Page:
    """What a call that lists asked for, and what it was sent.

    ``number`` is the page's, which a cursor tells. The ids are of the backup whose restores were asked for; ``sent`` is
    the body as it went out, until somebody asks for the journal or a verdict: then it is read, once.
    """

    number: int
    cursor: str | None
    project_id: str = ""
    addon_id: str = ""
    backup_id: str = ""
    sent: bytes | None = None
    next_cursor: str | None = None
    _restores: tuple[tuple[int, Status], ...] = ()

    def restores(self) -> tuple[tuple[int, Status], ...]:
        """The number and the status of each restore that was sent."""
        if self.sent is not None:
            read = json.loads(self.sent)["data"]["restores"]
            self._restores = tuple((number_shown(restore["id"]), Status(restore["status"])) for restore in read)
            self.sent = None
        return self._restores


@dataclass(slots=True)
class Call:
    """One request, from its arrival to its answer.

    ``path`` and ``query`` are as they came over the wire, still percent-encoded. ``arrived`` is in unix milliseconds by
    the machine's clock, ``project_now`` by the project's, ``duration_ms`` by the monotonic clock. ``standing`` is the
    token's rate limit once this call was counted. ``message`` says what was wrong, where something was. ``status`` is 0
    as long as, and where, there is no answer.
    """

    number: int
    method: str
    path: str
    query: str
    arrived: int
    token: str | None = None
    standing: Standing = UNCOUNTED
    operation: OperationName | None = None
    project_now: int | None = None
    page: Page | None = None
    status: int = 0
    duration_ms: float = 0.0
    message: str | None = None
    ignored_parameters: list[str] = field(default_factory=list)
    delivery: Delivery | None = None
    struck_by: list[ActiveRule] = field(default_factory=list)

    @property
    def error_id(self) -> str:
        """Names the answer to this call, should it be an error."""
        return f"request-{self.number:06d}"

    @property
    def failed(self) -> bool:
        return self.status >= 400

    def as_list_call(self) -> ListCall | None:
        """The call as a walk sees it; None where it is in no walk."""
        page = self.page
        if self.operation is not OperationName.LIST_RESTORES or self.method != "GET" or page is None:
            return None
        spoilt = self.delivery is not None and self.delivery.spoilt
        if self.status != 200 and not spoilt:
            return None
        sent = () if spoilt else page.restores()
        return ListCall(
            token=fingerprint(self.token),
            addon_id=page.addon_id,
            backup_id=page.backup_id,
            at=self.arrived,
            cursor=page.cursor,
            page=page.number,
            failed=spoilt,
            restores=tuple(number for number, _ in sent),
            statuses=tuple(status for _, status in sent),
            next_cursor=None if spoilt else page.next_cursor,
        )


class Journal:
    """The last calls of a project, in the order of their answers; ``dropped`` is how many came before those."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self.dropped = 0

    def add(self, call: Call) -> None:
        """Writes down a call whose answer is about to be sent."""
        if len(self._calls) == KEPT:
            self.dropped += 1
        self._calls.append(call)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)


def fingerprint(token: str | None) -> str:
    """What is shown of a token: enough to tell it from others, too little to use it."""
    return hashlib.sha256((token or "").encode()).hexdigest()[:12]
