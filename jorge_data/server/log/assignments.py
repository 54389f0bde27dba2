"""What an agent sees of a log: what is about his own contacts, or about nobody's."""

import asyncio
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson

from jorge_data.events import Record, parse_moment
from jorge_data.events.assignment import NamedContacts, assignment_in, contacts_named
from jorge_data.events.envelope import OWN
from jorge_data.events.timestamps import micros
from jorge_data.permissions import Caller, Right, may
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


@dataclass
class _Newest:
    """What was said of each contact, or of each deal, by the newest event that says it."""

    values: dict[str, str] = field(default_factory=dict)
    said_at: dict[str, tuple[int, int]] = field(default_factory=dict)  # time, position

    def note(self, said: Iterable[Sequence[str | int]]) -> bool:
        """Note (name, value, time, position) of each; return whether a value has changed."""
        changed = False
        for name, value, at, seq in said:
            assert isinstance(name, str)
            assert isinstance(value, str)
            moment = int(at), int(seq)
            if moment >= self.said_at.get(name, (0, 0)):
                self.said_at[name] = moment
                changed |= self.values.get(name) != value
                self.values[name] = value
        return changed

    def said(self) -> Iterable[tuple[str, str, int, int]]:
        return ((name, value, *self.said_at[name]) for name, value in self.values.items())


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
        self._loaded = self._replaced = False
        self._loading = asyncio.Lock()
        self._agents, self._deals = _Newest(), _Newest()
        self._analyses: dict[str, set[str]] = {}
        self._read: dict[int, NamedContacts] = {}

    async def load(self) -> None:
        """Read what the store has, where that was not done yet; raise StoreError."""
        if self._loaded:
            return
        async with self._loading:
            self.in_use = True  # from now on, for a commit that the store's answer lacks is announced after it
            while not self._loaded:
                self._replaced = False
                agents, deals = await asyncio.to_thread(self._stored)
                if self._replaced:
                    continue
                agents.note(self._agents.said())  # by commits that were announced meanwhile
                deals.note(self._deals.said())
                self._agents, self._deals, self._loaded = agents, deals, True
                self.version += 1

    def _stored(self) -> tuple[_Newest, _Newest]:
        """Return what the store has; in a thread, for of a hundred thousand contacts it takes a while."""
        stored = self._store.assignments(self._location)
        agents, deals = _Newest(), _Newest()
        agents.note(stored.contacts)
        deals.note(stored.deals)
        return agents, deals

    def clear(self) -> None:
        """Forget everything: the log begins anew, and all of it will be told."""
        self.version += 1
        self._replaced = True
        self._agents, self._deals, self._analyses, self._read = _Newest(), _Newest(), {}, {}

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
        newest = self._agents if record.type == _ASSIGNING else self._deals
        if value is not None and newest.note([(name, value, moment, record.seq)]):
            self.version += 1

    def is_seen(self, contact: str, agent: str) -> bool:
        """Return whether a contact is an agent's own, or nobody's; once it is loaded."""
        return self._agents.values.get(contact, "") in ("", agent)

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
        of = self._agents.values, self._deals.values, self._analyses
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

    def sees(self, contact: str) -> bool:
        """Return whether a contact is not another agent's now."""
        return self._assignments.is_seen(contact, self.agent)

    @property
    def seen_by(self) -> SeenBy:
        """By which assignments he sees."""
        return SeenBy(self.agent, self._assignments.version)


class ErasedContacts:
    """Who was erased from a location's log, by the events that tell so; event loop only.

    Readers are told in a frame as well: whoever follows other kinds of event alone is sent none of these.
    """

    def __init__(self, told: Iterable[tuple[int, str]]) -> None:
        """`told`: the position of each such event, in order, and its contact."""
        self._told = list(told)

    def clear(self) -> None:
        """Forget everything: the log begins anew."""
        self._told.clear()

    def take(self, records: Iterable[Record]) -> None:
        """Note whom records that were committed tell to have been erased."""
        for record in records:
            if record.type == _ASSIGNING and b'"erased":true' in record.wire:
                event = orjson.loads(record.wire)
                is_newer = not self._told or record.seq > self._told[-1][0]
                if is_newer and event["source"] == OWN and event["data"].get("erased") is True:
                    self._told.append((record.seq, event["data"]["contact_id"]))

    def between(self, after: int, position: int, reader: Caller, sight: Sight | None = None) -> list[str]:
        """Return whom a reader is to forget who is served from behind one position up to another.

        Who sees no contacts holds none; whoever was another agent's then was forgotten already, and is not named.
        """
        if not self._told or not may(reader, Right.SEE_CONTACTS):
            return []
        first, last = (bisect_right(self._told, seq, key=lambda told: told[0]) for seq in (after, position))
        contacts = dict.fromkeys(contact for _, contact in self._told[first:last])
        return [contact for contact in contacts if sight is None or sight.sees(contact)]
