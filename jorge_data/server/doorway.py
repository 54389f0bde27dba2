"""The doorway: who is connected, from where and since when; where there is no room, who has waited longest goes."""

import asyncio
import ipaddress
import logging
import random
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple, Protocol

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from jorge_data.errors import RequestRefused, Unavailable
from jorge_data.server.descriptors import USED_UP, Descriptors
from jorge_data.server.readiness import Readiness
from jorge_data.server.telemetry import Telemetry

MOST_WAITING = 1_000
"""Most connections at once whose request has not come in whole; of more, the oldest are cut."""

MOST_WAITING_OF_AN_ADDRESS = 250
"""The same from one address."""

YOUNG_S = 10.0
"""So long nobody is cut for being one too many: of 2,000 clients that come back at once from one address, a proxy's or
an office's, most wait for a moment. Until then there is room for all; only where there is none, the oldest goes."""

HEADROOM = 100
"""Connections beyond the live ones' share, so that bots can publish while the sockets are all taken."""

LOOKED_AT_EVERY_S = 1.0

AT_ONCE = 64
"""Of so many one more is cut where there is no room, so that a flood of connections costs no look at all for each."""

CROWDED_FOR_S = 60.0
"""How long the doorway says that it is crowded after it last turned somebody away."""

NETWORK_BITS = 64
"""Of an IPv6 address, those that name its network: who has one of these has all addresses in it."""

FULL = "more connections come than there is room for: some are turned away, and asked to come back"

_jitter = random.Random()
logger = logging.getLogger(__name__)


class Waiter(Protocol):
    """A connection over HTTP, as the doorway sees it."""

    address: str
    since: float

    def look(self, now: float) -> None:
        """Cut the connection where it has had its time."""

    def cut(self, refused: Unavailable) -> None:
        """Turn the connection away, for another needs its room."""


class Capacity(NamedTuple):
    """How many connections there may be: of any kind, being served, and living long."""

    most: int
    served: int
    live: int


