"""The health check and the login."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from mockserver.api.admission import check_admission
from mockserver.api.operation import Operation, json_response, operation_name
from mockserver.contract import shapes
from mockserver.contract.operations import OperationName
from mockserver.web.schemas import NEEDS_TOKEN, RESPONSE_HEADERS, error_responses, response_schema

router = APIRouter(route_class=Operation)


@router.get(
    "/v1/",
    operation_id="health",
    summary="Health check",
    description="Responds while the API is up; requires no token.",
    response_class=PlainTextResponse,
    responses={
        200: {
            "description": "The string `success`.",
            "headers": RESPONSE_HEADERS,
            "content": {"text/plain": {"example": "success"}},
        }
    },
)
@operation_name(OperationName.HEALTH)
async def health(_: Request) -> Response:
    return PlainTextResponse("success")


@router.get(
    "/v1/login",
    operation_id="login",
    summary="Check a token",
    description="The official CLI sends this request to log in.",
    responses={
        200: response_schema(shapes.Login, "The token is accepted.") | {"headers": RESPONSE_HEADERS},
        **error_responses((401, 429)),
    },
    openapi_extra=NEEDS_TOKEN,
)
@operation_name(OperationName.LOGIN)
async def login(request: Request) -> Response:
    check_admission(request)
    return json_response(shapes.Login(data={}))
