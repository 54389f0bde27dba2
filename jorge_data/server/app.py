"""The event server as an application: routes, socket, and a node for as long as it runs."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI, WebSocket

from jorge_data import __version__
from jorge_data.errors import Unauthenticated
from jorge_data.server.administration import administration
from jorge_data.server.answers import refuse_alike
from jorge_data.server.connection import Connection
from jorge_data.server.gate import carried_token
from jorge_data.server.node import Node
from jorge_data.server.operations import operations
from jorge_data.server.outlet import Outlet, outlet_of
from jorge_data.server.protocol import EXTENSION, works
from jorge_data.server.questions import questions
from jorge_data.server.retaining import retentions
from jorge_data.server.routes import publishing, router
from jorge_data.server.sources import sources
from jorge_data.server.sync.routes import synchronizations
from jorge_data.server.webhooks import deliveries, webhooks

SPOKEN = "jorge.v1"
"""The subprotocol for browsers, which insist on an answer when they offer a token as one."""

ROUTERS = (
    publishing,
    webhooks,
    router,
    questions,
    deliveries,
    synchronizations,
    operations,
    retentions,
    sources,
    administration,
)

OpenNode = Callable[[], AbstractAsyncContextManager[Node]]


def build_app(open_node: OpenNode) -> FastAPI:
    """Return the event server; the node lives as long as the application does."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.direct = await works()
        async with open_node() as node:
            app.state.node = node
            yield

    app = FastAPI(title="Jorge's event server", version=__version__, lifespan=lifespan, redoc_url=None)
    for routes in ROUTERS:
        app.include_router(routes)
    app.add_api_websocket_route("/", socket)
    app.add_api_websocket_route("/ws", socket)
    refuse_alike(app)
    return app


async def socket(websocket: WebSocket) -> None:
    """Serve one websocket client."""
    node: Node = websocket.app.state.node
    if not node.gate.knows_origin(websocket):
        await websocket.close()  # before accept: the handshake is answered with 403
        return
    offered = websocket.scope.get("subprotocols", [])
    await websocket.accept(subprotocol=SPOKEN if SPOKEN in offered else None)
    outlet = outlet_of(websocket, websocket.app.state.direct)
    protocol = websocket.scope["extensions"].get(EXTENSION)
    if protocol is not None:
        protocol.ponged = node.telemetry.pings.observe
    with node.telemetry.clients.labels("websocket").track_inprogress():
        await _serve(websocket, outlet, node)
    if protocol is not None and protocol.cut_code is not None:
        node.telemetry.disconnects.labels(str(protocol.cut_code)).inc()


async def _serve(websocket: WebSocket, outlet: Outlet, node: Node) -> None:
    claims, refused = None, None
    try:
        claims = node.gate.claims(websocket)
    except Unauthenticated as error:  # without any token there is still time to send one
        refused = error if carried_token(websocket) is not None else None
    await Connection(websocket, outlet, node, claims).run(refused)
