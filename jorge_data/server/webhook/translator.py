"""The translator: a worker that reads deliveries from the inbox, in order, and appends their events to the log."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter

import orjson

from jorge_data.backoff import Backoff
from jorge_data.errors import StoreError
from jorge_data.server.webhook.delivery_receiver import DeliveryReceiver
from jorge_data.server.webhook.interpretation import Interpretation, InterpretedDelivery
from jorge_data.store import DeliveryOutcome, Inbox, InboxDelivery, Store, VendorCopy
from jorge_data.vendors import HOLDERS, Json, VendorEntity
from jorge_data.vendors.phone import holders_of

logger = logging.getLogger(__name__)

BATCH = 200
SLICE = 10
"""Deliveries translated before other work gets its turn: about two milliseconds."""

APPENDED_AT_ONCE = 1_000
"""Events handed to the store together: of many deliveries with many events each it would refuse the whole, always."""

PAUSE_FACTOR = 6
NO_PAUSE_FROM = 8_000
"""While deliveries are being received their responses come first: the translator pauses six times as long as it worked,
and less the more deliveries wait, for nobody waits for a translation as a vendor waits for a response."""

INBOX_AGE = timedelta(days=7)
PRUNE_S = 3600.0
BACKOFF = Backoff(cap_s=5)
"""Pauses while the store cannot take the events; it is on this machine, and nobody else retries the same."""

KnownSellers = Callable[[str, list[str]], Awaitable[dict[str, Json]]]
"""Returns the newest qualification of contacts of a location, of those that have one."""


def pause_s(worked_s: float, receiving: int, waiting: int) -> float:
    """Return the pause after a batch in seconds, by how many deliveries are being received and how many wait."""
    return worked_s * PAUSE_FACTOR * max(0.0, 1 - waiting / NO_PAUSE_FROM) if receiving else 0.0


class Translator:
    """Translates each delivery to its events once: their ids come from the delivery, so that the store drops a repeat.

    Events are appended first, then the outcome and the copies are stored in one commit: killed in between, the delivery
    is translated again from the same copies, to events of the same ids.
    """

    def __init__(
        self, deliveries: DeliveryReceiver, store: Store, known_sellers: KnownSellers, interpretation: Interpretation
    ) -> None:
        self._deliveries = deliveries
        self._inbox: Inbox = deliveries.inbox
        self._store = store
        self._known_sellers = known_sellers
        self._interpretation = interpretation
        self._count = deliveries.telemetry.translated

    async def run(self) -> None:
        """Translate whatever comes, until cancelled."""
        pruned = 0.0
        loop = asyncio.get_running_loop()
        while True:
            self._deliveries.filed.clear()
            await self._drain()
            if loop.time() - pruned > PRUNE_S or not pruned:
                pruned = loop.time()
                await self._prune()
            await self._wait()

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PRUNE_S):
                await self._deliveries.filed.wait()

    async def _drain(self) -> None:
        deliveries, loop, failures = self._deliveries, asyncio.get_running_loop(), 0
        while True:
            began = loop.time()
            try:
                async with deliveries.batch:
                    if not await self._translate_some():
                        deliveries.failing = ""
                        return
                await asyncio.sleep(pause_s(loop.time() - began, deliveries.receiving, deliveries.waiting))
                failures, deliveries.failing = 0, ""
                continue
            except StoreError as error:
                if deliveries.failing != str(error):  # once for each reason, and not at every try
                    logger.warning("deliveries wait: %s", error)
                deliveries.failing = str(error)
            except Exception:
                logger.exception("deliveries wait: what should not happen did")
                deliveries.failing = "something went wrong; the log names it"
            failures += 1
            await asyncio.sleep(BACKOFF.delay_s(failures))

    async def _translate_some(self) -> bool:
        """Translate the oldest deliveries; return whether there were any."""
        batch = await asyncio.to_thread(self._inbox.pending, BATCH)
        location = attrgetter("delivery.location")
        for name, deliveries in groupby(sorted(batch, key=location), location):  # sorting keeps each location's order
            await self._translate(name, list(deliveries))
        if not batch:  # counted anew, for a location that was removed took its deliveries along
            self._deliveries.waiting = 0
        return bool(batch)

    async def _translate(self, location: str, batch: list[InboxDelivery]) -> None:
        copies = await self._copies(location, batch)
        interpreted = []
        for number, filed in enumerate(batch):
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
            delivery = self._interpretation.translate(filed.delivery, copies)
            copies |= delivery.copies
            interpreted.append(delivery)
        await self._append(interpreted)
        await self._settle(location, batch, interpreted)

    async def _copies(self, location: str, batch: list[InboxDelivery]) -> dict[VendorEntity, Json]:
        """Return the copies that these deliveries are compared with; of a number or an address also its contact's."""
        entities = {entity for filed in batch for entity in self._interpretation.concerns(filed.delivery)}
        contacts = [entity.id for entity in entities if entity.kind == "qualification"]
        others = [entity for entity in entities if entity.kind not in ("qualification", HOLDERS)]
        sought = {entity.id for entity in entities if entity.kind == HOLDERS}
        copies = await self._stored(location, others)
        found = [copy for entity, copy in copies.items() if entity.kind in ("phone", "email") and entity.id in sought]
        holders = {contact for copy in found for contact in holders_of(copy)}
        contacts += holders
        of_holders = {VendorEntity(kind, contact) for contact in holders for kind in ("contact", "conversation")}
        copies |= await self._stored(location, list(of_holders - copies.keys()))
        sellers = await self._known_sellers(location, contacts) if contacts else {}
        return copies | {VendorEntity("qualification", contact): seller for contact, seller in sellers.items()}

    async def _stored(self, location: str, entities: Sequence[VendorEntity]) -> dict[VendorEntity, Json]:
        stored = await asyncio.to_thread(self._inbox.copies, location, entities) if entities else []
        return {VendorEntity(copy.kind, copy.id): orjson.loads(copy.body) for copy in stored}

    async def _append(self, interpreted: list[InterpretedDelivery]) -> None:
        candidates = [candidate for delivery in interpreted for candidate in delivery.candidates]
        by_location = attrgetter("event.locationid")
        for location, group in groupby(sorted(candidates, key=by_location), by_location):
            events = list(group)
            for first in range(0, len(events), APPENDED_AT_ONCE):
                await asyncio.wrap_future(self._store.append(location, events[first : first + APPENDED_AT_ONCE]))

    async def _settle(self, location: str, batch: list[InboxDelivery], interpreted: list[InterpretedDelivery]) -> None:
        outcomes = [
            DeliveryOutcome(filed.id, delivery.state, len(delivery.candidates), delivery.error)
            for filed, delivery in zip(batch, interpreted, strict=True)
        ]
        newest = {entity: copy for delivery in interpreted for entity, copy in delivery.copies.items()}
        copies = [
            VendorCopy(location, *entity, orjson.dumps(copy))
            for entity, copy in newest.items()
            if entity.kind != "qualification"
        ]
        await asyncio.wrap_future(self._inbox.settle(outcomes, copies))
        self._deliveries.waiting -= len(batch)
        for filed, outcome in zip(batch, outcomes, strict=True):
            self._count.labels(filed.delivery.vendor, outcome.state).inc()

    async def _prune(self) -> None:
        before = datetime.now(UTC) - INBOX_AGE
        try:
            while await asyncio.wrap_future(await asyncio.to_thread(self._inbox.prune, before)):
                pass  # a part at a time, so that no publish waits for the whole
        except StoreError as error:
            logger.warning("old deliveries stay for now: %s", error)
