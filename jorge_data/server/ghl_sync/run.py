"""One synchronization, from the names to the last page: each page is on disk before the cursor moves past it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple, TypeVar

from jorge_data.server.ghl_sync.sync_store import SyncStore, cursor_of
from jorge_data.vendors import Json, VendorEntity
from jorge_data.vendors.gohighlevel.api import API, ListingPage, Position
from jorge_data.vendors.gohighlevel.sync import SyncRecord, difference

T = TypeVar("T")


async def daemon_call(question: Callable[[], T]) -> T:
    """Return what a question answers; where nobody waits for it any more, neither does the end of the process."""
    answer: Future[T] = Future()
    answer.set_running_or_notify_cancel()

    def ask() -> None:
        try:
            answer.set_result(question())
        except BaseException as error:  # told to whoever asked
            answer.set_exception(error)

    # Not an executor: at its end Python waits for every thread of one, and a request may take half a minute.
    threading.Thread(target=ask, name="ghl-sync", daemon=True).start()
    return await asyncio.wrap_future(answer)


NAMES = "names"
LISTINGS = {"opportunities": "Opportunity", "contacts": "Contact"}
"""What is listed, in this order, and what the webhooks call a record of it."""

MOST_VANISHED = 100
"""Records that are asked for one by one, in one run, because a listing no longer has them."""


class SyncProgress(NamedTuple):
    """How far a synchronization is: of which listing so many records are done, and how many of all differed."""

    listing: str
    done: int
    total: int | None
    changed: int


class SyncRun:
    """Reads one location's records by the API, and files what differs."""

    def __init__(self, api: API, sync_store: SyncStore) -> None:
        self._api, self._sync_store = api, sync_store
        self._names: dict[VendorEntity, Json] = {}
        self._changed = 0

    async def progress(self) -> AsyncIterator[SyncProgress]:
        """Synchronize, and tell after every page how far it is; raise SourceFailed where the API fails for good."""
        yield await self._read_names()
        saved = await self._sync_store.cursor()
        self._changed += saved.get("changed", 0)
        begun = saved.get("listing")
        for listing in list(LISTINGS)[list(LISTINGS).index(begun) if begun in LISTINGS else 0 :]:
            resumed = saved if listing == begun else {}
            async for progress in self._read(listing, Position.read(resumed.get("after", {})), resumed.get("done", 0)):
                yield progress
        await self._sync_store.save({})

    async def _read_names(self) -> SyncProgress:
        """Learn what fields and stages are called: records are compared and told by these names."""
        for type_, ask in (("CustomFields", self._api.custom_fields), ("Pipelines", self._api.pipelines)):
            asked = datetime.now(UTC)
            names = SyncRecord(type_, await daemon_call(ask), self._api.location, asked)
            await self._file([names], asked)
            self._names |= names.copies
        return SyncProgress(NAMES, 2, 2, self._changed)

    async def _read(self, listing: str, after: Position | None, done: int) -> AsyncIterator[SyncProgress]:
        pages: dict[str, Callable[[Position | None], ListingPage]] = {
            "opportunities": self._api.opportunities,
            "contacts": self._api.contacts,
        }
        listed: set[str] = set()
        while True:
            asked = datetime.now(UTC)
            page = await daemon_call(partial(pages[listing], after))
            await self._file([self._record(listing, "Update", fields, asked) for fields in page.records], asked)
            listed.update(str(fields.get("id")) for fields in page.records)
            done, after = done + len(page.records), page.after
            if after is None and len(listed) == done:  # else it is not from its beginning that we have read it
                await self._look_for_vanished(listing, listed)
            yield SyncProgress(listing, done, page.total, self._changed)
            if after is None:
                return
            await self._sync_store.save(cursor_of(listing, after.as_json(), done, self._changed))

    async def _file(self, records: list[SyncRecord], asked: datetime) -> None:
        kept = await self._sync_store.copies(entity for record in records for entity in record.concerns)
        found = [difference(record, kept | self._names) for record in records]
        self._changed += await self._sync_store.file([each for each in found if each is not None], asked)

    async def _look_for_vanished(self, listing: str, listed: set[str]) -> None:
        """File as deleted what there is a copy of, a whole listing did not have, and the API denies by its id."""
        for identifier in await self._sync_store.unlisted(LISTINGS[listing].lower(), listed, MOST_VANISHED):
            asked = datetime.now(UTC)
            if not await daemon_call(partial(self._api.has, listing, identifier)):
                await self._file([self._record(listing, "Delete", {"id": identifier}, asked)], asked)

    def _record(self, listing: str, what: str, fields: Json, asked: datetime) -> SyncRecord:
        return SyncRecord(LISTINGS[listing] + what, fields, self._api.location, asked)
