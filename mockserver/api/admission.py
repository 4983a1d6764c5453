"""Whether a request may go on: its permission at the beginning, rate limit and faults at the end."""

from fastapi import Request

from mockserver.contract.permissions import Permission
from mockserver.errors import ApiError
from mockserver.rate_limit import RateLimitState, limit_error
from mockserver.web.scope import emulator_of, own_sandbox, record_of, sandbox_of


def check_permission(request: Request, needed: Permission | None) -> None:
    own = own_sandbox(request)
    if own is not None and needed is not None and not own.permits(needed):
        raise ApiError(
            403, f"the token lacks the permission {needed}, which this operation needs", details={"permission": needed}
        )


def check_admission(request: Request) -> None:
    """Lets a call through that nothing is wrong with. It comes last, so what it refuses is told last: after a 404.

    Raises ApiError 429 where the token's requests are used up and that is enforced, and whatever a fault that strikes
    the call has it answered with. What else the faults do is done when the answer is delivered.
    """
    record = record_of(request)
    if record.rate_limit_state.exceeded and emulator_of(request).rate_limit.enforced:
        raise limit_error(record.rate_limit_state.reset)
    sandbox = sandbox_of(request)
    if sandbox is None or not sandbox.rules.active or record.operation is None:
        return
    triggered = sandbox.rules.trigger(record.operation, record.listing.number if record.listing else None)
    if triggered is None:
        return
    record.effects, record.triggered_rules = triggered
    record.corrupted = record.effects.corrupted
    if record.effects.limit_reset is not None:
        record.rate_limit_state = RateLimitState(remaining=0, reset=record.effects.limit_reset, exceeded=True)
    if record.effects.error_response is not None:
        raise record.effects.error_response
