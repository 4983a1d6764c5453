"""Whether a request may go on: its permission at the beginning, rate limit and faults at the end."""

from fastapi import Request

from mockserver.contract.permissions import Permission
from mockserver.errors import ApiError
from mockserver.rate_limit import Standing, limit_error
from mockserver.web.scope import call_of, emulator_of, own_sandbox, sandbox_of


def check_permission(request: Request, needed: Permission | None) -> None:
    own = own_sandbox(request)
    if own is not None and needed is not None and not own.permits(needed):
        raise ApiError(
            403, f"the token lacks the permission {needed}, which this operation needs", details={"permission": needed}
        )


def admit(request: Request) -> None:
    """Lets a call through that nothing is wrong with. It comes last, so what it refuses is told last: after a 404.

    Raises ApiError 429 where the token's requests are used up and that is enforced, and whatever a fault that strikes
    the call has it answered with. What else the faults do is done when the answer is delivered.
    """
    call = call_of(request)
    if call.standing.exceeded and emulator_of(request).rate_limit.enforced:
        raise limit_error(call.standing.reset)
    sandbox = sandbox_of(request)
    if sandbox is None or not sandbox.rules.active or call.operation is None:
        return
    struck = sandbox.rules.strike(call.operation, call.listing.number if call.listing else None)
    if struck is None:
        return
    call.delivery, call.struck_by = struck
    call.spoilt = call.delivery.spoilt
    if call.delivery.limit_reset is not None:
        call.standing = Standing(remaining=0, reset=call.delivery.limit_reset, exceeded=True)
    if call.delivery.instead is not None:
        raise call.delivery.instead
