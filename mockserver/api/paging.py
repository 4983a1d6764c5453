"""What all lists share: which page a request asks for, and how a list by id is read."""

from typing import Any

from fastapi import Request

from mockserver.contract.pagination import ListName, PageRequest, parse_page_request
from mockserver.sandbox.pages import Listing
from mockserver.store import listings
from mockserver.web.scope import record_of


def requested_page(
    request: Request,
    list_name: ListName,
    per_page: int,
    page: int,
    cursor: str | None,
    kinds: tuple[type, ...] = (str,),
) -> PageRequest:
    """The page that a request asks for, as the journal keeps it; raises BadParameterError as ``parse_page_request``."""
    page_request = parse_page_request(list_name, per_page, page, cursor, kinds)
    record_of(request).listing = Listing(page_request.number, cursor)
    return page_request


def after_id(page_request: PageRequest) -> str:
    """In a list by id, the id after which the page begins."""
    return listings.FIRST if page_request.after is None else str(page_request.after[0])


def id_of(row: Any) -> tuple[str]:
    """The key of an item in a list by id."""
    return (row[0],)
