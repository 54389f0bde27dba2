"""Receiving deliveries: verified, stored in the inbox whatever is in them, and only then acknowledged."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

from jorge_data.errors import RequestRefused, StoreError, TooMany
from jorge_data.events.personal import names_one_of, structure_of
from jorge_data.server.telemetry import Telemetry
from jorge_data.server.webhook.opening import delivery_of
from jorge_data.server.webhook.refused_deliveries import RefusedDeliveries
from jorge_data.server.webhook.vendors import Vendors
from jorge_data.store import Delivery, Inbox
from jorge_data.vendors.body import read_body

logger = logging.getLogger(__name__)

MOST_WAITING = 50_000
"""Deliveries that may wait for their translation; beyond, a vendor is asked to come back."""

MOST_AT_ONCE = 500
"""Deliveries that may be on their way to the disk at once, of up to 1 MiB each, and not yet verified."""

RETRY_AFTER_S = 30.0


class Filed(NamedTuple):
    """What was filed: whether it is a repeat, and why it will not be told where it cannot be read."""

    repeated: bool
    unread: str | None


@dataclass
class DeliveryReceiver:
    """Receives vendors' deliveries into the inbox; event loop only. `waiting` counts those not translated yet."""

    inbox: Inbox
    vendors: Vendors
    telemetry: Telemetry
    default_location: str
    """The location of deliveries that name none."""

    erased: Callable[[str], frozenset[str]] = lambda location: frozenset()
    """Returns the ids of the contacts that a location has erased."""

    refused: RefusedDeliveries = field(default_factory=RefusedDeliveries)

    waiting: int = 0
    filed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when there is something to translate."""

    receiving: int = 0
    """Deliveries on their way to the disk."""

    failing: str = ""
    """Why deliveries cannot be translated, while they cannot."""

    batch: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held from the reading of deliveries until their events are committed, and while a location is removed: what was
    read before it was removed would revive it."""

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold one of MOST_AT_ONCE slots until a delivery is on disk; raise TooMany where all are held."""
        if self.receiving >= MOST_AT_ONCE:
            raise TooMany(f"{self.receiving} deliveries are being received: try again later", None, RETRY_AFTER_S)
        self.receiving += 1
        try:
            yield
        finally:
            self.receiving -= 1

    async def receive(self, name: str, headers: Mapping[str, str], raw: bytes) -> Filed:
        """File what a vendor sent, whatever is in it; raise RequestRefused where it is not that vendor's."""
        vendor, now = self.vendors[name], datetime.now(UTC)
        vendor.verify(headers, raw, now)
        delivery, unread = delivery_of(vendor, raw, now, self.default_location)
        delivery = self._redacted(delivery)
        repeated = await self.file(delivery)
        self.telemetry.deliveries.labels(name, "repeated" if repeated else "filed").inc()
        return Filed(repeated, unread)

    def _redacted(self, delivery: Delivery) -> Delivery:
        """Return a delivery about somebody who was erased without what is personal, before it comes to the disk."""
        if not self.is_about_erased(delivery.location, delivery.body):
            return delivery
        try:
            return delivery._replace(body=orjson.dumps(structure_of(read_body(delivery.body))))
        except ValueError:  # no text of it can be told from another: it is kept that something came
            return delivery._replace(body=b"{}")

    def is_about_erased(self, location: str, body: bytes) -> bool:
        """Return whether a body names a contact that a location has erased."""
        erased = self.erased(location)
        return bool(erased) and names_one_of(body.decode(), erased)

    async def file(self, delivery: Delivery) -> bool:
        """Store a delivery in the inbox, and return whether it was a repeat; raise TooMany where it was not stored.

        That is the one refusal upon which GoHighLevel tries again, so a store that fails answers with it too.
        """
        if self.waiting >= MOST_WAITING:
            raise TooMany(f"{self.waiting} deliveries wait to be translated: try again later", None, RETRY_AFTER_S)
        try:
            repeated = await asyncio.wrap_future(self.inbox.file(delivery))
        except StoreError as error:
            raise TooMany(f"nothing was kept: {error}", None, RETRY_AFTER_S) from error
        if not repeated:
            self.waiting += 1
            self.filed.set()
        return repeated

    async def reopen(self, location: str | None) -> int:
        """Have what failed or was ignored, of a location or of all, translated again; return how many there are."""
        reopened = await asyncio.wrap_future(self.inbox.reopen(location))
        self.waiting += reopened
        self.filed.set()
        return reopened

    def count_refusal(self, name: str, refused: RequestRefused) -> None:
        """Count a refusal, and keep why; its words quote no header."""
        self.refused.add(name, refused, datetime.now(UTC))
        self.telemetry.deliveries.labels(name, refused.code).inc()
        logger.info("a delivery of %s was refused: %s: %s", name, refused.code, refused)
