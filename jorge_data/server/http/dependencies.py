"""What a route takes from its request: the server's context, the claims of its token, the body within its limit."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import AfterValidator, BaseModel, ValidationError, WithJsonSchema

from jorge_data.errors import TooLarge
from jorge_data.events.numbers import read_whole
from jorge_data.events.validation import MAX_PUBLISH_BYTES
from jorge_data.permissions import PAGES
from jorge_data.server.auth.claims import Claims
from jorge_data.server.context import ServerContext
from jorge_data.server.query.query_schema import refuse

JSON = "application/json"
REPEATABLE = frozenset({"where"})
OF_THE_CONTRACT = frozenset(
    {"/events", "/events/stream", "/api/dashboard/metrics", "/api/contacts/{contact:path}/timeline"}
)
"""Routes that clients of anybody's ask, who may add what is none of ours: jQuery `_` against caches, polyfills of
EventSource `lastEventId`. It is ignored there, and refused wherever a question or an order is written for us alone."""

NOT_CACHED = {"Cache-Control": "no-store"}

Body = TypeVar("Body", bound=BaseModel)


def _check_page(path: str) -> str:
    if path not in PAGES:
        raise ValueError(f"allowed is one of {', '.join(PAGES)}")
    return path


PagePath = Annotated[str, AfterValidator(_check_page), WithJsonSchema({"type": "string", "enum": list(PAGES)})]
"""A page of the dashboard by its path."""


# These two are asynchronous, because FastAPI runs what is not in a thread, and each answer would wait for two.
async def context_of(request: Request) -> ServerContext:
    """Return the context of the server that received a request."""
    context: ServerContext = request.app.state.context
    return context


BEARER = HTTPBearer(scheme_name="token", description="made by `POST /api/tokens`", auto_error=False)
"""Says in the description that a route takes a token; who comes without one is refused by `claims_of`."""


async def claims_of(request: Request, _: Annotated[object, Depends(BEARER)] = None) -> Claims:
    """Return the claims of a request's token; raise Unauthenticated, and Invalid for a parameter that is not taken."""
    context: ServerContext = request.app.state.context
    claims = context.authenticator.authenticate(request)
    _check_parameters(request)
    return claims


def _check_parameters(request: Request) -> None:
    """Raise Invalid for a parameter that is given twice, or that the route has not: misspelled, it asks for more."""
    if not request.query_params:
        return
    route = request.scope["route"]
    allowed = _parameters(route.dependant)
    for name, value in request.query_params.items():
        if name not in allowed:
            if route.path in OF_THE_CONTRACT:
                continue
            refuse(name, value, f"no such parameter, but {', '.join(sorted(allowed)) or 'none'}")
        values = request.query_params.getlist(name)
        if len(values) > 1 and name not in REPEATABLE:
            refuse(name, values, "one value")


def _parameters(dependant: Dependant) -> set[str]:
    """Return the names of a route's parameters, and of those that what it takes from a request has."""
    own = {field.alias for field in dependant.query_params}
    return own.union(*(_parameters(each) for each in dependant.dependencies))


ContextDependency = Annotated[ServerContext, Depends(context_of)]
ClaimsDependency = Annotated[Claims, Depends(claims_of)]


class DirectRoute(APIRoute):
    """A route that takes the request as it is: the framework's dependency solving costs more than a commit."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return endpoint


async def read_body(request: Request) -> bytes:
    """Return the body of a request; raise TooLarge as soon as its size is known to be beyond the limit."""
    declared = read_whole(request.headers.get("content-length"))
    size, parts = 0, []
    if declared is not None and declared > MAX_PUBLISH_BYTES:
        raise TooLarge(f"the body has {declared} bytes: allowed are {MAX_PUBLISH_BYTES}")
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > MAX_PUBLISH_BYTES:
            raise TooLarge(f"the body has more than {MAX_PUBLISH_BYTES} bytes")
    return b"".join(parts)


async def read_model(request: Request, model: type[Body], secret: bool = False) -> Body:
    """Return the body of a request as a model says; raise RequestValidationError, and TooLarge.

    Read here: what the framework reads by itself it reads whole, however long, and before it checks who sends it. The
    refusal of a `secret` one repeats nothing of it.
    """
    try:
        return model.model_validate_json(await read_body(request))
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError([{**each, "input": "…"} for each in faults] if secret else faults) from None


def described(model: type[BaseModel]) -> dict[str, Any]:
    """Return how OpenAPI describes a body that `read_model` reads."""
    return {"requestBody": {"required": True, "content": {JSON: {"schema": model.model_json_schema()}}}}
