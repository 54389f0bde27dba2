"""A TCP proxy that spoils connections on purpose, after Shopify's toxiproxy; usable from synchronous tests."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from random import Random
from typing import Any, Self

CHUNK = 1 << 16
TICK_S = 0.02


@dataclass(frozen=True)
class Toxic:
    """What happens to the bytes of one direction; by default nothing."""

    latency_s: float = 0.0
    jitter_s: float = 0.0
    bandwidth: int | None = None  # bytes a second
    black_hole: bool = False  # bytes vanish, the connection stays
    timeout_s: float | None = None  # with black_hole: close after so long
    reset_peer: bool = False  # RST at the next byte
    slice_bytes: int | None = None  # cut what passes into pieces of so many bytes
    slice_delay_s: float = 0.0
    limit_data: int | None = None  # close after so many bytes of a connection
    slow_close_s: float = 0.0  # hold back the end
    idle_s: float | None = None  # close where nothing came for so long


CLEAN = Toxic()


class Proxy:
    """Stand between a client and a server; what is set holds at once, for open connections as well."""

    def __init__(self, port: int, host: str = "127.0.0.1", seed: int = 0) -> None:
        self.upstream = (host, port)
        self.up = CLEAN  # client → server
        self.down = CLEAN  # server → client
        self.port = 0
        self.accepted = 0
        self._random = Random(seed)
        self._loop = asyncio.new_event_loop()
        self._links: set[asyncio.Task[None]] = set()
        self._transports: set[asyncio.WriteTransport] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="toxics", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.open()
        return self

    def __exit__(self, *error: object) -> None:
        self.shut()
        self._call(self._settle())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    @property
    def upstream_ports(self) -> set[int]:
        """The ports by which the server knows the connections that are open."""
        names = [transport.get_extra_info("sockname") for transport in list(self._transports)]
        return {name[1] for name in names if name} - {self.port}

    def set(self, *, up: Toxic | None = None, down: Toxic | None = None) -> None:
        """Change what happens in a direction."""
        self.up, self.down = up or self.up, down or self.down

    def heal(self) -> None:
        self.up = self.down = CLEAN

    def open(self) -> None:
        """Accept connections, on the same port as before."""
        self._call(self._open())

    def shut(self) -> None:
        """Be down: refuse new connections and cut those there are."""
        self._call(self._shut())

    def cut(self, *, reset: bool = False) -> None:
        """End the open connections, by FIN or by RST, and go on accepting."""
        self._call(self._cut(reset))

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _shut(self) -> None:
        if server := self._server:
            self._server = None
            await asyncio.sleep(TICK_S)  # asyncio leaks a connection that it is accepting when its server closes
            server.close()
            await self._cut(reset=False)
            await server.wait_closed()

    async def _settle(self) -> None:
        """Let the connections that were accepted last end: asyncio closes an aborted one in a later turn."""
        if others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others, timeout=1)
        await asyncio.sleep(TICK_S)

    async def _cut(self, reset: bool) -> None:
        for transport in list(self._transports):
            _reset(transport) if reset else transport.abort()
        links = [link for link in self._links if link is not asyncio.current_task()]
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:  # it was dialled before we were shut
            writer.transport.abort()
            return
        self.accepted += 1
        link = asyncio.current_task()
        assert link is not None
        self._links.add(link)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._link(reader, writer)
        self._links.discard(link)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transports = {writer.transport}
        self._transports |= transports
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection(*self.upstream)
            transports.add(upstream_writer.transport)
            self._transports |= transports
            await asyncio.gather(self._pipe(reader, upstream_writer, "up"), self._pipe(upstream_reader, writer, "down"))
        finally:
            for transport in transports:
                transport.abort()
            self._transports -= transports

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: str) -> None:
        passed = 0
        while data := await self._read(reader, direction):
            toxic: Toxic = getattr(self, direction)
            if toxic.reset_peer:
                _reset(writer.transport)
                raise ConnectionResetError
            if toxic.black_hole:
                await self._swallow(toxic)
                continue
            if toxic.limit_data is not None:
                data = data[: toxic.limit_data - passed]
            passed += len(data)
            await self._pass(data, writer, toxic)
            if toxic.limit_data is not None and passed >= toxic.limit_data:
                await writer.drain()
                writer.close()
                raise ConnectionAbortedError
        while getattr(self, direction).black_hole:
            await asyncio.sleep(TICK_S)  # the end vanishes like all else
        await asyncio.sleep(getattr(self, direction).slow_close_s)
        if writer.can_write_eof() and not writer.is_closing():
            writer.write_eof()

    async def _read(self, reader: asyncio.StreamReader, direction: str) -> bytes:
        toxic: Toxic = getattr(self, direction)
        async with asyncio.timeout(toxic.idle_s):
            return await reader.read(CHUNK)

    async def _swallow(self, toxic: Toxic) -> None:
        if toxic.timeout_s is not None:
            await asyncio.sleep(toxic.timeout_s)
            raise ConnectionAbortedError

    async def _pass(self, data: bytes, writer: asyncio.StreamWriter, toxic: Toxic) -> None:
        if toxic.latency_s or toxic.jitter_s:
            await asyncio.sleep(max(0.0, toxic.latency_s + self._random.uniform(-1, 1) * toxic.jitter_s))
        size = toxic.slice_bytes or len(data)
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            writer.write(piece)
            await writer.drain()
            if toxic.slice_bytes:
                await asyncio.sleep(toxic.slice_delay_s)
            if toxic.bandwidth:
                await asyncio.sleep(len(piece) / toxic.bandwidth)


def _reset(transport: asyncio.WriteTransport) -> None:
    connection: socket.socket = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):  # its other end has gone, and it is closed
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
