"""The floor: what uvicorn takes to send one page's bytes, whatever made them. No Python server under it does less."""

import os
from pathlib import Path

from starlette.types import Receive, Scope, Send

PAGE = Path(os.environ["BENCH_MATERIAL"], "page.json").read_bytes()
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(PAGE))]


async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": PAGE})
