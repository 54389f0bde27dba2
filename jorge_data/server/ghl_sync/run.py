"""One synchronization, from the names to the last page: each page is on disk before the cursor moves past it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple, TypeVar

from jorge_data.server.ghl_sync.sync_store import SyncStore
from jorge_data.vendors import Json, VendorEntity
from jorge_data.vendors.gohighlevel.api import API, ListingPage, Position
from jorge_data.vendors.gohighlevel.sync import SyncRecord, difference

T = TypeVar("T")


async def daemon_call(call: Callable[[], T]) -> T:
    """Make a call on a daemon thread and return its result; cancelled, it does not delay the end of the process."""
    result: Future[T] = Future()
    result.set_running_or_notify_cancel()

    def run() -> None:
        try:
            result.set_result(call())
        except BaseException as error:  # raised where the result is awaited
            result.set_exception(error)

    # Not an executor: at its end Python waits for every thread of one, and a request may take half a minute.
    threading.Thread(target=run, name="ghl-sync", daemon=True).start()
    return await asyncio.wrap_future(result)


NAMES = "names"
LISTINGS = {"opportunities": "Opportunity", "contacts": "Contact"}
"""What is listed, in this order, and the name that the webhooks have for a record of it."""

MOST_DELETED = 100
"""Most records that are requested one by one, in one run, because a listing no longer has them."""


class SyncProgress(NamedTuple):
    """How far a synchronization is: of which listing so many records are done, and how many of all differed."""

    listing: str
    done: int
    total: int | None
    changed: int


class SyncRun:
    """Reads one location's records from the API, and files what differs from the copies."""

    def __init__(self, api: API, sync_store: SyncStore) -> None:
        self._api, self._sync_store = api, sync_store
        self._names: dict[VendorEntity, Json] = {}
        self._changed = 0

    async def progress(self) -> AsyncIterator[SyncProgress]:
        """Synchronize, and yield after every page how far it is; raise SourceFailed where the API fails for good."""
        yield await self._read_names()
        saved = await self._sync_store.cursor()
        self._changed += saved.get("changed", 0)
        interrupted = saved.get("listing")
        for listing in list(LISTINGS)[list(LISTINGS).index(interrupted) if interrupted in LISTINGS else 0 :]:
            resumed = saved if listing == interrupted else {}
            async for progress in self._read(listing, Position.read(resumed.get("after", {})), resumed.get("done", 0)):
                yield progress
        await self._sync_store.save({})

    async def _read_names(self) -> SyncProgress:
        """Read the names of fields, stages and people: records are compared, and their events written, with these."""
        named = (
            ("CustomFields", self._api.custom_fields),
            ("Pipelines", self._api.pipelines),
            ("Users", self._api.users),
        )
        for type_, request in named:
            requested_at = datetime.now(UTC)
            names = SyncRecord(type_, await daemon_call(request), self._api.location, requested_at)
            await self._file([names], requested_at)
            self._names |= names.copies
        return SyncProgress(NAMES, len(named), len(named), self._changed)

    async def _read(self, listing: str, after: Position | None, done: int) -> AsyncIterator[SyncProgress]:
        pages: dict[str, Callable[[Position | None], ListingPage]] = {
            "opportunities": self._api.opportunities,
            "contacts": self._api.contacts,
        }
        listed: set[str] = set()
        while True:
            requested_at = datetime.now(UTC)
            page = await daemon_call(partial(pages[listing], after))
            records = [self._record(listing, "Update", fields, requested_at) for fields in page.records]
            await self._file(records, requested_at)
            listed.update(str(fields.get("id")) for fields in page.records)
            done, after = done + len(page.records), page.after
            if after is None and len(listed) == done:  # else the listing was not read from its beginning
                await self._file_deleted(listing, listed)
            yield SyncProgress(listing, done, page.total, self._changed)
            if after is None:
                return
            cursor = {"listing": listing, "after": after.as_json(), "done": done, "changed": self._changed}
            await self._sync_store.save(cursor)

    async def _file(self, records: list[SyncRecord], requested_at: datetime) -> None:
        copies = await self._sync_store.copies(entity for record in records for entity in record.concerns)
        differences = [difference(record, copies | self._names) for record in records]
        self._changed += await self._sync_store.file([each for each in differences if each is not None], requested_at)

    async def _file_deleted(self, listing: str, listed: set[str]) -> None:
        """File as deleted the records with a copy that are neither in the complete listing nor in the API by id."""
        for identifier in await self._sync_store.unlisted(LISTINGS[listing].lower(), listed, MOST_DELETED):
            requested_at = datetime.now(UTC)
            if not await daemon_call(partial(self._api.has, listing, identifier)):
                deleted = self._record(listing, "Delete", {"id": identifier}, requested_at)
                await self._file([deleted], requested_at)

    def _record(self, listing: str, action: str, fields: Json, requested_at: datetime) -> SyncRecord:
        return SyncRecord(LISTINGS[listing] + action, fields, self._api.location, requested_at)
