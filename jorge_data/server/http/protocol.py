"""uvicorn's HTTP protocol, with the bounds that each connection has: in bytes, in time, and in number."""

import asyncio
from typing import Any, Literal
from urllib.parse import parse_qs, unquote_to_bytes

import httptools
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from jorge_data.errors import HeadTooLarge, RequestRefused, TimedOut, TooLarge, Unavailable, URLTooLong
from jorge_data.server.doorway import Doorway, address_of, refusal
from jorge_data.server.http.responses import ORJSONResponse

WEBHOOKS = b"/webhooks/"
SOCKET_IO = b"/socket.io/"
STREAM = b"/events/stream"
HEALTH = b"/health"

MAX_URL_BYTES = 8_000
"""With the method it is the first line of a websocket's handshake, of which its library takes 8,192 bytes."""

MAX_HEAD_BYTES = 32 << 10
MAX_HEADERS = 100
MAX_BODY_BYTES = 2 << 20
"""More than any route takes, each of which says what it does take."""

MAX_BESIDE_BODY_BYTES = 16 << 10
"""Most bytes of extensions and trailers in a body that comes in chunks, beyond 16 a chunk and two a byte: Go's rule."""

MOST_QUEUED = 16
"""Most requests of one connection that wait for the responses to those before them."""

PIECE = 8 << 10
"""Bytes that are parsed before they are counted again."""

HEAD_WITHIN_S = 10.0
BODY_WITHIN_S = 15.0
BODY_BYTES_A_SECOND = 1024
"""Each KiB of a body gives it a second more: a phone in a tunnel is slow, one byte a minute is an attack."""

IDLE_S = 30.0
"""Longer than uvicorn's own timer, which any byte stops, even one that begins no request."""

READ_WITHIN_S = 30.0
"""Longest that a client may take nothing at all of a response that waits for it."""

LINGER_S = 2.0
"""How long the rest of a refused request is read and dropped, so that its sender comes to read the refusal."""

MAX_DROPPED_BYTES = 1 << 20
"""Most that is read of it: a sender that has more is not reading what it was told."""

Phase = Literal["head", "body", "answer", "idle"]
"""What a connection does: it sends a head or a body, waits for a response, or may send another request."""


