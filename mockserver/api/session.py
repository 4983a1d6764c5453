"""The health check, the login, and who a token is."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from mockserver.api.admission import check_admission
from mockserver.api.operation import Operation, json_response, operation_name
from mockserver.contract import identity, shapes
from mockserver.contract.operations import OperationName
from mockserver.contract.permissions import ALL
from mockserver.web.context import Context
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
async def health(_: Context) -> Response:
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
async def login(context: Context) -> Response:
    check_admission(context)
    return json_response(shapes.Login(data={}))


@router.get(
    "/v1/auth",
    operation_id="auth",
    summary="Get auth",
    description="Says who the token is, and what it may do; requires no permission.",
    responses={
        200: response_schema(identity.AuthResponse, "The token.") | {"headers": RESPONSE_HEADERS},
        **error_responses((401, 429)),
    },
    openapi_extra=NEEDS_TOKEN,
)
@operation_name(OperationName.AUTH)
async def auth(context: Context) -> Response:
    own = context.own
    token_id = f"token-{context.record.token}"
    permissions = ALL if own is None else own.recipe.permissions
    check_admission(context)
    identity_of_token = identity.auth(token_id, permissions, None if own is None else own.id)
    return json_response(identity.AuthResponse(data=identity_of_token))
