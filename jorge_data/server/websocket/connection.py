"""A websocket connection: authenticates, subscribes, publishes, and ends when its token expires."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.websockets import WebSocket

from jorge_data.errors import Invalid, RequestRefused, StoreError, TokenExpired, Unauthenticated, Unavailable
from jorge_data.events import decode_json
from jorge_data.events.encoding import find_faults, show
from jorge_data.permissions import Right
from jorge_data.server.auth.authenticator import noted_claims
from jorge_data.server.auth.claims import NEW_TOKEN, Claims
from jorge_data.server.auth.connection_expiry import ConnectionExpiry
from jorge_data.server.auth.rate_limit import Bucket
from jorge_data.server.context import ServerContext
from jorge_data.server.ingest.publish import as_json, publish_events
from jorge_data.server.log.frames import heartbeat, message
from jorge_data.server.log.tail import Types
from jorge_data.server.requests import read_subscribe
from jorge_data.server.websocket.client_writer import ClientWriter
from jorge_data.server.websocket.subscription import Subscription, subscribe

PROTOCOL = 1
HEARTBEAT_S = 25.0
FRAMES_A_SECOND = 100
MAX_REF = 128
MOST_LOCATIONS = 500
"""Most locations that a client is told by name; of more it is told how many, and `GET /api/locations` has them all."""

MAX_PUBLISHING = 32
"""Publishes of one connection under way at once; the next waits, so that order and memory hold."""

TERMINAL = frozenset({4401, 4501, 4503, 4429})
"""Refusals that end the connection; after any other it lives on."""

PUBLISH_TERMINAL = frozenset({4401})
"""The same for a publish: one that was not allowed, or was too much, is no reason to stop reading."""


class Connection:
    """One client of the socket; event loop only, and all writing goes through its client writer."""

    def __init__(
        self, websocket: WebSocket, writer: ClientWriter, context: ServerContext, claims: Claims | None
    ) -> None:
        self._websocket = websocket
        self._writer = writer
        self._context = context
        self._claims = claims
        self._subscription: Subscription | None = None
        self._requested: Types = None
        self._publishing: set[asyncio.Task[None]] = set()
        self._frames = Bucket(FRAMES_A_SECOND, time.monotonic)
        self._loop = asyncio.get_running_loop()
        self._heartbeat = self._loop.call_later(HEARTBEAT_S, self._beat)
        self._expiry = ConnectionExpiry(context.token_service.revocations, writer.cut)
        self._handlers: dict[str, Callable[[dict[str, Any]], Awaitable[None]]] = {
            "auth": self._authenticate,
            "refresh": self._refresh,
            "subscribe": self._subscribe,
            "publish": self._publish,
        }

    async def run(self, refused: Unauthenticated | None = None) -> None:
        """Serve the client until it goes, or is cut: at once where the token that it was opened with was refused."""
        try:
            await self._greet()
            if refused:
                await self._refuse(refused, None)
            while (received := await self._receive()) is not None:
                await self._handle(received)
        finally:
            await self._end()

    async def _greet(self) -> None:
        if self._claims is None:
            self._expiry.await_token()
        else:
            self._expiry.follow(self._claims)
        await self._send_connected()

    async def _send_connected(self) -> None:
        locations = self._context.locations(self._claims) if self._claims else []
        more = len(locations) - MOST_LOCATIONS
        await self._send(
            type="connected",
            protocol=PROTOCOL,
            heartbeat_s=int(HEARTBEAT_S),
            auth="ok" if self._claims else "required",
            locations=locations[:MOST_LOCATIONS],
            **({"more_locations": more} if more > 0 else {}),
        )

    async def _receive(self) -> str | bytes | None:
        """Return the next frame, or None at the end."""
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text: str | None = message.get("text")
        received: str | bytes = message["bytes"] if text is None else text
        return received

    async def _handle(self, received: str | bytes) -> None:
        """Hand a frame to the handler of its type; a refusal is sent back, and the connection lives on."""
        ref = None
        try:
            self._frames.take(1, "frames")
            frame = self._read(received)
            ref = _ref(frame)
            await self._handlers[frame["type"]](frame)
        except RequestRefused as refused:
            await self._refuse(refused, ref)
        except StoreError as error:
            await self._refuse(Unavailable(str(error)), ref)

    def _read(self, received: str | bytes) -> dict[str, Any]:
        if isinstance(received, bytes):
            raise Invalid("a frame is JSON text, not bytes")
        frame = decode_json(received.encode())
        kind = frame.get("type") if isinstance(frame, dict) else None
        if not isinstance(kind, str) or kind not in self._handlers:
            raise Invalid(f"a frame is a JSON object whose type is one of {', '.join(self._handlers)}")
        return dict(frame)

    async def _refuse(self, refused: RequestRefused, ref: Any, terminal: frozenset[int] = TERMINAL) -> None:
        self._context.telemetry.requests_refused.labels(refused.code).inc()
        self._context.refused_callers.refuse(noted_claims(self._websocket), "the socket", refused)
        await self._send(type="error", code=refused.code, detail=refused.detail, ref=ref)
        if refused.close in terminal:
            self._writer.cut(refused.close, refused.detail[:100])

    async def _authenticate(self, frame: dict[str, Any]) -> None:
        if self._claims is not None and self._claims.role != "anonymous":
            raise Invalid("auth: this connection has a token already; refresh is for a new one")
        await self._adopt(self._verify(frame))
        await self._send_connected()

    def _verify(self, frame: dict[str, Any]) -> Claims:
        """Return the claims of a new token; raise where it may not read what this connection is subscribed to."""
        claims = self._context.authenticator.verify(_token(frame), self._websocket)
        if self._subscription:
            claims.require_at(Right.READ, self._subscription.tail.location)
            claims.visible_types(self._requested)
        return claims

    async def _adopt(self, claims: Claims) -> None:
        """Go on with these claims: the subscription is narrowed to what they may see."""
        if self._subscription and claims.rights.agent_id is not None:
            await self._subscription.assignments.load()
        self._claims = claims
        self._expiry.follow(claims)
        if self._subscription:
            self._subscription.narrow(claims.visible_types(self._requested), claims)

    async def _refresh(self, frame: dict[str, Any]) -> None:
        claims, current = self._verify(frame), self._require_claims()
        # Whoever reads by the same rights may go on with the connection, as a dashboard does for several people.
        is_alike = claims.subject == current.subject or claims.rights == current.rights
        if not is_alike or claims.location != current.location:
            raise Unauthenticated(
                "the new token is not the same subject's, or of the same rights, for the same location"
            )
        await self._adopt(claims)

    async def _subscribe(self, frame: dict[str, Any]) -> None:
        request = read_subscribe(frame)
        claims = self._require_claims()
        location, types = claims.require_at(Right.READ, request.location), claims.visible_types(request.types)
        if self._subscription:
            await self._subscription.stop()
            self._subscription = None
        self._requested = request.types
        visible = request._replace(types=types)
        self._subscription, subscribed = await subscribe(self._context, self._writer, location, visible, claims)
        await self._writer.send(subscribed)
        self._subscription.start()

    async def _publish(self, frame: dict[str, Any]) -> None:
        claims, events = self._require_claims(), frame.get("events")
        if not isinstance(events, list):
            raise Invalid("events: required, a list of events")
        while len(self._publishing) >= MAX_PUBLISHING:
            await asyncio.wait(self._publishing, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._publish_events(events, claims, _ref(frame)))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)

    async def _publish_events(self, events: list[Any], claims: Claims, ref: Any) -> None:
        try:
            results = await publish_events(events, claims, self._context.ingest)
            self._context.refused_callers.refuse_events(claims, "a publish on the socket", results)
        except RequestRefused as refused:
            await self._refuse(refused, ref, PUBLISH_TERMINAL)
        else:
            await self._send(type="ack", ref=ref, results=[as_json(result) for result in results])

    def _require_claims(self) -> Claims:
        if self._claims is None:
            raise Unauthenticated(f'a token is required: send {{"type":"auth","token":"…"}} first; {NEW_TOKEN}')
        if self._claims.expires is not None and self._claims.expires <= time.time():
            raise TokenExpired("the token has expired")
        return self._claims

    def _beat(self) -> None:
        served = self._subscription
        self._writer.offer(heartbeat(served.position, served.prev) if served else heartbeat(None))
        self._heartbeat = self._loop.call_later(HEARTBEAT_S, self._beat)

    async def _send(self, **fields: Any) -> None:
        await self._writer.send(message(**fields))

    async def _end(self) -> None:
        self._heartbeat.cancel()
        self._expiry.cancel()
        if self._subscription:
            await self._subscription.stop()
        if self._publishing:
            await asyncio.wait(self._publishing)


def _token(frame: dict[str, Any]) -> str:
    token = frame.get("token")
    if not isinstance(token, str) or not token:
        raise Unauthenticated("token: required, text")
    return token


def _ref(frame: dict[str, Any]) -> str | int | None:
    """Return the reference that the response repeats; raise Invalid where it cannot be sent back."""
    ref = frame.get("ref")
    if ref is None or (isinstance(ref, str | int) and len(str(ref)) <= MAX_REF and not find_faults(ref)):
        return ref
    raise Invalid(f"ref is {show(ref)}: allowed is text or an integer, up to {MAX_REF} characters")
