"""The description of every route: as OpenAPI, and as a page in the browser. Its files are ours: it asks nobody else.

Every address in it is relative, so that it works beneath any path that a proxy may put before it.
"""

from importlib.resources import files

from fastapi import APIRouter, Depends, Request, Response

from jorge_data.errors import NotFound
from jorge_data.events.encoding import show
from jorge_data.permissions import Right
from jorge_data.server.http.dependencies import ContextDependency
from jorge_data.server.http.description import describe
from jorge_data.server.http.responses import ORJSONResponse

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Jorge's event server</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/begin.js"></script>
</body>
</html>
"""
_BEGIN = 'SwaggerUIBundle({ url: "openapi.json", dom_id: "#swagger-ui", deepLinking: true });'

_FILES = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon-32x32.png": "image/png"}
"""What is served of Swagger UI, as `fastapi-swagger` packs it."""


async def require_reader(request: Request, context: ContextDependency) -> None:
    """Raise RequestRefused for who comes neither straight from this machine nor with a token that may read."""
    if not context.authenticator.is_local(request):
        context.authenticator.authenticate(request).require(Right.READ)


router = APIRouter(include_in_schema=False, dependencies=[Depends(require_reader)])


@router.get("/docs")
async def page() -> Response:
    """Answer with the page."""
    return Response(_PAGE, media_type="text/html")


@router.get("/docs/{name}")
async def page_file(name: str) -> Response:
    """Answer with one of the files that the page loads."""
    if name == "begin.js":
        return Response(_BEGIN, media_type="text/javascript")
    if name not in _FILES:
        raise NotFound(f"the API page has no file {show(name)}")
    content = files("fastapi_swagger").joinpath("resources", name).read_bytes()
    return Response(content, media_type=_FILES[name], headers={"Cache-Control": "private, max-age=86400"})


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Answer with the description of every route; its server is where the description came from."""
    return ORJSONResponse({**describe(request.app), "servers": [{"url": "."}]})
