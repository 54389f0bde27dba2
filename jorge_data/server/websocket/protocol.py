"""uvicorn's websocket protocol, opened where fan-out needs it.

uvicorn's own keepalive closes a stalled peer with `transport.close()`, which waits for that peer to drain: one reader
that stops would stay for ever. This subclass aborts instead, hands the connection to the application so that shared
bytes are written without another framing, and can be cut. It leans on names that uvicorn does not promise: `works()`
tries them at start, and without them the server falls back to plain ASGI sends.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, cast

from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame
from websockets.http11 import Request, Response

from jorge_data.errors import RequestRefused, TooMany, Unavailable
from jorge_data.server.doorway import Doorway, address_of, refusal

logger = logging.getLogger(__name__)

EXTENSION = "jorge.connection"
"""Where the application finds the protocol in its scope."""

SOCKET_IO = "/socket.io/"
"""Where the clients are counted by their connections of Socket.IO, which may have polled before."""

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
"""On every response, uvicorn's own included; what is allowed is what the API page needs, and the rest is no page."""

MAX_REASON = 123
"""Bytes of a close frame's reason (RFC 6455, 5.5)."""

GRACE_S = 2.0
"""How long a peer that is cut may take to read the close frame."""


MOST_SMALL_FRAMES = 1_000
"""Fragments and control frames that one connection may send a second: one that sent a million held up all others for
seven seconds, on a busy machine."""

SLICE_BYTES = 8_192
"""What is parsed before these are counted: 1,365 of the smallest, some milliseconds."""


class FanOutProtocol(WebSocketsSansIOProtocol):
    """One websocket connection that can be written to directly, and cut."""

    cut_code: int | None = None
    _is_counted: bool | None = None
    """Whether the doorway counts it by its address; None where it does not count it at all."""

    _address = ""

    _small_frames = 0
    _small_since = 0.0
    _is_flooding = False

    ponged: Callable[[float], object] | None = None
    """Called with the round trip of each ping, in seconds."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        send = self.conn.send_response

        def send_response(response: Response) -> None:
            """Send a handshake's answer: uvicorn gives its headers to one that it accepts, and to no refusal."""
            for name, value in {**SECURITY_HEADERS, **dict(self.config.headers)}.items():
                response.headers.setdefault(name, value)
            send(response)

        self.conn.send_response = send_response  # type: ignore[method-assign]

    @property
    def _doorway(self) -> Doorway | None:
        return self.app_state.get("doorway")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._is_counted is not None and self._doorway is not None:
            self._doorway.close_socket(self._address, self._is_counted)
            self._is_counted = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), SLICE_BYTES):
            if self._is_flooding:
                return  # its end is sent, and follows within GRACE_S
            super().data_received(data[start : start + SLICE_BYTES])
        if not self.handshake_initiated and not self.transport.is_closing():
            # The library takes no POST, no body, no line of more than 8 KiB, and would wait for more for ever.
            self._reject(RequestRefused("the request is no handshake of a websocket (RFC 6455)"))

    def handle_connect(self, event: Request) -> None:
        if self._doorway is not None:
            address = address_of(self.client)
            try:
                self._doorway.check_live(address)
            except Unavailable as refused:
                self._doorway.refused(refused.code)
                self._reject(refused)
                return
            self._address, self._is_counted = address, not event.path.startswith(SOCKET_IO)
            self._doorway.open_socket(address, self._is_counted)
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            cast(dict[str, Any], scope["extensions"])[EXTENSION] = self

    def handle_cont(self, event: Frame) -> None:
        self._count_small_frame()
        super().handle_cont(event)

    def handle_ping(self) -> None:
        self._count_small_frame()
        super().handle_ping()

    def _count_small_frame(self) -> None:
        now = self.loop.time()
        if now - self._small_since >= 1:
            self._small_since, self._small_frames = now, 0
        self._small_frames += 1
        if self._small_frames > MOST_SMALL_FRAMES:
            self._is_flooding = True
            self.cut(TooMany.close, f"more than {MOST_SMALL_FRAMES:,} fragments and control frames a second")

    def handle_pong(self, event: Frame) -> None:
        self._count_small_frame()
        waited = self.pending_ping_payload
        super().handle_pong(event)
        if self.ponged and waited is not None and self.pending_ping_payload is None:
            self.ponged(self.last_ping_rtt)

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        self._close_in_time()

    def handle_parser_exception(self) -> None:
        super().handle_parser_exception()
        self._close_in_time()

    def shutdown(self) -> None:
        super().shutdown()
        self._close_in_time()

    def _close_in_time(self) -> None:
        """Abort in time where the peer reads nothing more, not even the close frame."""
        if self.close_timer is None and self.transport.is_closing():
            self.close_timer = self.loop.call_later(GRACE_S, self.transport.abort)

    def _reject(self, refused: RequestRefused) -> None:
        self.handshake_initiated = self.handshake_complete = self.close_sent = True
        self.transport.write(refusal(refused, self.default_headers))
        self.transport.close()

    def keepalive_timeout(self) -> None:
        self.cut_code = self.cut_code or 4008
        self.transport.abort()

    @property
    def blocked(self) -> bool:
        """Whether the peer reads more slowly than we write."""
        return not self.writable.is_set()

    def write(self, wire: bytes) -> None:
        """Write whole frames, past uvicorn's own framing."""
        if not self.transport.is_closing() and not self.close_sent:
            self.transport.write(wire)

    def cut(self, code: int, reason: str) -> None:
        """Close with a code and a reason; abort where the peer does not read even these in time."""
        if self.close_sent or self.transport.is_closing():
            return
        self.cut_code = code
        self.conn.send_close(code, reason.encode()[:MAX_REASON].decode(errors="ignore"))
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:  # or the peer's answer would never be read
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(GRACE_S, self.transport.abort)


class _Recorder(asyncio.Transport):
    """A transport that only records what is written, for the self-test."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.aborted

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def close(self) -> None:
        pass


_HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: self-test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


async def works() -> bool:
    """Try on this uvicorn, without a network, all that fan-out leans on; False means plain sends."""
    writable: list[bool] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        protocol = scope["extensions"][EXTENSION]
        protocol.write(b"\x81\x02hi")
        writable.append(not protocol.blocked)
        protocol.cut(4008, "self-test")

    try:
        config = Config(app, ws_per_message_deflate=False, log_config=None)
        config.load()
        protocol, transport = FanOutProtocol(config, ServerState(), {}), _Recorder()
        protocol.connection_made(transport)
        protocol.data_received(_HANDSHAKE)
        await asyncio.gather(*protocol.tasks)
        protocol.stop_keepalive()
        if protocol.close_timer is not None:
            protocol.close_timer.cancel()
        close = b"\x88\x0b" + (4008).to_bytes(2) + b"self-test"
        return writable == [True] and transport.written.endswith(b"\x81\x02hi" + close)
    except Exception:
        logger.exception("this uvicorn is not one that fan-out works with: falling back to plain sends")
        return False
