"""Decides whether a request may proceed: the rate limit and faults, which are checked last."""

from collections.abc import Callable

from mockserver.contract.broken_pages import BrokenPaging, PageFacts
from mockserver.rate_limit import limit_error
from mockserver.web.context import RequestContext


def check_admission(context: RequestContext, facts: Callable[[], PageFacts] | None = None) -> BrokenPaging | None:
    """Enforces the rate limit and applies faults; returns how the page of a list breaks, if it does.

    Handlers call it after their lookups, so that a 404 takes precedence over a 429. Raises ApiError 429 if the limit is
    enforced and used up, or the error of a fault that triggers; other faults take effect when the response is sent.
    ``facts`` are those of the page that a list would send.
    """
    record, sandbox = context.record, context.sandbox
    if record.rate_limit_state.exceeded:
        raise limit_error(record.rate_limit_state)
    if sandbox is None or not sandbox.rules.active or record.operation is None:
        return None
    page = record.listing.number if record.listing else None
    triggered = sandbox.rules.trigger(record.operation, page, context.now_in(sandbox), facts)
    if triggered is None:
        return None
    record.effects, record.triggered_rules = triggered
    record.corrupted = record.effects.corrupted
    if record.effects.limit_reset is not None:
        record.rate_limit_state = record.rate_limit_state._replace(
            remaining=0, reset=record.effects.limit_reset, exceeded=True
        )
        raise limit_error(record.rate_limit_state)
    if record.effects.error_response is not None:
        raise record.effects.error_response
    return record.effects.paging
