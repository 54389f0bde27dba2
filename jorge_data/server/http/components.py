"""The route by which a dashboard reports how it is, as a component of this product."""

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from jorge_data.permissions import Right
from jorge_data.server.http.dependencies import JSON, ClaimsDependency, ContextDependency, read_body
from jorge_data.server.own_components import DashboardReport

router = APIRouter()

REPORT = {"requestBody": {"required": True, "content": {JSON: {"schema": DashboardReport.model_json_schema()}}}}


@router.post("/api/components/dashboard", summary="How a dashboard is", status_code=204, openapi_extra=REPORT)
async def report_dashboard(request: Request, context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Take a dashboard's report, twice a minute while it runs; one that falls silent is told of as down."""
    claims.require(Right.REPORT)
    await context.own_components.hear(_report(await read_body(request)))
    return Response(status_code=204)


def _report(body: bytes) -> DashboardReport:
    try:
        return DashboardReport.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]) from None
