"""The floor: uvicorn sends the fixed bytes of one page. No Python server under uvicorn can be faster."""

import os
from pathlib import Path

from starlette.types import Receive, Scope, Send

PAGE = Path(os.environ["BENCH_MATERIAL"], "page.json").read_bytes()
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(PAGE))]


async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": PAGE})
