"""The translator: takes deliveries from the inbox, in order, and makes them events; started anew, it goes on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter

from jorge_data.backoff import Backoff
from jorge_data.errors import StoreError
from jorge_data.server.webhook.deliveries import DeliveryReceiver
from jorge_data.server.webhook.interpretation import Interpretation, Meaning
from jorge_data.store import Copy, DeliveryOutcome, Filed, Inbox, Store
from jorge_data.vendors import Json, VendorEntity

logger = logging.getLogger(__name__)

BATCH = 200
SLICE = 10
"""Deliveries translated before other work gets its turn: about two milliseconds."""

APPENDED_AT_ONCE = 1_000
"""Events handed to the store together: of many deliveries with many events each it would refuse the whole, always."""

RESTS = 6
PATIENT = 8_000
"""While deliveries are being received their answers come first: the translator rests six times as long as it worked,
and less the more deliveries wait, for nobody waits for a translation as a vendor waits for an answer."""

KEPT_FOR = timedelta(days=7)
PRUNE_S = 3600.0
BACKOFF = Backoff(cap_s=5)
"""While the store cannot take what deliveries mean; it is on this machine, and nobody else asks it the same."""

Known = Callable[[str, list[str]], Awaitable[dict[str, Json]]]
"""Return the newest qualification of contacts of a location, of those that have one."""


def rest_s(worked_s: float, receiving: int, waiting: int) -> float:
    """Return how long to rest after a batch, by how many deliveries are being received and how many wait."""
    return worked_s * RESTS * max(0.0, 1 - waiting / PATIENT) if receiving else 0.0


class Translator:
    """Makes each delivery into its events once: they have the delivery's names, so that the store knows a repeat.

    Events are appended first, then the verdict and the copies are kept in one commit: killed in between, the delivery
    is translated again from the same copies, to events of the same names.
    """

    def __init__(
        self, deliveries: DeliveryReceiver, store: Store, known: Known, interpretation: Interpretation
    ) -> None:
        self._deliveries = deliveries
        self._inbox: Inbox = deliveries.inbox
        self._store = store
        self._known = known
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
            await self._news()

    async def _news(self) -> None:
        try:
            async with asyncio.timeout(PRUNE_S):
                await self._deliveries.filed.wait()
        except TimeoutError:
            return

    async def _drain(self) -> None:
        deliveries, loop, failures = self._deliveries, asyncio.get_running_loop(), 0
        while True:
            began = loop.time()
            try:
                async with deliveries.batch:
                    if not await self._translate_some():
                        return
                await asyncio.sleep(rest_s(loop.time() - began, deliveries.at_once, deliveries.waiting))
                failures = 0
                continue
            except StoreError as error:
                logger.warning("deliveries wait: %s", error)
            except Exception:
                logger.exception("deliveries wait: what should not happen did")
            failures += 1
            await asyncio.sleep(BACKOFF.delay_s(failures))

    async def _translate_some(self) -> bool:
        """Translate the oldest deliveries; say whether there were any."""
        batch = await asyncio.to_thread(self._inbox.pending, BATCH)
        location = attrgetter("delivery.location")
        for name, some in groupby(sorted(batch, key=location), location):  # sorting keeps each location's order
            await self._translate(name, list(some))
        if not batch:  # counted anew, for a location that was removed took its deliveries along
            self._deliveries.waiting = 0
        return bool(batch)

    async def _translate(self, location: str, batch: list[Filed]) -> None:
        seen = await self._seen(location, batch)
        meanings = []
        for number, filed in enumerate(batch):
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
            meaning = self._interpretation.of(filed.delivery, seen)
            seen |= meaning.copies
            meanings.append(meaning)
        await self._append(meanings)
        await self._settle(location, batch, meanings)

    async def _seen(self, location: str, batch: list[Filed]) -> dict[VendorEntity, Json]:
        """Return the copies that these deliveries are compared with."""
        wanted = {entity for filed in batch for entity in self._interpretation.concerns(filed.delivery)}
        live = [entity.id for entity in wanted if entity.kind == "qualification"]
        names = [entity for entity in wanted if entity.kind != "qualification"]
        kept = await asyncio.to_thread(self._inbox.copies, location, names) if names else []
        seen = {VendorEntity(copy.kind, copy.id): self._interpretation.load(copy.body) for copy in kept}
        known = await self._known(location, live) if live else {}
        return seen | {VendorEntity("qualification", contact): each for contact, each in known.items()}

    async def _append(self, meanings: list[Meaning]) -> None:
        candidates = [candidate for meaning in meanings for candidate in meaning.candidates]
        by_location = attrgetter("event.locationid")
        for location, some in groupby(sorted(candidates, key=by_location), by_location):
            events = list(some)
            for first in range(0, len(events), APPENDED_AT_ONCE):
                await asyncio.wrap_future(self._store.append(location, events[first : first + APPENDED_AT_ONCE]))

    async def _settle(self, location: str, batch: list[Filed], meanings: list[Meaning]) -> None:
        verdicts = [
            DeliveryOutcome(filed.id, meaning.state, len(meaning.candidates), meaning.error)
            for filed, meaning in zip(batch, meanings, strict=True)
        ]
        newest = {entity: copy for meaning in meanings for entity, copy in meaning.copies.items()}
        copies = [
            Copy(location, *entity, self._interpretation.dump(copy))
            for entity, copy in newest.items()
            if entity.kind != "qualification"
        ]
        await asyncio.wrap_future(self._inbox.settle(verdicts, copies))
        self._deliveries.waiting -= len(batch)
        for filed, verdict in zip(batch, verdicts, strict=True):
            self._count.labels(filed.delivery.vendor, verdict.state).inc()

    async def _prune(self) -> None:
        before = datetime.now(UTC) - KEPT_FOR
        try:
            while await asyncio.wrap_future(await asyncio.to_thread(self._inbox.prune, before)):
                pass  # a part at a time, so that no publish waits for the whole
        except StoreError as error:
            logger.warning("old deliveries stay for now: %s", error)
