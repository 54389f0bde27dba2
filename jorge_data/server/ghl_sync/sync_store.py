"""What a synchronization reads from the store and writes to it: copies, differences, and its cursor."""

import asyncio
from collections.abc import Container, Iterable
from datetime import datetime

import orjson
from tenacity import retry, retry_if_exception_type

from jorge_data.backoff import Backoff
from jorge_data.errors import TooMany
from jorge_data.server.webhook.delivery_receiver import DeliveryReceiver
from jorge_data.store import Delivery, VendorCopy
from jorge_data.vendors import Json, StoredCopies, VendorEntity
from jorge_data.vendors.gohighlevel.sync import VENDOR, Difference

_CURSOR = VendorEntity("sync", VENDOR.name)
"""The key, among the copies, of the cursor that an interrupted synchronization resumes from."""


class SyncStore:
    """One location's part of the inbox."""

    def __init__(self, deliveries: DeliveryReceiver, location: str) -> None:
        self._deliveries = deliveries
        self._location = location

    async def copies(self, entities: Iterable[VendorEntity]) -> dict[VendorEntity, Json]:
        """Return the stored copies of these entities."""
        stored = await asyncio.to_thread(self._deliveries.inbox.copies, self._location, list(dict.fromkeys(entities)))
        return {VendorEntity(copy.kind, copy.id): orjson.loads(copy.body) for copy in stored}

    async def unlisted(self, kind: str, listed: Container[str], most: int) -> list[str]:
        """Return up to so many ids of a kind that have a copy, and that a listing of all did not have."""
        ids: list[str] = []
        after = ""
        while len(ids) < most:
            page = await asyncio.to_thread(self._deliveries.inbox.kept, self._location, kind, after, 1000)
            ids += [copy.id for copy in page if copy.id not in listed and not orjson.loads(copy.body).get("deleted")]
            if not page:
                break
            after = page[-1].id
        return ids[:most]

    async def file(self, differences: Iterable[Difference], requested_at: datetime) -> int:
        """File differences in the inbox, to be translated like webhooks; return how many were not there already."""
        repeated = await asyncio.gather(*(self._file(each, requested_at) for each in differences))
        return repeated.count(False)

    async def cursor(self) -> Json:
        """Return the cursor of the last synchronization if it was interrupted; else empty."""
        copies: StoredCopies = await self.copies([_CURSOR])
        return copies.get(_CURSOR, {})

    async def save(self, cursor: Json) -> None:
        """Save the cursor to resume from; empty at the end."""
        copy = VendorCopy(self._location, *_CURSOR, orjson.dumps(cursor))
        await asyncio.wrap_future(self._deliveries.inbox.settle([], [copy]))

    @retry(retry=retry_if_exception_type(TooMany), wait=Backoff())  # the translator has to catch up first
    async def _file(self, difference: Difference, requested_at: datetime) -> bool:
        if self._deliveries.is_about_erased(self._location, difference.body):
            return True  # the CRM still has who was erased here: nothing of it is news
        delivery = Delivery(self._location, VENDOR.name, difference.key, difference.type, requested_at, difference.body)
        return await self._deliveries.file(delivery)
