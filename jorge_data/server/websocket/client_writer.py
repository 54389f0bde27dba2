"""The writer to one client: directly where the protocol allows it, else through ASGI."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from jorge_data.server.log.frames import Frame
from jorge_data.server.websocket.protocol import EXTENSION, GRACE_S, FanOutProtocol


class ClientWriter(Protocol):
    """Writes frames to one client in the order given; event loop only."""

    @property
    def blocked(self) -> bool:
        """Whether the client reads more slowly than we write."""

    async def send(self, frame: Frame) -> None:
        """Write a frame, then wait until the client has room for another; return at once where it has left."""

    def offer(self, frame: Frame) -> None:
        """Write a frame where the client has room, else drop it."""

    def cut(self, code: int, reason: str) -> None:
        """Close with a code; a client that does not read it in time is aborted."""


class DirectWriter:
    """Shares the frame's bytes with every other client: no framing, no copy, no task a send."""

    def __init__(self, protocol: FanOutProtocol) -> None:
        self._protocol = protocol

    @property
    def blocked(self) -> bool:
        return self._protocol.blocked

    async def send(self, frame: Frame) -> None:
        self._protocol.write(frame.wire)
        await self._protocol.writable.wait()

    def offer(self, frame: Frame) -> None:
        if not self.blocked:
            self._protocol.write(frame.wire)

    def cut(self, code: int, reason: str) -> None:
        self._protocol.cut(code, reason)


class AsgiWriter:
    """The fallback: one send at a time through the framework."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._order = asyncio.Lock()  # one send at a time
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def blocked(self) -> bool:
        return self._order.locked()

    async def send(self, frame: Frame) -> None:
        async with self._order:
            with suppress(WebSocketDisconnect, RuntimeError):  # left, or already closed
                if frame.binary:
                    await self._websocket.send_bytes(frame.payload)
                else:
                    await self._websocket.send_text(frame.payload.decode())

    def offer(self, frame: Frame) -> None:
        if not self.blocked:
            self._start(self.send(frame))

    def cut(self, code: int, reason: str) -> None:
        self._start(self._close(code, reason))

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _close(self, code: int, reason: str) -> None:
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(GRACE_S):
                await self._websocket.close(code, reason)


def client_writer_of(websocket: WebSocket, direct: bool) -> ClientWriter:
    """Return how to write to this client."""
    protocol = websocket.scope.get("extensions", {}).get(EXTENSION)
    if direct and isinstance(protocol, FanOutProtocol):
        return DirectWriter(protocol)
    return AsgiWriter(websocket)
