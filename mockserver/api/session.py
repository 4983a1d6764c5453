"""The health check, and what a client asks to log in."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from mockserver import wire
from mockserver.api.operation import NEEDS_TOKEN, RATE_LIMIT_HEADERS, Operation, admit, error_responses

router = APIRouter(route_class=Operation)


@router.get(
    "/v1/",
    operation_id="health",
    summary="Health check",
    description="Answers as long as the API does; needs no token.",
    response_class=PlainTextResponse,
    responses={
        200: {
            "description": "The text `success`.",
            "headers": RATE_LIMIT_HEADERS,
            "content": {"text/plain": {"example": "success"}},
        }
    },
)
async def health() -> Response:
    return PlainTextResponse("success")


@router.get(
    "/v1/login",
    operation_id="login",
    summary="Check a token",
    description="The official CLI calls it to log in.",
    responses={
        200: {"model": wire.Login, "description": "The token is good.", "headers": RATE_LIMIT_HEADERS},
        **error_responses((401, 429)),
    },
    openapi_extra=NEEDS_TOKEN,
)
async def login(request: Request) -> Response:
    admit(request)
    return Response(wire.to_bytes(wire.Login(data={})), media_type="application/json")
