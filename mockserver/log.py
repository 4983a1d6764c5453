"""The server's log: one line when it is ready, and one for each request that it was told to log."""

import json
import sys
from typing import TextIO

from mockserver.clock import Clock
from mockserver.journal import Call
from mockserver.log_writer import LogWriter
from mockserver.settings import LogFormat, LogRequests
from mockserver.wire import timestamp


class Log:
    """Makes lines, as text or as JSON objects, which ``writer`` writes to ``stream``, or else to standard output.

    No method waits for the stream, or fails because of it.
    """

    def __init__(self, requests: LogRequests, form: LogFormat, clock: Clock, stream: TextIO | None = None) -> None:
        self._requests = requests
        self._form = form
        self._clock = clock
        self.writer = LogWriter(stream or sys.stdout, self._notice)

    def ready(self, url: str, scenario: str) -> None:
        """Says that the server at ``url`` answers."""
        if self._form is LogFormat.JSON:
            self.writer.put(_as_json({"time": self._now(), "event": "ready", "url": url, "scenario": scenario}))
        else:
            self.writer.put(f"mockserver is ready at {url} (scenario {scenario})")

    def wants(self, call: Call) -> bool:
        """Whether such calls are to be logged."""
        if self._requests is LogRequests.FAILED:
            return call.failed or (call.delivery is not None and call.delivery.spoilt)
        return self._requests is LogRequests.ALL

    def request(self, call: Call) -> None:
        """Writes down a call that was answered."""
        if self._form is LogFormat.JSON:
            self.writer.put(_as_json(_as_object(call)))
            return
        target = f"{call.path}?{call.query}" if call.query else call.path
        status = call.status or "---"
        line = f"{timestamp(call.arrived)} {status} {call.method} {target} {call.duration_ms:.1f} ms"
        if call.message:
            line += f" {call.error_id}: {call.message}"
        if call.struck_by:
            line += f" [{', '.join(f'{active.id}: {active.fault.name()}' for active in call.struck_by)}]"
        self.writer.put(printable(line))

    def _notice(self, dropped: int) -> str:
        if self._form is LogFormat.JSON:
            return _as_json({"time": self._now(), "event": "dropped", "lines": dropped})
        return f"{self._now()} log lines dropped: {dropped}"

    def _now(self) -> str:
        return timestamp(self._clock.now())


def printable(line: str) -> str:
    """``line`` with all escaped that a client could move a terminal's cursor with, or start a line of its own."""
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)


def _as_object(call: Call) -> dict[str, object]:
    record: dict[str, object] = {
        "time": timestamp(call.arrived),
        "event": "request",
        "method": call.method,
        "path": call.path,
        "query": call.query,
        "status": call.status or None,
        "durationMs": round(call.duration_ms, 3),
    }
    if call.ignored_parameters:
        record["ignoredParameters"] = call.ignored_parameters
    if call.message:
        record |= {"errorId": call.error_id, "message": call.message}
    if call.struck_by:
        record["faults"] = [{"id": active.id, "kind": active.fault.name()} for active in call.struck_by]
    return record


def _as_json(record: dict[str, object]) -> str:
    return json.dumps(record).replace("\x7f", "\\u007f")  # the one that JSON lets through unescaped
