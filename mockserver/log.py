"""The server's log: one line when it is ready, and one for each request that it was told to log."""

import json
import os
import sys
from typing import TextIO

from mockserver.instants import timestamp
from mockserver.sandbox.journal import RequestRecord
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

    def request(self, record: RequestRecord) -> None:
        """Writes down a call that was answered, if such calls are to be logged."""
        if self._requests is LogRequests.ALL or (
            self._requests is LogRequests.FAILED and (record.failed or record.corrupted)
        ):
            self._request(record)

    def _request(self, record: RequestRecord) -> None:
        if self._form is LogFormat.JSON:
            self._write_json(_as_object(record))
            return
        target = f"{record.path}?{record.query}" if record.query else record.path
        status = record.status or "---"
        line = f"{timestamp(record.arrived)} {status} {record.method} {target} {record.duration_ms:.1f} ms"
        if record.message:
            line += f" {record.error_id}: {record.message}"
        if record.triggered_rules:
            line += f" [{', '.join(f'{active.id}: {active.fault.name()}' for active in record.triggered_rules)}]"
        self._write(printable(line))

    def _write_json(self, entry: dict[str, object]) -> None:
        self._write(json.dumps(entry).replace("\x7f", "\\u007f"))  # the one that JSON lets through unescaped

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


def _as_object(record: RequestRecord) -> dict[str, object]:
    entry: dict[str, object] = {
        "time": timestamp(record.arrived),
        "event": "request",
        "method": record.method,
        "path": record.path,
        "query": record.query,
        "status": record.status or None,
        "durationMs": round(record.duration_ms, 3),
    }
    if record.ignored_parameters:
        entry["ignoredParameters"] = record.ignored_parameters
    if record.message:
        entry |= {"errorId": record.error_id, "message": record.message}
    if record.triggered_rules:
        entry["faults"] = [{"id": active.id, "kind": active.fault.name()} for active in record.triggered_rules]
    return entry
