"""The health check, the login, and who a token is."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from mockserver.api.admission import check_admission
from mockserver.api.operation import Operation, json_response, operation, operation_name
from mockserver.contract import identity, shapes
from mockserver.contract.operations import OperationName
from mockserver.contract.permissions import ALL
from mockserver.web.context import Context
from mockserver.web.schemas import RESPONSE_HEADERS, response_schema

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


@operation(
    router,
    "/login",
    name=OperationName.LOGIN,
    summary="Check a token",
    description="The official CLI sends this request to log in.",
    response=response_schema(shapes.Login, "The token is accepted."),
    errors=(401, 429),
)
async def login(context: Context) -> Response:
    check_admission(context)
    return json_response(shapes.Login(data={}))


@operation(
    router,
    "/auth",
    name=OperationName.AUTH,
    summary="Get auth",
    description="Says who the token is, and what it may do; requires no permission.",
    response=response_schema(identity.AuthResponse, "The token."),
    errors=(401, 429),
)
async def auth(context: Context) -> Response:
    check_admission(context)
    own = context.own
    permissions, project_id = (ALL, None) if own is None else (own.recipe.permissions, own.id)
    data = identity.auth(f"token-{context.record.token}", permissions, project_id)
    return json_response(identity.AuthResponse(data=data))
