"""python-socketio's server, within our bounds: who may come in, how many, and how much each may send.

It leans on hooks of the library that are its subclasses' and not promised, so its version is pinned closely
(`requirements/server.in`); what they do for us is said at each.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import engineio
import socketio
from starlette.requests import HTTPConnection

from jorge_data.errors import Invalid, RequestRefused, StoreError, TooLarge, TooMany, Unavailable
from jorge_data.events import new_id
from jorge_data.events.encoding import show
from jorge_data.events.numbers import read_whole
from jorge_data.server.auth.allowed_origins import is_allowed_origin, require_allowed_origin
from jorge_data.server.context import ServerContext
from jorge_data.server.doorway import address_of
from jorge_data.server.socket_io.connection import SocketIoConnection
from jorge_data.server.socket_io.queue_writer import QueueWriter
from jorge_data.server.websocket.protocol import EXTENSION, FanOutProtocol

logger = logging.getLogger(__name__)
library_logger = logging.getLogger(f"{__name__}.library")
library_logger.setLevel(logging.CRITICAL)  # it logs what clients send: tokens, and every broken frame as an error

MAX_PAYLOAD_BYTES = 16 << 10
"""A token and a position; a client sends nothing else."""

PING_S, PONG_WITHIN_S = 25, 8

MOST_UNAUTHENTICATED = 200
"""Most clients at once whose token has not come yet; each has five seconds."""

NAMESPACE = "/"
PROTOCOL_BROKEN = Invalid.close

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class _Engine(engineio.AsyncServer):  # type: ignore[misc]  # the library is not typed
    """Engine.IO, which waits for nobody whom it disconnects: one that polls no more would be waited for for ever."""

    async def disconnect(self, sid: str | None = None) -> None:
        engine_socket = self.sockets.get(sid)
        if engine_socket is not None:
            await engine_socket.close(wait=False)


class _Clients(socketio.AsyncManager):  # type: ignore[misc]
    """The library's list of clients, which says when one has been told that it is connected."""

    async def connect(self, sid: str, namespace: str) -> Any:
        connected = await super().connect(sid, namespace)
        connection = self.server.connection(sid)
        if connection is None:  # it left while it authenticated, which the library does not see
            await self.disconnect(sid, namespace)
        else:
            connection.start()
        return connected


class _Received:
    """The frames of one websocket, of which no more are read than its connection admits."""

    def __init__(self, receive: Receive, connection: SocketIoConnection | None) -> None:
        self._receive = receive
        self.connection = connection

    async def __call__(self) -> Message:
        while True:
            received = await self._receive()
            if received["type"] != "websocket.receive" or self.connection is None or self.connection.admits_frame():
                return received


