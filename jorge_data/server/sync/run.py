"""One synchronization, from the names to the last page: each page is on disk before the cursor moves past it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple, TypeVar

from jorge_data.crm import Entity, Json
from jorge_data.crm.ghl.api import API
from jorge_data.crm.ghl.page import Page, Position
from jorge_data.crm.ghl.sync import Record, difference
from jorge_data.server.sync.shelf import Shelf, cursor_of

T = TypeVar("T")

NAMES = "names"
LISTINGS = {"opportunities": "OpportunityUpdate", "contacts": "ContactUpdate"}
"""What is listed, in this order, and as which webhook a record is filed."""


class Progress(NamedTuple):
    """How far a synchronization is: of which listing so many records are done, and how many of all differed."""

    listing: str
    done: int
    total: int | None
    changed: int


class Run:
    """Reads one location's records by the API on a thread of its own, and files what differs."""

    def __init__(self, api: API, shelf: Shelf, thread: Executor) -> None:
        self._api, self._shelf, self._thread = api, shelf, thread
        self._names: dict[Entity, Json] = {}
        self._changed = 0

    async def progress(self) -> AsyncIterator[Progress]:
        """Synchronize, and tell after every page how far it is; raise SourceFailed where the API fails for good."""
        yield await self._read_names()
        saved = await self._shelf.cursor()
        self._changed += saved.get("changed", 0)
        begun = saved.get("listing")
        for listing in list(LISTINGS)[list(LISTINGS).index(begun) if begun in LISTINGS else 0 :]:
            resumed = saved if listing == begun else {}
            async for progress in self._read(listing, Position.read(resumed.get("after", {})), resumed.get("done", 0)):
                yield progress
        await self._shelf.save({})

    async def _read_names(self) -> Progress:
        """Learn what fields and stages are called: records are compared and told by these names."""
        for type_, ask in (("CustomFields", self._api.custom_fields), ("Pipelines", self._api.pipelines)):
            asked = datetime.now(UTC)
            names = Record(type_, await self._ask(ask), self._api.location, asked)
            await self._file([names], asked)
            self._names |= names.copies
        return Progress(NAMES, 2, 2, self._changed)

    async def _read(self, listing: str, after: Position | None, done: int) -> AsyncIterator[Progress]:
        pages: dict[str, Callable[[Position | None], Page]] = {
            "opportunities": self._api.opportunities,
            "contacts": self._api.contacts,
        }
        while True:
            asked = datetime.now(UTC)
            page = await self._ask(partial(pages[listing], after))
            await self._file([self._record(listing, fields, asked) for fields in page.records], asked)
            done, after = done + len(page.records), page.after
            yield Progress(listing, done, page.total, self._changed)
            if after is None:
                return
            await self._shelf.save(cursor_of(listing, after.as_json(), done, self._changed))

    async def _file(self, records: list[Record], asked: datetime) -> None:
        kept = await self._shelf.copies(entity for record in records for entity in record.concerns)
        found = [difference(record, kept | self._names) for record in records]
        self._changed += await self._shelf.file([each for each in found if each is not None], asked)

    def _record(self, listing: str, fields: Json, asked: datetime) -> Record:
        return Record(LISTINGS[listing], fields, self._api.location, asked)

    async def _ask(self, question: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, question)