def capacity(most_live: int, descriptors: Descriptors) -> Capacity:
    """Return how many connections there may be where so many may live long, and no more than there are descriptors."""
    most = min(most_live + HEADROOM + MOST_WAITING, descriptors.for_connections)
    served = min(most_live + HEADROOM, most - min(MOST_WAITING, most // 4))
    return Capacity(most, served, min(most_live, served - min(HEADROOM, served // 4)))


class Doorway:
    """Bounds the connections of a server, in number and by address; event loop only.

    A connection waits as long as it has sent no whole request: nothing, half a head, half a body. It is idle between
    two requests. Both count against the descriptors of this process, neither against the places of others.
    """

    def __init__(self, capacity: Capacity, most_of_an_address: int, readiness: Readiness, counts: Telemetry) -> None:
        self.capacity = capacity
        self._most_of_an_address = most_of_an_address
        self._readiness, self._counts = readiness, counts
        self._all: dict[Waiter, None] = {}
        self._waiting: dict[Waiter, None] = {}  # in the order in which they began to
        self._idle: dict[Waiter, None] = {}
        self._sockets = 0
        self._live: Counter[str] = Counter()
        self._crowded_until = 0.0
        readiness.report("connections", "ok")

    # What a connection says of itself

    def enter(self, connection: Waiter) -> None:
        """Let a connection in, in the place of another where there is none left."""
        if self._count() >= self.capacity.most:
            self._make_room()
        self._all[connection] = None
        self.wait(connection)

    def wait(self, connection: Waiter) -> None:
        """Note that a connection waits from now on for the rest of what it has begun."""
        self._idle.pop(connection, None)
        self._waiting.pop(connection, None)
        if connection in self._all:
            self._waiting[connection] = None

    def serve(self, connection: Waiter) -> None:
        """Note that a connection's request is here as a whole."""
        self._waiting.pop(connection, None)

    def rest(self, connection: Waiter) -> None:
        """Note that a connection has its response, and may stay for another request."""
        if connection in self._all:
            self._idle[connection] = None

    def leave(self, connection: Waiter) -> None:
        """Note that a connection has ended, or goes on as a websocket."""
        for group in (self._all, self._waiting, self._idle):
            group.pop(connection, None)

    # Who may come in

    def _count(self) -> int:
        return len(self._all) + self._sockets

    @property
    def served(self) -> int:
        """How many connections are being served: neither waiting nor idle."""
        return self._count() - len(self._waiting) - len(self._idle)

    def check_request(self) -> None:
        """Raise Unavailable where one more request cannot be served."""
        if self.served >= self.capacity.served:
            raise self.turned_away("too many connections: try again in a moment")

    def check_live(self, address: str) -> None:
        """Raise Unavailable where one more connection that lives long cannot be served, or not of this address."""
        if self.served >= self.capacity.live:
            raise self.turned_away("too many connections: try again in a moment")
        if self._live[address] >= self._most_of_an_address:
            detail = f"{self._most_of_an_address} live connections come from this address: no more can be"
            raise Unavailable(detail, retry_after_s=_jitter.uniform(1, 5))  # one address is no crowd

    def open_socket(self, address: str, is_counted: bool) -> None:
        """Count a websocket; `is_counted`: by its address as well, for nobody else counts its client."""
        self._sockets += 1
        if is_counted:
            self.open_live(address)

    def close_socket(self, address: str, is_counted: bool) -> None:
        """Count a websocket no more."""
        self._sockets -= 1
        if is_counted:
            self.close_live(address)

    def open_live(self, address: str) -> None:
        """Count one who lives long by its address."""
        self._live[address] += 1

    def close_live(self, address: str) -> None:
        """Count it no more."""
        self._live[address] -= 1
        if not self._live[address]:
            del self._live[address]

    def turned_away(self, detail: str) -> Unavailable:
        """Return the refusal of one whom there is no room for, with when to come back: not all at once."""
        self._crowd(FULL)
        return Unavailable(detail, retry_after_s=_jitter.uniform(1, 5))

    def refused(self, code: str) -> None:
        """Count a refusal that no route has seen."""
        self._counts.requests_refused.labels(code).inc()

    def descriptors_used_up(self) -> None:
        """Note that the system gave this process no more descriptors."""
        self._crowd(USED_UP)
        self._make_room()

    def _crowd(self, why: str) -> None:
        self._crowded_until = asyncio.get_running_loop().time() + CROWDED_FOR_S
        self._readiness.report("connections", "degraded", why)

    # Who must go

    async def watch(self) -> None:
        """Look at all connections every second, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOKED_AT_EVERY_S)
            try:
                self.look(loop.time())
            except Exception:  # or nobody would be cut any more
                logger.exception("the connections could not be looked at")

    def look(self, now: float) -> None:
        """Cut who has had his time, and the oldest of those who wait where they are too many."""
        for connection in list(self._all):
            connection.look(now)
        aged = [connection for connection in self._waiting if now - connection.since >= YOUNG_S]
        too_many = Counter(connection.address for connection in aged)
        for address in too_many:
            too_many[address] -= MOST_WAITING_OF_AN_ADDRESS
        remaining = len(aged)
        for connection in aged:
            if too_many[connection.address] > 0 or remaining > MOST_WAITING:
                too_many[connection.address] -= 1
                remaining -= 1
                self._cut(connection)
        if self._crowded_until <= now:
            self._readiness.report("connections", "ok")

    def _make_room(self) -> None:
        """Cut the oldest of the address with most that wait, else of those that are idle."""
        group = self._waiting or self._idle
        if group:
            (crowd, size), *_ = Counter(connection.address for connection in group).most_common(1)
            oldest = (connection for connection in group if connection.address == crowd)
            for connection in list(islice(oldest, 1 + size // AT_ONCE)):
                self._cut(connection)

    def _cut(self, connection: Waiter) -> None:
        connection.cut(self.turned_away("too many connections wait: try again in a moment"))
        self.leave(connection)


def refusal(refused: RequestRefused, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return a refusal as the bytes of a response that ends its connection; `headers` go before its own."""
    body = orjson.dumps(refused.as_json())
    own = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    lines = [b"%b: %b\r\n" % header for header in headers]
    lines += [f"{name}: {value}\r\n".encode() for name, value in (own | refused.headers).items()]
    return STATUS_LINE[refused.status] + b"".join(lines) + b"\r\n" + body


def address_of(client: tuple[str, int] | None) -> str:
    """Return what a client's connections are counted by: its address, of IPv6 its network."""
    host = client[0] if client else ""
    if ":" not in host:
        return host
    address = ipaddress.IPv6Address(host.partition("%")[0])
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, NETWORK_BITS), strict=False))
