"""What was asked and what came back, as checks read it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.check.requests import Exchange, Page
from mockserver.check.undecided import Reason, UndecidedError
from mockserver.contract.versions import Contract

_OF_RESTORES = re.compile(r"/v1(/teams/\{\w+\})?/projects/\{\w+\}/addons/\{\w+\}/backups/\{\w+\}/restores(\?.*)?")


@dataclass
class Record:
    """All exchanges so far, and why a probe was not sent. A view also knows which of them one check has used."""

    contract: Contract = Contract.V2026
    exchanges: list[Exchange] = field(default_factory=list)
    skipped: dict[str, Reason] = field(default_factory=dict)
    _used: list[int] = field(default_factory=list)

    def view(self) -> "Record":
        """The same record, for one check."""
        return replace(self, _used=[])

    def used(self) -> tuple[int, ...]:
        """The numbers of the exchanges that were read."""
        return tuple(dict.fromkeys(self._used))

    def last_used(self) -> tuple[int, ...]:
        """The number of the exchange that was read last."""
        return tuple(self._used[-1:])

    def find(self, name: str) -> Exchange | None:
        """The last exchange of that name that has a response."""
        matching = (one for one in reversed(self.exchanges) if one.name == name and one.response)
        return next(matching, None)

    def __getitem__(self, name: str) -> Exchange:
        """The same; raises UndecidedError if there is none."""
        exchange = self.find(name)
        if exchange is None:
            sent = any(one.name == name for one in self.exchanges)
            default = Reason.NOT_REACHED if sent else Reason.NEEDS_DATA
            raise UndecidedError(self.skipped.get(name.partition(":")[0], default))
        return self._use(exchange)

    def page(self, name: str) -> Page:
        """The page in the response of that name, a 200; raises UndecidedError if it is not."""
        page = self[name].page
        if page is None:
            raise UndecidedError(Reason.NOT_REACHED)
        return page

    def ids(self, name: str, *, least: int = 1) -> list[Any]:
        """The ids of that page; raises UndecidedError if there are fewer than ``least``."""
        ids = self.page(name).ids
        if len(ids) < least:
            raise UndecidedError(Reason.NEEDS_DATA)
        return ids

    def responses(self) -> Iterator[Exchange]:
        """Every exchange with the API that has a response."""
        for exchange in self.exchanges:
            if exchange.response and exchange.template.startswith("/v1"):
                yield self._use(exchange)

    def errors(self) -> Iterator[Exchange]:
        """Every response that is an error, except to HEAD, which has no body."""
        return (one for one in self.responses() if one.status >= 400 and one.method != "HEAD")

    def pages(self) -> Iterator[tuple[Exchange, Page]]:
        """Every page of a backup's restores, and the exchange that it is from."""
        for exchange in self.responses():
            if exchange.page and _OF_RESTORES.fullmatch(exchange.template):
                yield exchange, exchange.page

    def restores(self) -> Iterator[tuple[Exchange, dict[str, Any]]]:
        """Every restore on every page of a backup's restores."""
        for exchange, page in self.pages():
            yield from ((exchange, item) for item in page.items if isinstance(item, dict))

    def _use(self, exchange: Exchange) -> Exchange:
        self._used.append(exchange.number)
        return exchange
