"""What all lists share: the page that a request asks for, and the keys of lists that are ordered by id."""

from typing import Any

from fastapi import Request

from mockserver.api.parameters import PageParameters
from mockserver.contract.pagination import ListName, PageRequest, parse_page_request
from mockserver.sandbox.pages import requested
from mockserver.store import listings
from mockserver.web.scope import record_of


def requested_page(
    request: Request,
    list_name: ListName,
    query: PageParameters,
    kinds: tuple[type, ...] = (str,),
) -> PageRequest:
    """Parses the page that a request asks for and records it; raises BadParameterError like ``parse_page_request``."""
    page_request = parse_page_request(list_name, query.per_page, query.page, query.cursor, kinds)
    record_of(request).listing = requested(page_request.number, query.cursor)
    return page_request


def after_id(page_request: PageRequest) -> str:
    """The id after which the page begins, in a list ordered by id."""
    return listings.FIRST if page_request.after is None else str(page_request.after[0])


def id_of(row: Any) -> tuple[str]:
    """The key of an item in a list ordered by id."""
    return (row[0],)
