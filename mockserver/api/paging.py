"""What all lists share: the page that is requested, and how it is read."""

from collections.abc import Callable
from typing import Any

from mockserver.api.admission import check_admission
from mockserver.api.parameters import PageParameters
from mockserver.contract import wire
from mockserver.contract.broken_pages import ItemSource, PageFacts, Position, break_page
from mockserver.contract.pagination import Item, Key, ListName, PageRequest, parse_page_request
from mockserver.contract.shapes import Pagination
from mockserver.sandbox.pages import requested
from mockserver.store import listings
from mockserver.web.context import RequestContext


def requested_page(
    context: RequestContext, list_name: ListName, query: PageParameters, kinds: tuple[type, ...] = (str,)
) -> PageRequest:
    """Parses and records the requested page; raises BadParameterError like ``parse_page_request``."""
    page_request = parse_page_request(list_name, query.per_page, query.page, query.cursor, kinds)
    context.record.listing = requested(page_request.number, query.cursor)
    return page_request


def read_page(
    context: RequestContext, page_request: PageRequest, source: ItemSource[Item]
) -> tuple[list[Item], Pagination]:
    """Reads the requested page, which a fault may break; raises ApiError like ``check_admission``."""
    rows = source.read(Position(page_request.after, page_request.offset), page_request.limit)
    rows, next_cursor = page_request.paginate(rows, source.key_of)
    facts = PageFacts(page_request.number, page_request.per_page, len(rows), next_cursor is not None)
    broken = check_admission(context, lambda: facts)
    if broken is None:
        return rows, wire.pagination(len(rows), next_cursor)
    rows, pagination, _ = break_page(broken, page_request, source)
    return rows, pagination


def ordered_by_id(read: Callable[..., list[Any]]) -> ItemSource[Any]:
    """A list that is ordered by id; ``read`` takes the id to start ``after``, an ``offset`` and a ``limit``."""

    def after_id(after: Key | None) -> str:
        return listings.FIRST if after is None else str(after[0])

    return ItemSource(
        read=lambda position, limit: read(after=after_id(position.after), offset=position.offset, limit=limit),
        key_of=lambda row: (row[0],),
        count=lambda after: len(read(after=after_id(after), offset=0, limit=listings.ALL)),
    )
