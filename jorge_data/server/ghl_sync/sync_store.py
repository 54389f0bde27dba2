"""What a synchronization finds in the store and leaves there: copies, differences, and how far it is."""

import asyncio
from collections.abc import Container, Iterable
from datetime import datetime
from typing import Any

import orjson
from tenacity import retry, retry_if_exception_type

from jorge_data.backoff import Backoff
from jorge_data.errors import TooMany
from jorge_data.server.webhook.deliveries import DeliveryReceiver
from jorge_data.store import Copy, Delivery
from jorge_data.vendors import Json, Seen, VendorEntity
from jorge_data.vendors.gohighlevel.sync import VENDOR, Difference

_CURSOR = VendorEntity("sync", VENDOR.name)
"""Kept beside the copies: where a synchronization that was cut off goes on."""


class SyncStore:
    """One location's part of the inbox."""

    def __init__(self, deliveries: DeliveryReceiver, location: str) -> None:
        self._deliveries = deliveries
        self._location = location

    async def copies(self, entities: Iterable[VendorEntity]) -> dict[VendorEntity, Json]:
        """Return the copies that are kept of these."""
        kept = await asyncio.to_thread(self._deliveries.inbox.copies, self._location, list(dict.fromkeys(entities)))
        return {VendorEntity(copy.kind, copy.id): orjson.loads(copy.body) for copy in kept}

    async def unlisted(self, kind: str, listed: Container[str], most: int) -> list[str]:
        """Return up to so many ids of a kind of which there is a copy, and which a listing of all did not have."""
        found: list[str] = []
        after = ""
        while len(found) < most:
            some = await asyncio.to_thread(self._deliveries.inbox.kept, self._location, kind, after, 1000)
            found += [copy.id for copy in some if copy.id not in listed and not orjson.loads(copy.body).get("deleted")]
            if not some:
                break
            after = some[-1].id
        return found[:most]

    async def file(self, differences: Iterable[Difference], asked: datetime) -> int:
        """Keep differences on disk, to be translated like webhooks; return how many were not there already."""
        repeated = await asyncio.gather(*(self._file(each, asked) for each in differences))
        return repeated.count(False)

    async def cursor(self) -> Json:
        """Return how far the synchronization before this one was when it was cut off; empty where it was not."""
        copies: Seen = await self.copies([_CURSOR])
        return copies.get(_CURSOR, {})

    async def save(self, cursor: Json) -> None:
        """Keep how far this one is."""
        copy = Copy(self._location, *_CURSOR, orjson.dumps(cursor))
        await asyncio.wrap_future(self._deliveries.inbox.settle([], [copy]))

    @retry(retry=retry_if_exception_type(TooMany), wait=Backoff())  # whoever translates has to catch up first
    async def _file(self, difference: Difference, asked: datetime) -> bool:
        delivery = Delivery(self._location, VENDOR.name, difference.key, difference.type, asked, difference.body)
        return await self._deliveries.file(delivery)


def cursor_of(listing: str, after: Json, done: int, changed: int) -> dict[str, Any]:
    """Return what is kept of how far a synchronization is."""
    return {"listing": listing, "after": after, "done": done, "changed": changed}
