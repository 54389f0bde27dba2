"""The event server as an application: routes, socket, and a context for as long as it runs."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI, WebSocket
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from jorge_data import __version__
from jorge_data.errors import Forbidden, NotFound, Unauthenticated
from jorge_data.events.encoding import show
from jorge_data.server.auth.allowed_origins import require_allowed_origin
from jorge_data.server.auth.authenticator import answered_subprotocol, carried_token
from jorge_data.server.context import ServerContext
from jorge_data.server.doorway import Doorway
from jorge_data.server.http import (
    administration,
    alerts,
    api_page,
    audit,
    components,
    contacts,
    events,
    figures,
    health,
    locations,
    publish,
    queries,
    retention,
    sessions,
    sources,
    synchronization,
    users,
    views,
    webhooks,
)
from jorge_data.server.http.protocol import SOCKET_IO
from jorge_data.server.http.responses import answer_directly, refuse_alike, refuse_handshake
from jorge_data.server.http.socket_io import SocketIoRoute
from jorge_data.server.socket_io.server import serving_socket_io
from jorge_data.server.websocket.client_writer import ClientWriter, client_writer_of
from jorge_data.server.websocket.connection import Connection
from jorge_data.server.websocket.protocol import EXTENSION, works

SOCKETS = "/", "/ws"

ROUTES = (
    publish,
    webhooks,
    events,
    contacts,
    figures,
    locations,
    queries,
    alerts,
    synchronization,
    sources,
    health,
    components,
    retention,
    administration,
    sessions,
    users,
    audit,
    views,
    api_page,
)

OpenContext = Callable[[], AbstractAsyncContextManager[ServerContext]]


class PublishingApp(FastAPI):
    """The framework's application, past whose layers a publish goes: they cost as much as its validation."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/events" and scope["method"] == "POST":
            scope["app"], scope["route"] = self, publish.ROUTE
            await answer_directly(publish.publish, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def build_app(open_context: OpenContext, most_clients: int) -> PublishingApp:
    """Return the event server; its context is open for as long as the application runs.

    `most_clients` is how many may be connected by Socket.IO.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Doorway]]:
        app.state.direct = direct = await works()
        async with open_context() as context, serving_socket_io(context, most_clients, direct) as socket_io:
            app.state.context, app.state.socket_io = context, socket_io
            yield {"doorway": context.doorway}  # for the protocols: each connection is made with this state

    # No redirect to a path without its slash: it would send the client to whatever host its request named.
    app = PublishingApp(
        title="Jorge's event server",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,  # api_page.py has it, and who may read it
        redirect_slashes=False,
    )
    for routes in ROUTES:
        app.include_router(routes.router)
    for path in SOCKETS:
        app.add_api_websocket_route(path, socket)
    app.routes.append(Route(SOCKET_IO.decode(), SocketIoRoute(), methods=["GET", "POST", "OPTIONS"]))
    app.routes.append(WebSocketRoute(SOCKET_IO.decode(), SocketIoRoute()))
    app.add_api_websocket_route("/{path:path}", no_socket)
    refuse_alike(app)
    return app


async def socket(websocket: WebSocket) -> None:
    """Serve one websocket client."""
    context: ServerContext = websocket.app.state.context
    try:
        require_allowed_origin(websocket, context.authenticator.origins)
    except Forbidden as refused:
        await refuse_handshake(websocket, refused)
        return
    await websocket.accept(subprotocol=answered_subprotocol(websocket.scope.get("subprotocols", [])))
    writer = client_writer_of(websocket, websocket.app.state.direct)
    protocol = websocket.scope["extensions"].get(EXTENSION)
    if protocol is not None:
        protocol.ponged = context.telemetry.pings.observe
    with context.telemetry.clients.labels("websocket").track_inprogress():
        await _serve(websocket, writer, context)
    if protocol is not None and protocol.cut_code is not None:
        context.telemetry.disconnects.labels(str(protocol.cut_code)).inc()


async def no_socket(websocket: WebSocket) -> None:
    """Refuse a handshake at a path that has no socket."""
    path = show(websocket.url.path)
    await refuse_handshake(websocket, NotFound(f"no websocket is at {path}: allowed are {' and '.join(SOCKETS)}"))


async def _serve(websocket: WebSocket, writer: ClientWriter, context: ServerContext) -> None:
    claims, refused = None, None
    try:
        claims = context.authenticator.authenticate(websocket)
    except Unauthenticated as error:  # without any token there is still time to send one
        refused = error if carried_token(websocket) is not None else None
    await Connection(websocket, writer, context, claims).run(refused)