class BoundedProtocol(HttpToolsProtocol):
    """One HTTP connection: what of it is too long, too slow or too much is refused before anything grows with it.

    Over the limit of connections it is answered 503, but for GoHighLevel's webhooks, whose own limits answer with the
    429 upon which alone it tries again (`delivery_receiver.py`), and for `/health`. Who polls Socket.IO or streams
    events holds a connection as long as a socket does, and has the sockets' limit.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.doorway: Doorway = self.app_state["doorway"]
        self.address = ""
        self.since = 0.0
        self._phase: Phase = "head"
        self._any_byte = False
        self._refused = False
        self._raw = 0  # bytes of the head that is being read
        self._head = 0  # the same, as far as they are parsed
        self._body = 0
        self._beside_body = 0
        self._chunks = 0
        self._dropped = 0
        self._answering: RequestResponseCycle | None = None
        self._streams: list[RequestResponseCycle] = []
        """Those of its requests that stream events, until their responses end."""
        self._unread: tuple[int, float] | None = None  # bytes that wait for the client, and since when
        self._closing_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address, self.since = address_of(self.client), self.loop.time()
        self.doorway.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.doorway.leave(self)
        for _ in self._streams:
            self.doorway.close_live(self.address)
        self._stop_answering()  # uvicorn tells the newest request alone, which may be one that still waits
        super().connection_lost(exc)

    # Reading

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._any_byte = True
        if self._refused:
            self._drop(data)
        for start in range(0, len(data), PIECE):
            if self._refused or self.transport.is_closing() or self.transport.get_protocol() is not self:
                return
            self._read(data[start : start + PIECE])

    def _drop(self, data: bytes) -> None:
        self._dropped += len(data)
        if self._dropped > MAX_DROPPED_BYTES:
            self.transport.pause_reading()

    def _read(self, piece: bytes) -> None:
        phase, body, chunks = self._phase, self._body, self._chunks
        if phase in ("head", "idle"):
            self._raw += len(piece)
        try:
            if self._raw > 2 * MAX_HEAD_BYTES:
                raise HeadTooLarge(f"the head of the request has more than {MAX_HEAD_BYTES} bytes")
            self.parser.feed_data(piece)
            if phase == "body" == self._phase:
                came = self._body - body
                excess = self._beside_body + len(piece) - 3 * came - 16 * (self._chunks - chunks)
                self._beside_body = max(0, excess)
                if self._beside_body > MAX_BESIDE_BODY_BYTES:
                    raise HeadTooLarge("the chunks of the body have too many extensions or trailers")
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
        except RequestRefused as refused:
            self._refuse(refused)
        except httptools.HttpParserError as error:
            reason = error.__context__
            not_http = RequestRefused("the request is none of HTTP/1.1")
            self._refuse(reason if isinstance(reason, RequestRefused) else not_http)

    def handle_websocket_upgrade(self) -> None:
        self.doorway.leave(self)
        super().handle_websocket_upgrade()

    # What the parser calls: a refusal raised here comes back as the cause of its error

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= MOST_QUEUED:
            raise RequestRefused(f"{MOST_QUEUED} requests wait for their responses: send no more before one comes")
        super().on_message_begin()
        self._raw = self._head = self._body = self._beside_body = self._chunks = 0
        self._begin("head")
        if not self._is_answering:
            self.doorway.wait(self)

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._head += len(url)
        if len(self.url) > MAX_URL_BYTES:
            raise URLTooLong(f"the address has more than {MAX_URL_BYTES} bytes")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._phase != "head":  # a trailer, which no route reads: the head is complete, and was checked as such
            return
        super().on_header(name, value)
        self._head += len(name) + len(value) + 4
        if self._head > MAX_HEAD_BYTES:
            raise HeadTooLarge(f"the head of the request has more than {MAX_HEAD_BYTES} bytes")
        if len(self.headers) > MAX_HEADERS:
            raise HeadTooLarge(f"the request has more than {MAX_HEADERS} headers")

    def on_headers_complete(self) -> None:
        path = self._path
        refused = self._refused_for_load(path)
        self.app = self.config.loaded_app if refused is None else _refusing(refused)
        super().on_headers_complete()
        if refused is None and path == STREAM and not self._upgrades:
            self.doorway.open_live(self.address)
            self._streams.append(self.cycle)
        self._begin("body")

    def on_chunk_header(self) -> None:
        self._chunks += 1

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        if self._body > MAX_BODY_BYTES:
            raise TooLarge(f"the body has more than {MAX_BODY_BYTES} bytes")
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._begin("answer")
        self.doorway.serve(self)
        super().on_message_complete()
        if self._answering is None:
            self._rest()

    def _begin(self, phase: Phase) -> None:
        self._phase, self.since = phase, self.loop.time()

    # Answering

    def _refused_for_load(self, path: bytes) -> Unavailable | None:
        if self._upgrades:
            return None  # its own protocol looks
        if path.startswith((WEBHOOKS, HEALTH + b"/")) or path == HEALTH:
            return None
        try:
            if (path.startswith(SOCKET_IO) and b"sid" not in parse_qs(self.url.partition(b"?")[2])) or path == STREAM:
                self.doorway.check_live(self.address)
            else:
                self.doorway.check_request()
        except Unavailable as refused:
            self.doorway.refused(refused.code)
            return refused
        return None

    @property
    def _upgrades(self) -> bool:
        return self.parser.should_upgrade() and self._should_upgrade()

    @property
    def _path(self) -> bytes:
        """The path as the routes see it, however it is spelled."""
        return unquote_to_bytes(httptools.parse_url(self.url).path or b"/")

    @property
    def _is_answering(self) -> bool:
        return self._answering is not None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGIApp) -> None:  # type: ignore[override]
        self._answering = cycle
        super()._start_asgi_task(cycle, app)  # type: ignore[arg-type]

    def on_response_complete(self) -> None:
        ended, self._answering = self._answering, None
        if ended in self._streams:
            self._streams.remove(ended)
            self.doorway.close_live(self.address)
        if self._phase in ("head", "body"):  # what it has begun meanwhile is now all that it is here for
            self.doorway.wait(self)
        super().on_response_complete()  # begins to answer the next one, where one waits
        if self._phase == "answer" and not self._is_answering:
            self._rest()

    def _rest(self) -> None:
        """Wait for another request."""
        self._raw = 0
        self._begin("idle")
        self.doorway.rest(self)

    # Refusing

    def send_400_response(self, msg: str) -> None:
        self._refuse(RequestRefused(msg))

    def _refuse(self, refused: RequestRefused) -> None:
        """Answer with a refusal and read no more; responses that are under way to requests before it come first."""
        self._refused = True
        self.doorway.refused(refused.code)
        answering, cuts_body = self._answering, self._phase == "body"
        if answering is not None and not (cuts_body and answering is self.cycle):
            if cuts_body:
                self.pipeline.popleft()  # it would wait for the rest of its body
            last = self.pipeline[0][0] if self.pipeline else answering
            last.keep_alive = False
            return
        if answering is not None:
            self._stop_answering()
            if answering.response_started:
                self.transport.abort()
                return
        if answering is not None or not cuts_body:  # else it has its response, and the rest of its body is not read
            self.transport.write(refusal(refused, self.server_state.default_headers))
        self._linger()

    def _linger(self) -> None:
        """Say that nothing more comes, drop what does, then close."""
        try:
            self.transport.write_eof()
        except (OSError, NotImplementedError):  # its sender has left already, or the transport is one that cannot
            self.transport.close()
        else:
            self.loop.call_later(LINGER_S, self.transport.abort)

    def cut(self, refused: Unavailable) -> None:
        """Close the connection, for another needs its room; one that waits for a first response is told so."""
        self._refused = True
        if self._phase == "head" and self._answering is None:
            self.transport.write(refusal(refused, self.server_state.default_headers))
        self._stop_answering()
        self.transport.close()
        self.loop.call_later(LINGER_S, self.transport.abort)  # one that reads nothing would keep its descriptor

    def _stop_answering(self) -> None:
        if self._answering is not None:
            self._answering.disconnected = True
            self._answering.message_event.set()

    def shutdown(self) -> None:
        """End in time with the server: a request that is still on its way is not waited for."""
        if self._phase in ("head", "body") and self._any_byte and not self._refused:
            self._refuse(Unavailable("the server is restarting: try again in a moment", retry_after_s=2))
        else:
            super().shutdown()

    # Time

    def look(self, now: float) -> None:
        """Cut the connection where its client has had its time: to send, to come back, or to read."""
        if not self.flow.write_paused:
            self._unread = None
        if self.transport.is_closing():
            self._closing_since = self._closing_since or now
            if now - self._closing_since > LINGER_S:  # it reads nothing, and `close` waits until it has
                self.transport.abort()
        elif self.flow.write_paused:
            self._look_at_reader(now)
        elif self.flow.read_paused:
            self.since = now  # it is we who do not read
        elif not self._refused and now - self.since > self._time_to_send():
            self._end_of_time()

    def _look_at_reader(self, now: float) -> None:
        waiting = self.transport.get_write_buffer_size()
        if self._unread is None or self._unread[0] != waiting:
            self._unread = waiting, now
        elif now - self._unread[1] > READ_WITHIN_S:
            self.transport.abort()

    def _time_to_send(self) -> float:
        match self._phase:
            case "head":
                return HEAD_WITHIN_S
            case "body":
                return BODY_WITHIN_S + self._body / BODY_BYTES_A_SECOND
            case "idle":
                return IDLE_S
        return float("inf")

    def _end_of_time(self) -> None:
        if self._phase == "idle" or not self._any_byte:
            self.transport.close()
        else:
            self._refuse(TimedOut(f"the {self._phase} of the request did not come in time"))


def _refusing(refused: RequestRefused) -> ASGIApp:
    """Return an application that answers with a refusal, whatever it is asked."""

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {**refused.headers, "Connection": "close"}
        await ORJSONResponse(refused.as_json(), refused.status, headers)(scope, receive, send)

    return refuse
