"""The server's log: one line when it is ready, and one for each request that it was told to log."""

import json
import os
import sys
from typing import TextIO

from mockserver.instants import timestamp
from mockserver.sandbox.journal import Call
from mockserver.settings import LogFormat, LogRequests


class Log:
    """Writes lines, as text or as JSON objects, to standard output or where it is told to."""

    def __init__(self, requests: LogRequests, form: LogFormat, stream: TextIO | None = None) -> None:
        self._requests = requests
        self._form = form
        self._stream = stream or sys.stdout

    def ready(self, url: str, scenario: str, now: int) -> None:
        """Says that the server at ``url`` answers."""
        if self._form is LogFormat.JSON:
            self._write_json({"time": timestamp(now), "event": "ready", "url": url, "scenario": scenario})
        else:
            self._write(f"mockserver is ready at {url} (scenario {scenario})")

    def request(self, call: Call) -> None:
        """Writes down a call that was answered, if such calls are to be logged."""
        if self._requests is LogRequests.ALL or (self._requests is LogRequests.FAILED and (call.failed or call.spoilt)):
            self._request(call)

    def _request(self, call: Call) -> None:
        if self._form is LogFormat.JSON:
            self._write_json(_as_object(call))
            return
        target = f"{call.path}?{call.query}" if call.query else call.path
        status = call.status or "---"
        line = f"{timestamp(call.arrived)} {status} {call.method} {target} {call.duration_ms:.1f} ms"
        if call.message:
            line += f" {call.error_id}: {call.message}"
        if call.struck_by:
            line += f" [{', '.join(f'{active.id}: {active.fault.name()}' for active in call.struck_by)}]"
        self._write(printable(line))

    def _write_json(self, record: dict[str, object]) -> None:
        self._write(json.dumps(record).replace("\x7f", "\\u007f"))  # the one that JSON lets through unescaped

    def _write(self, line: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        try:
            self._stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
            self._stream.flush()
        except BrokenPipeError:  # whoever read the log has gone: serving goes on without one
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


def printable(line: str) -> str:
    """``line`` with all escaped that a client could move a terminal's cursor with, or start a line of its own."""
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
