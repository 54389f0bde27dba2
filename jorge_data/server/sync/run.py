"""One synchronization, from the names to the last page: each page is on disk before the cursor moves past it."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from jorge_data.crm import Entity, Json
from jorge_data.crm.ghl.api import API
from jorge_data.crm.ghl.page import Page, Position
from jorge_data.crm.ghl.sync import Record, difference
from jorge_data.server.sync.aside import aside
from jorge_data.server.sync.shelf import Shelf, cursor_of

NAMES = "names"
LISTINGS = {"opportunities": "Opportunity", "contacts": "Contact"}
"""What is listed, in this order, and what the webhooks call a record of it."""

MOST_VANISHED = 100
"""Records that are asked for one by one, in one run, because a listing no longer has them."""


class Progress(NamedTuple):
    """How far a synchronization is: of which listing so many records are done, and how many of all differed."""

    listing: str
    done: int
    total: int | None
    changed: int


class Run:
    """Reads one location's records by the API, and files what differs."""

    def __init__(self, api: API, shelf: Shelf) -> None:
        self._api, self._shelf = api, shelf
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
            names = Record(type_, await aside(ask), self._api.location, asked)
            await self._file([names], asked)
            self._names |= names.copies
        return Progress(NAMES, 2, 2, self._changed)

    async def _read(self, listing: str, after: Position | None, done: int) -> AsyncIterator[Progress]:
        pages: dict[str, Callable[[Position | None], Page]] = {
            "opportunities": self._api.opportunities,
            "contacts": self._api.contacts,
        }
        listed: set[str] = set()
        while True:
            asked = datetime.now(UTC)
            page = await aside(partial(pages[listing], after))
            await self._file([self._record(listing, "Update", fields, asked) for fields in page.records], asked)
            listed.update(str(fields.get("id")) for fields in page.records)
            done, after = done + len(page.records), page.after
            if after is None and len(listed) == done:  # else it is not from its beginning that we have read it
                await self._look_for_vanished(listing, listed)
            yield Progress(listing, done, page.total, self._changed)
            if after is None:
                return
            await self._shelf.save(cursor_of(listing, after.as_json(), done, self._changed))

    async def _file(self, records: list[Record], asked: datetime) -> None:
        kept = await self._shelf.copies(entity for record in records for entity in record.concerns)
        found = [difference(record, kept | self._names) for record in records]
        self._changed += await self._shelf.file([each for each in found if each is not None], asked)

    async def _look_for_vanished(self, listing: str, listed: set[str]) -> None:
        """File as deleted what there is a copy of, a whole listing did not have, and the API denies by its id."""
        for identifier in await self._shelf.unlisted(LISTINGS[listing].lower(), listed, MOST_VANISHED):
            asked = datetime.now(UTC)
            if not await aside(partial(self._api.has, listing, identifier)):
                await self._file([self._record(listing, "Delete", {"id": identifier}, asked)], asked)

    def _record(self, listing: str, what: str, fields: Json, asked: datetime) -> Record:
        return Record(LISTINGS[listing] + what, fields, self._api.location, asked)
