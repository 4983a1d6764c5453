"""Sends a page as lists of real services break them."""

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field

from mockserver.contract.broken_pages import BrokenPaging, PageFacts, has_meaning
from mockserver.faults.base import Fault, ResponseEffects


class PagingFault(Fault):
    """Breaks the page of a list, where that has a meaning. The response is a 200, and not a failed request."""

    kind: Literal["paging"] = "paging"
    what: Annotated[BrokenPaging, Field(description="how it breaks")]

    def fits(self, page: Callable[[], PageFacts] | None) -> bool:
        return page is not None and has_meaning(self.what, page())

    def apply(self, effects: ResponseEffects) -> None:
        effects.paging = self.what
