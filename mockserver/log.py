"""The server's log: one line when it is ready, and one for each request that the settings select."""

import json
import sys
from typing import TextIO

from mockserver.clock import Clock
from mockserver.instants import timestamp
from mockserver.log_writer import LogWriter
from mockserver.messages import printable
from mockserver.sandbox.records import RequestRecord
from mockserver.settings import LogFormat, LogRequests


class Log:
    """Formats lines, as text or JSON objects, for ``writer`` to write to ``stream`` or else to standard output.

    No method waits for the stream or fails because of it.
    """

    def __init__(self, requests: LogRequests, form: LogFormat, clock: Clock, stream: TextIO | None = None) -> None:
        self._wants_all = requests is LogRequests.ALL
        self._wants_failed = requests is LogRequests.FAILED
        self._form = form
        self._clock = clock
        self.writer = LogWriter(stream or sys.stdout, self._notice)

    def ready(self, url: str, scenario: str, page: str | None) -> None:
        """Logs that the server at ``url`` is ready, and where its live page is, if it has one."""
        if self._form is LogFormat.JSON:
            where = {"url": url, "scenario": scenario} | ({"page": page} if page else {})
            self.writer.put(_as_json({"time": self._now(), "event": "ready", **where}))
        else:
            live_page = f", live page at {page}" if page else ""
            self.writer.put(f"mockserver is ready at {url} (scenario {scenario}){live_page}")

    def wants(self, record: RequestRecord) -> bool:
        return self._wants_all or (self._wants_failed and (record.failed or record.corrupted))

    def request(self, record: RequestRecord) -> None:
        """Logs a request after its response."""
        if self._form is LogFormat.JSON:
            self.writer.put(_as_json(_as_object(record)))
            return
        target = f"{record.path}?{record.query}" if record.query else record.path
        status = record.status or "---"
        duration = f"{record.duration_ms:.1f} ms"
        line = f"{timestamp(record.arrived)} {status} {record.method} {target} {duration} {record.request_id}"
        if record.message:
            line += f" {record.error_id}: {record.message}"
        if record.triggered_rules:
            line += f" [{', '.join(f'{active.id}: {active.fault.name()}' for active in record.triggered_rules)}]"
        self.writer.put(printable(line))

    def _notice(self, dropped: int) -> str:
        if self._form is LogFormat.JSON:
            return _as_json({"time": self._now(), "event": "dropped", "lines": dropped})
        return f"{self._now()} log lines dropped: {dropped}"

    def _now(self) -> str:
        return timestamp(self._clock.now())


def _as_object(record: RequestRecord) -> dict[str, object]:
    entry: dict[str, object] = {
        "time": timestamp(record.arrived),
        "event": "request",
        "method": record.method,
        "path": record.path,
        "query": record.query,
        "status": record.status or None,
        "durationMs": round(record.duration_ms, 3),
        "requestId": record.request_id,
    }
    if record.ignored_parameters:
        entry["ignoredParameters"] = record.ignored_parameters
    if record.message:
        entry |= {"errorId": record.error_id, "message": record.message}
    if record.triggered_rules:
        entry["faults"] = [{"id": active.id, "kind": active.fault.name()} for active in record.triggered_rules]
    return entry


def _as_json(entry: dict[str, object]) -> str:
    return json.dumps(entry).replace("\x7f", "\\u007f")  # the one control character that json.dumps does not escape
