"""What an agent sees of a log: what is about his own contacts, or about nobody's."""

import asyncio
from collections.abc import Iterable, Sequence

import orjson

from jorge_data.events import Record, parse_moment
from jorge_data.events.assignment import NamedContacts, assignment_in, contacts_named
from jorge_data.events.timestamps import micros
from jorge_data.server.log.frames import SeenBy
from jorge_data.server.log.tail import RecordBatch
from jorge_data.store import Store

MOST_READ = 4_000
"""Records of which it is remembered whom they name, for the next agent who is served the same."""

MOST_ANALYSES = 10_000

_ASSIGNING, _OF_DEALS, _LABEL = "contact_update", "commission_update", "intent_feedback"


def visible_records(store: Store, location: str, records: Sequence[Record], agent: str | None) -> list[Record]:
    """Return the records that an agent sees, as of what is committed now; all of them where there is none."""
    if agent is None or not records:
        return list(records)
    hidden = store.hidden(location, [_named(record) for record in records], agent)
    return [record for record, is_hidden in zip(records, hidden, strict=True) if not is_hidden]


def _named(record: Record) -> NamedContacts:
    event = orjson.loads(record.wire)
    return contacts_named(record.type, event.get("subject"), event["data"])


class AssignmentMap:
    """Whose each contact of a location is, in memory, for who is served live; event loop only.

    It is loaded when somebody first needs it, and from then on moves with each commit that is announced.
    """

    def __init__(self, store: Store, location: str) -> None:
        self._store, self._location = store, location
        self.in_use = False
        """Whether commits must be told to it."""
        self.version = 0
        """It grows whenever an assignment changes: what was seen before may be hidden now, and the reverse."""
        self._loaded = False
        self._loading = asyncio.Lock()
        self._agents: dict[str, str] = {}
        self._deals: dict[str, str] = {}
        self._said_at: dict[tuple[str, str], tuple[int, int]] = {}
        self._analyses: dict[str, set[str]] = {}
        self._read: dict[int, NamedContacts] = {}

    async def load(self) -> None:
        """Read what the store has, where that was not done yet; raise StoreError."""
        if self._loaded:
            return
        async with self._loading:
            self.in_use = True  # from now on, for a commit that the store's answer lacks is announced after it
            while not self._loaded:
                before = self._read
                stored = await asyncio.to_thread(self._store.assignments, self._location)
                if self._read is not before:  # the log was replaced meanwhile
                    continue
                self._note(_ASSIGNING, stored.contacts)
                self._note(_OF_DEALS, stored.deals)
                self._loaded = True

    def clear(self) -> None:
        """Forget everything: the log begins anew, and all of it will be told."""
        self.version += 1
        self._agents, self._deals, self._said_at, self._analyses, self._read = {}, {}, {}, {}, {}

    def take(self, records: Iterable[Record]) -> None:
        """Note what records that were committed say of contacts and deals."""
        for record in records:
            if record.type in (_ASSIGNING, _OF_DEALS):
                self._take(record)

    def _take(self, record: Record) -> None:
        event = orjson.loads(record.wire)
        data = event["data"]
        moment = micros(parse_moment(event["time"]))
        if record.type == _ASSIGNING:
            name, value = data["contact_id"], assignment_in(data)
        else:
            name, value = data["deal_id"], data.get("contact_id") or event.get("subject")
        if value is not None:
            self._note(record.type, [(name, value, moment, record.seq)])

    def _note(self, kind: str, said: Iterable[Sequence[str | int]]) -> None:
        values = self._agents if kind == _ASSIGNING else self._deals
        for name, value, at, seq in said:
            assert isinstance(name, str)
            assert isinstance(value, str)
            moment = int(at), int(seq)
            if moment >= self._said_at.get((kind, name), (0, 0)):
                self._said_at[kind, name] = moment
                if values.get(name) != value:
                    values[name] = value
                    self.version += 1

    async def lost(self, agent: str, after: int) -> list[str]:
        """Return the contacts that an agent saw as of a position, and sees no more; raise StoreError."""
        return await asyncio.to_thread(self._store.lost, self._location, agent, after)

    async def visible(self, records: Sequence[Record], agent: str) -> tuple[Record, ...]:
        """Return the records that an agent sees, as of the newest commit that was announced; raise StoreError."""
        await self.load()
        if len(self._analyses) > MOST_ANALYSES:
            self._analyses.clear()
        named = [self._named(record) for record in records]
        unknown = {each.analysis for each in named if each.analysis is not None} - self._analyses.keys()
        if unknown:
            self._analyses |= await asyncio.to_thread(self._store.contacts_of_analyses, self._location, unknown)
        of = self._agents, self._deals, self._analyses
        return tuple(
            record for record, each in zip(records, named, strict=True) if not each.are_hidden_from(agent, *of)
        )

    def _named(self, record: Record) -> NamedContacts:
        named = self._read.get(record.seq)
        if named is None:
            if len(self._read) >= MOST_READ:
                self._read.clear()
            named = self._read[record.seq] = _named(record)
        return named


class Sight:
    """What one reader who sees an agent's contacts is served of a log, and whom he is told to forget; event loop only.

    He must forget a contact that he saw, and that has become another's: what he was served of it, and its name.
    """

    def __init__(self, assignments: AssignmentMap, agent: str) -> None:
        self.agent = agent
        self._assignments = assignments
        self._version: int | None = None
        self._lost: set[str] = set()

    async def lost(self, position: int) -> list[str]:
        """Return whom to forget who was served up to a position; each once, as long as it is not seen again."""
        await self._assignments.load()
        if self._version == self._assignments.version:
            return []
        self._version = self._assignments.version
        lost = await self._assignments.lost(self.agent, position)
        newly = [contact for contact in lost if contact not in self._lost]
        self._lost = set(lost)
        return newly

    async def visible(self, batch: RecordBatch) -> RecordBatch:
        """Return the batch with those of its records that he sees."""
        return batch._replace(records=await self._assignments.visible(batch.records, self.agent))

    @property
    def seen_by(self) -> SeenBy:
        """By which assignments he sees."""
        return SeenBy(self.agent, self._assignments.version)
