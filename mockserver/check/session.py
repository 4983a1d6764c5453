"""Sends the requests of a check, within its budget and at its pace, and records them."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from mockserver.check.client import Client, Headers, RequestFailedError
from mockserver.check.record import Record
from mockserver.check.requests import READS, Exchange, Token
from mockserver.check.undecided import Reason
from mockserver.clock import Clock, MachineClock
from mockserver.version import version

REQUESTS_PER_SECOND = 5
RESERVED_SHARE = 0.1
"""The share of the service's rate limit that a check leaves to others."""

MAX_RETRY_SECONDS = 120
"""The longest Retry-After that is waited for."""

EXPECTS_429 = frozenset({"limited:429"})
"""The requests that a 429 is the right response to."""

MAX_FAILURES = 3
"""How many requests in a row may get no response."""


class StoppedError(Exception):
    """No more requests are sent."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass
class Session:
    """One run against one server. ``budget`` is None if there is none; ``pause`` sleeps for some seconds."""

    client: Client
    values: dict[str, str]
    tokens: dict[Token, str]
    budget: int | None = None
    paced: bool = True
    may_write: bool = False
    pause: Callable[[float], None] = time.sleep
    progress: Callable[[str], None] = lambda _: None
    clock: Clock = field(default_factory=MachineClock)
    watch_seconds: float = 0.0
    record: Record = field(default_factory=Record)
    _sent: int = 0
    _failures: int = 0
    _waited: bool = False
    _last: float = 0.0

    def get(self, name: str, template: str, *, token: Token = Token.MAIN, **values: str) -> Exchange:
        """Sends a GET, with one of the tokens; ``values`` are for the names in ``template`` that no option gives."""
        return self.send("GET", name, template, token=token, values=values)

    def send(
        self,
        method: str,
        name: str,
        template: str,
        *,
        token: Token = Token.MAIN,
        headers: Headers = (),
        values: dict[str, str] | None = None,
        body: Any = None,
    ) -> Exchange:
        """Sends a request, and records it under ``name``. Raises StoppedError if no more may be sent."""
        if method not in READS and not self.may_write:
            raise ValueError(f"{method} would write")
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        exchange = Exchange(
            number=0,
            name=name,
            method=method,
            template=template,
            values=self.values | (values or {}),
            token=token,
            headers=self._headers(token, headers, content),
            body=content,
        )
        received = self._transmit(exchange)
        while received.status == 429 and name not in EXPECTS_429:
            self._wait_for(received)
            received = self._transmit(exchange)
        self._check_remaining(received)
        return received

    def control(self, method: str, path: str, body: Any = None, **values: str) -> Any:
        """Sends the control plane of mockserver a request; returns the JSON of its response."""
        exchange = self.send(method, "control", f"/_mock{path}", token=Token.NONE, values=values, body=body)
        if exchange.status not in {200, 201, 204}:
            raise StoppedError(
                Reason.NOT_REACHED, f"the control plane responded to {method} {path} with {exchange.status}"
            )
        return exchange.json

    def _transmit(self, exchange: Exchange) -> Exchange:
        if self.budget is not None and self._sent >= self.budget:
            raise StoppedError(Reason.OVER_BUDGET, f"the budget of {self.budget} requests is used up")
        self._keep_pace()
        self._sent += 1
        self.progress(f"{self._sent}: {exchange.name}")
        exchange = replace(exchange, number=self._sent)
        try:
            response = self.client.send(exchange.method, exchange.target, exchange.headers, exchange.body)
            exchange = replace(exchange, response=response)
        except RequestFailedError as failure:
            exchange = replace(exchange, failure=failure.failure)
        self.record.exchanges.append(exchange)
        self._failures = 0 if exchange.response else self._failures + 1
        if self._failures >= MAX_FAILURES:
            raise StoppedError(Reason.NOT_REACHED, f"{MAX_FAILURES} requests in a row got no response")
        return exchange

    def _headers(self, token: Token, headers: Headers, content: bytes | None) -> Headers:
        own: Headers = (("User-Agent", f"mockserver-check/{version()}"), ("Accept", "application/json"))
        if token is not Token.NONE:
            own += (("Authorization", f"Bearer {self.tokens[token]}"),)
        if content is not None:
            own += (("Content-Type", "application/json"),)
        return own + headers

    def _keep_pace(self) -> None:
        now = self.clock.monotonic()
        if self.paced and self._sent:
            self.pause(max(0.0, self._last + 1 / REQUESTS_PER_SECOND - now))
        self._last = self.clock.monotonic()

    def _wait_for(self, limited: Exchange) -> None:
        """Honours the first Retry-After; raises StoppedError for a second 429, or one that asks for a long wait."""
        seconds = limited.whole_number("retry-after")
        if self._waited or seconds is None or seconds > MAX_RETRY_SECONDS:
            raise StoppedError(Reason.OVER_BUDGET, "the service limits the rate: it responded with 429")
        self._waited = True
        self.pause(seconds)

    def _check_remaining(self, exchange: Exchange) -> None:
        limit, remaining = (exchange.whole_number(f"x-ratelimit-{name}") for name in ("limit", "remaining"))
        if self.budget is not None and limit and remaining is not None and remaining < limit * RESERVED_SHARE:
            raise StoppedError(Reason.OVER_BUDGET, f"x-ratelimit-remaining is {remaining} of {limit}")


def is_loopback(url: str) -> bool:
    """Whether a URL is of this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
