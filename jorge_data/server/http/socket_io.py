"""The route of Socket.IO: polling and websockets at one address."""

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from jorge_data.errors import RequestRefused
from jorge_data.server.http.responses import refuse_handshake
from jorge_data.server.socket_io.server import SocketIoServer


class SocketIoRoute:
    """Hands each request that is admitted to the server of Socket.IO; the others are refused as everywhere."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        server: SocketIoServer = scope["app"].state.socket_io
        try:
            server.admit(HTTPConnection(scope))
        except RequestRefused as refused:
            if scope["type"] == "http":
                raise
            await refuse_handshake(WebSocket(scope, receive, send), refused)
        else:
            await server.serve(scope, receive, send)