class SocketIoServer(socketio.AsyncServer):  # type: ignore[misc]
    """Serves Socket.IO to as many clients as may be connected; event loop only."""

    def __init__(self, context: ServerContext, most_clients: int, direct: bool) -> None:
        self._context = context
        self._direct = direct  # whether the protocol of a websocket is one that may be cut
        self._most_clients = most_clients
        self.connections: dict[str, SocketIoConnection] = {}  # by the engine's name of each
        self._waiting: set[SocketIoConnection] = set()  # for their tokens; who has shown one may still be among them
        self._is_ending = False
        origins = context.authenticator.origins
        super().__init__(
            client_manager=_Clients(),
            async_mode="asgi",
            async_handlers=False,  # a client's events one after the other
            namespaces="*",  # so that another than ours is refused in words
            logger=library_logger,
            engineio_logger=library_logger,
            cors_allowed_origins=lambda _, environ: is_allowed_origin(HTTPConnection(environ["asgi.scope"]), origins),
            ping_interval=PING_S,
            ping_timeout=PONG_WITHIN_S,
            max_http_buffer_size=MAX_PAYLOAD_BYTES,
            http_compression=False,  # it would hold the event loop, for each client alone
        )
        self.on("connect", self._authenticate)
        self.on("connect", self._refuse_namespace, namespace="*")
        self.on("disconnect", self._leave)
        self.on("*", self._refuse_event)

    def admit(self, request: HTTPConnection) -> None:
        """Raise RequestRefused where a request is from elsewhere, one too many, too large, or not Engine.IO's."""
        require_allowed_origin(request, self._context.authenticator.origins)
        engine_sid = request.query_params.get("sid")
        if request.scope.get("method") == "OPTIONS":
            return
        if engine_sid is None:
            self._admit_handshake(request)
        elif engine_sid not in self.connections:
            raise RequestRefused("sid names no connection that is open: begin with a new handshake")
        elif request.scope.get("method") == "POST":
            self._admit_post(request, self.connections[engine_sid])

    def _admit_handshake(self, request: HTTPConnection) -> None:
        query, transport = request.query_params, "websocket" if request.scope["type"] == "websocket" else "polling"
        if query.get("EIO") != "4":
            raise Invalid(f"EIO is {show(query.get('EIO'))}: allowed is 4, which socket.io-client speaks from 3.0 on")
        if query.get("transport") != transport or "j" in query:
            raise Invalid(
                f"transport is {show(query.get('transport'))}: allowed by this request is {transport}, no JSONP"
            )
        if self._is_ending:
            raise Unavailable("the server is restarting: try again in a moment", retry_after_s=5)
        if len(self._waiting) >= MOST_UNAUTHENTICATED:
            self._waiting = {connection for connection in self._waiting if not connection.is_authenticated}
        if len(self.connections) >= self._most_clients or len(self._waiting) >= MOST_UNAUTHENTICATED:
            raise self._context.doorway.turned_away("too many connections: try again in a moment")

    def _admit_post(self, request: HTTPConnection, connection: SocketIoConnection) -> None:
        declared = request.headers.get("content-length", "0")
        size = read_whole(declared)
        if size is None or size > MAX_PAYLOAD_BYTES:
            raise TooLarge(f"the body has {declared[:20]} bytes: allowed are {MAX_PAYLOAD_BYTES}")
        if not connection.admits_frame():
            raise TooMany("this connection is being closed: come back with another")

    async def serve(self, scope: MutableMapping[str, Any], receive: Receive, send: Any) -> None:
        """Serve one request, or one websocket until it ends."""
        if scope["type"] == "http":
            await self.handle_request(scope, receive, send)
            return
        connection = self.connections.get(HTTPConnection(scope).query_params.get("sid", ""))
        if connection is not None:  # it polled before
            connection.writer.protocol = self._protocol_of(scope)
        received = _Received(receive, connection)
        try:
            await self.handle_request(scope, received, send)
        except Exception:  # of ours, none comes here
            logger.debug("a websocket did not speak Engine.IO", exc_info=True)
            if received.connection is not None:
                received.connection.writer.cut(PROTOCOL_BROKEN, "not a frame of Engine.IO")

    def _protocol_of(self, scope: MutableMapping[str, Any]) -> FanOutProtocol | None:
        return scope.get("extensions", {}).get(EXTENSION) if self._direct else None

    async def close(self) -> None:
        """Send every client away to come back, and end what runs in the background."""
        self._is_ending = True
        writers = [connection.writer for connection in self.connections.values()]
        for writer in writers:
            writer.cut(Unavailable.close, "the server is restarting: come back and resume")
        for writer in writers:
            await writer.closed()
        if self.eio.service_task_handle is not None:
            await self.shutdown()

    def connection(self, sid: str) -> SocketIoConnection | None:
        """Return a client's connection by the library's name of it; None where it has left."""
        return self.connections.get(self.manager.eio_sid_from_sid(sid, NAMESPACE))

    # What the library calls

    def _engineio_server_class(self) -> type[_Engine]:
        return _Engine

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        """Take in a client, who has still to authenticate."""
        await super()._handle_eio_connect(eio_sid, environ)
        scope = environ["asgi.scope"]
        address = address_of(scope.get("client"))
        self._context.doorway.open_live(address)
        writer = QueueWriter(self.eio.sockets[eio_sid], self._protocol_of(scope))
        connection = SocketIoConnection(HTTPConnection(scope), writer, self._context, address)
        self.connections[eio_sid] = connection
        self._waiting.add(connection)
        if isinstance(environ["asgi.receive"], _Received):
            environ["asgi.receive"].connection = connection

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        """Take a packet; whoever sends what is none is cut, and nothing is logged of it."""
        connection = self.connections.get(eio_sid)
        if connection is None:
            return
        try:
            if isinstance(data, bytes):  # an attachment of an event: these are refused all the same
                raise ValueError("binary")
            await super()._handle_eio_message(eio_sid, data)
        except Exception:  # of ours, none comes here
            logger.debug("a client did not speak Socket.IO", exc_info=True)
            connection.writer.cut(PROTOCOL_BROKEN, "not a packet of Socket.IO")

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        """Let go of a client."""
        try:
            await super()._handle_eio_disconnect(eio_sid, reason)
            connection = self.connections.pop(eio_sid, None)
            if connection is not None:
                self._waiting.discard(connection)
                self._context.doorway.close_live(connection.address)
                await connection.end()
        except Exception:
            logger.exception("a client of Socket.IO could not be let go of")
            raise

    async def _authenticate(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        connection = self.connection(sid)
        if connection is None:
            return
        try:
            await connection.subscribe(auth)
        except RequestRefused as refused:
            self._refuse(refused)
        except StoreError as error:
            self._refuse(Unavailable(str(error)))
        except Exception as error:
            incident = new_id()
            logger.error("incident %s: a client of Socket.IO", incident, exc_info=error)
            self._refuse(Unavailable(f"something went wrong here; the log names it by {incident}"))

    def _refuse(self, refused: RequestRefused) -> None:
        self._context.telemetry.requests_refused.labels(refused.code).inc()
        raise socketio.exceptions.ConnectionRefusedError(refused.detail, refused.as_json()["error"])

    async def _refuse_namespace(self, namespace: str, sid: str, environ: dict[str, Any], auth: Any) -> None:
        self._refuse(Invalid(f"the namespace is {show(namespace)}: allowed is {NAMESPACE}"))

    async def _refuse_event(self, name: Any, sid: str, *_: Any) -> dict[str, Any] | None:
        connection = self.connection(sid)
        return connection.refuse_event(name) if connection is not None else None

    async def _leave(self, sid: str, reason: str) -> None:
        """Close the connection as well where a client leaves the namespace: there is no other to turn to."""
        engine_socket = self.eio.sockets.get(self.manager.eio_sid_from_sid(sid, NAMESPACE))
        if engine_socket is not None:
            await engine_socket.close(wait=False)


@asynccontextmanager
async def serving_socket_io(context: ServerContext, most_clients: int, direct: bool) -> AsyncIterator[SocketIoServer]:
    """Serve Socket.IO for as long as the context is open, or until the server is asked to stop."""
    server = SocketIoServer(context, most_clients, direct)

    async def close_in_time() -> None:
        await context.ending.wait()
        await server.close()

    closing = asyncio.create_task(close_in_time(), name="the end of Socket.IO")
    try:
        yield server
    finally:
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)
        await server.close()
