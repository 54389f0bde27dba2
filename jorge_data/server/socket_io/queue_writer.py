"""The writer to one client of Socket.IO: by the library's queue, of which no more than a batch is ever filled."""

import asyncio
from typing import Any

import engineio.packet
import socketio.packet
from engineio.packet import Packet

from jorge_data.errors import Unauthenticated, Unavailable
from jorge_data.server.log.frames import Frame, message, packets
from jorge_data.server.websocket.protocol import GRACE_S, FanOutProtocol

PATIENCE_S = 2.0
"""How long a client may leave what was written to it before it counts as slow: one that polls comes back sooner."""

FINAL = Unauthenticated.close - Unauthenticated.close % 500
"""Close codes from here on say not to come back: the client is disconnected by name, upon which it does not."""


class QueueWriter:
    """Writes to one client in the order given; event loop only. It is a `ClientWriter`, and so serves a subscription.

    The library's queue has no bound: who writes waits here until it is empty, so that it holds one batch at most.
    """

    def __init__(self, engine_socket: Any, protocol: FanOutProtocol | None) -> None:
        self.protocol = protocol  # of the client's websocket, where it has one
        self.cut_code: int | None = None
        self.is_connected = False
        self.left = asyncio.Event()
        self._engine_socket = engine_socket
        self._queue: asyncio.Queue[Any] = engine_socket.queue
        self._loop = asyncio.get_running_loop()
        self._waiting_since: float | None = None
        self._closing: asyncio.Task[None] | None = None

    @property
    def blocked(self) -> bool:
        """Whether the client has not taken for a while what was written to it."""
        return self._waiting_since is not None and self._loop.time() - self._waiting_since > PATIENCE_S

    @property
    def waiting(self) -> int:
        """How many packets the client has not taken yet."""
        return self._queue.qsize()

    async def send(self, frame: Frame) -> None:
        """Write a frame, then wait until the client has taken it."""
        self._put(frame)
        self._waiting_since = self._waiting_since or self._loop.time()
        await self._queue.join()
        self._waiting_since = None

    def offer(self, frame: Frame) -> None:
        """Write a frame where the client has taken everything before it, else drop it."""
        if not self.waiting:
            self._put(frame)

    def cut(self, code: int, reason: str) -> None:
        """Say why by `closing`, then close; a client that takes nothing of it in time is aborted.

        Where the server restarts, the end alone says it, as on a websocket: a client that polls could ask no more.
        """
        if self.cut_code is not None:
            return
        if self.is_connected and code != Unavailable.close:
            self._put(message(type="closing", code=code, detail=reason))
            if code >= FINAL:
                self._put_packet(socketio.packet.Packet(socketio.packet.DISCONNECT).encode())
        self.cut_code = code
        self._closing = asyncio.create_task(self._close(code, reason), name="closing a client of Socket.IO")

    async def closed(self) -> None:
        """Return when a client that was cut is closed."""
        if self._closing is not None:
            await asyncio.wait([self._closing])

    async def _close(self, code: int, reason: str) -> None:
        patience = (
            0 if self.blocked or code == Unavailable.close else GRACE_S
        )  # who does not wait for it now, never will
        await self._taken_within(patience)
        self._queue.put_nowait(Packet(engineio.packet.CLOSE))  # alone: what comes with it is not looked at any more
        await self._taken_within(patience)
        await self._engine_socket.close(wait=False, abort=True)
        if self.protocol is not None:
            self.protocol.cut(code, reason)
        else:
            self._queue.put_nowait(None)  # ends the library's own writer to a websocket

    async def _taken_within(self, seconds: float) -> None:
        ends = [asyncio.ensure_future(end) for end in (self._queue.join(), self.left.wait())]
        await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()

    def _put(self, frame: Frame) -> None:
        if self.cut_code is None:
            for packet in packets(frame):
                self._put_packet(packet)

    def _put_packet(self, packet: str) -> None:
        self._queue.put_nowait(Packet(engineio.packet.MESSAGE, packet))
