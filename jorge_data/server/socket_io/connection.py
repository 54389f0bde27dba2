"""A connection of Socket.IO: authenticates and subscribes by its `auth`, and ends when its token does."""

import asyncio
import time
from typing import Any

from starlette.requests import HTTPConnection

from jorge_data.errors import Invalid, RequestRefused, TokenExpired, TooMany, Unauthenticated, Unavailable
from jorge_data.events.encoding import show
from jorge_data.permissions import Right
from jorge_data.server.auth.authenticator import carried_token, noted_claims
from jorge_data.server.auth.claims import NEW_TOKEN, Claims
from jorge_data.server.auth.connection_expiry import ConnectionExpiry
from jorge_data.server.auth.rate_limit import Bucket
from jorge_data.server.context import ServerContext
from jorge_data.server.log.frames import Frame, heartbeat, message
from jorge_data.server.requests import read_auth
from jorge_data.server.socket_io.queue_writer import QueueWriter
from jorge_data.server.websocket.connection import FRAMES_A_SECOND, HEARTBEAT_S
from jorge_data.server.websocket.protocol import GRACE_S
from jorge_data.server.websocket.subscription import SLOW, Subscription, subscribe

MOST_WAITING = 1000
"""Most packets that wait for a client which goes on sending: a batch, and what is answered."""

TRANSPORT = "socket.io"
"""The name of these connections among the live ones."""


class SocketIoConnection:
    """One client of Socket.IO, from its handshake on, by polling or by a websocket; event loop only."""

    def __init__(self, handshake: HTTPConnection, writer: QueueWriter, context: ServerContext, address: str) -> None:
        self.writer = writer
        self.address = address
        self.is_authenticated = False
        self._handshake = handshake
        self._context = context
        self._frames = Bucket(FRAMES_A_SECOND, time.monotonic)
        self._subscription: Subscription | None = None
        self._subscribed: Frame | None = None
        self._starting: asyncio.Task[None] | None = None
        self._heartbeat: asyncio.TimerHandle | None = None
        self._refusal: asyncio.TimerHandle | None = None
        self._expiry = ConnectionExpiry(context.token_service.revocations, writer.cut)
        self._expiry.await_token()

    def admits_frame(self) -> bool:
        """Return whether one more frame is read; a client that sends too many, or takes none of ours, is cut."""
        try:
            self._frames.take(1, "frames")
        except TooMany as refused:
            self.writer.cut(refused.close, refused.detail)
            return False
        if self.writer.waiting > MOST_WAITING:
            self.writer.cut(SLOW, "too slow: come back and resume")
            return False
        return True

    async def subscribe(self, auth: Any) -> None:
        """Authenticate and subscribe; raise RequestRefused with what is allowed, and close soon after.

        Nothing is served before `start`.
        """
        if self.writer.cut_code is not None or self._refusal is not None:
            raise Unavailable("this connection is being closed: come back with another")
        try:
            token, request = read_auth(auth)
            claims = self._authenticate(token)
            location = claims.require_at(Right.READ, request.location)
            visible = request._replace(types=claims.visible_types(request.types))
            if claims.expires is not None and claims.expires <= time.time():  # verified with leeway
                raise TokenExpired("the token has expired: ask for a new one")
            self.is_authenticated = True
            self._expiry.follow(claims)
            subscribed = await subscribe(self._context, self.writer, location, visible, claims)
            self._subscription, self._subscribed = subscribed
        except RequestRefused as refused:
            self._context.refused_callers.refuse(noted_claims(self._handshake), "Socket.IO", refused)
            later = asyncio.get_running_loop().call_later
            self._refusal = later(GRACE_S, self.writer.cut, refused.close, refused.detail)
            raise

    def _authenticate(self, token: str | None) -> Claims:
        authenticator = self._context.authenticator
        if token is None and carried_token(self._handshake) is None and not authenticator.anonymous:
            raise Unauthenticated(f"a token is required: send it as `auth: {{token: …}}`; {NEW_TOKEN}")
        if token is None:
            return authenticator.authenticate(self._handshake)
        return authenticator.verify(token, self._handshake)

    def start(self) -> None:
        """Begin to serve: the client has been told that it is connected."""
        self.writer.is_connected = True
        self._context.telemetry.clients.labels(TRANSPORT).inc()
        self._starting = asyncio.create_task(self._start(), name="a client of Socket.IO")

    async def _start(self) -> None:
        assert self._subscription is not None
        assert self._subscribed is not None
        await self.writer.send(self._subscribed)
        self._subscription.start()
        self._subscribed = None
        self._heartbeat = asyncio.get_running_loop().call_later(HEARTBEAT_S, self._beat, self._subscription)

    def _beat(self, subscription: Subscription) -> None:
        self._heartbeat = asyncio.get_running_loop().call_later(HEARTBEAT_S, self._beat, subscription)
        self.writer.offer(heartbeat(subscription.position, subscription.prev))

    def refuse_event(self, name: Any) -> dict[str, Any]:
        """Tell the client that an event of its own is not taken; return the same for its acknowledgement."""
        detail = f"{show(name)} is no event that is taken: allowed is none; events are published by POST /events"
        refused = Invalid(detail)
        self._context.telemetry.requests_refused.labels(refused.code).inc()
        self.writer.offer(message(type="error", code=refused.code, detail=detail))
        return refused.as_json()

    async def end(self) -> None:
        """Serve no more: the client has left, or was cut."""
        self.writer.left.set()
        self._expiry.cancel()
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
            self._context.telemetry.clients.labels(TRANSPORT).dec()
        if self._subscription is not None:
            await self._subscription.stop()
        for timer in (self._heartbeat, self._refusal):
            if timer is not None:
                timer.cancel()
        if self.writer.cut_code is not None:
            self._context.telemetry.disconnects.labels(str(self.writer.cut_code)).inc()
