"""The floor with one SQLite query per request: 50 rows of rendered JSON, from a file in WAL mode."""

import json
import os
import sqlite3
from pathlib import Path

from starlette.types import Receive, Scope, Send

PER_PAGE = 50
QUERY = "SELECT rendered FROM restore WHERE backup = ? AND id < ? ORDER BY id DESC LIMIT ?"
BEGIN, END = b'{"data":{"restores":[', b']},"pagination":{"hasNextPage":true,"count":50}}'


def filled(folder: Path) -> sqlite3.Connection:
    """A store with the restores of the folder; a new one is filled."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS restore"
        " (backup INTEGER, id INTEGER, rendered TEXT, PRIMARY KEY (backup, id)) WITHOUT ROWID"
    )
    restores = json.loads((folder / "restores.json").read_text())
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT OR IGNORE INTO restore VALUES (1, ?, ?)",
        [(restore["id"], json.dumps(restore, separators=(",", ":"))) for restore in restores],
    )
    connection.execute("COMMIT")
    return connection


STORE = filled(Path(os.environ["BENCH_MATERIAL"]))


async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
    rows = STORE.execute(QUERY, (1, 2**63 - 1, PER_PAGE)).fetchall()
    body = BEGIN + ",".join([rendered for (rendered,) in rows]).encode() + END
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
