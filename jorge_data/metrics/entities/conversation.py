"""A conversation: when it began and was last heard of, when the contact opted out, and what a bot had to do with it."""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from jorge_data.events.consent import CHANNELS, channel_of
from jorge_data.events.message_status import FAILURES, RANKS, has_failed_at
from jorge_data.metrics.entities.cube import Fact
from jorge_data.metrics.entities.entity import insert_record
from jorge_data.metrics.entities.event_facts import text
from jorge_data.metrics.entities.event_subject import (
    is_answer,
    is_by_bot,
    is_conversation_deletion,
    message_id_in,
)
from jorge_data.metrics.entities.opt_out import ConsentRecord, consent_of, out_runs

_SPOKEN = ("message", "call_started", "call_ended")

MOST_BEGINNING = 20
"""So many messages of a conversation are looked through for the first answer, the oldest."""


class EarlyMessage(NamedTuple):
    """One of a conversation's first messages: who wrote it, contact, bot or agent, and by which source it was told.

    `author` is "" where nobody said yet. `message` is its vendor's name, by which it is the same one when it is told
    again, and `rank` that of its newest delivery.
    """

    at: int
    seq: int
    author: str
    source: str
    message: str = ""
    rank: int = 0

    def told_again(self, other: "EarlyMessage") -> "EarlyMessage":
        """Return the same message after it was told again, in whichever order."""
        return min(self, other)._replace(author=max(self.author, other.author), rank=max(self.rank, other.rank))


@dataclass
class Conversation:
    """When the first and the newest event happened, its channels, the consents, a bot's first, in any order of arrival.

    `deleted` is when it was last deleted in the CRM: what was said until then counts no more, and nothing does while
    its contact is deleted.
    """

    first: int | None = None
    last: int | None = None
    channels: set[str] = field(default_factory=set)
    consents: list[ConsentRecord] = field(default_factory=list)
    bot: int | None = None
    deleted: int | None = None
    contacts: dict[str, bool] = field(default_factory=dict)
    """Whose it is, and whether that contact is deleted."""
    beginning: list[EarlyMessage] = field(default_factory=list)

    def apply(self, at: int, seq: int, data: dict[str, Any], source: str = "") -> None:
        """Record an event of the conversation that happened at a moment, as a source told it."""
        if is_conversation_deletion(data):
            self.deleted = at if self.deleted is None else max(self.deleted, at)
            return
        if is_by_bot(data):
            self.bot = at if self.bot is None else min(self.bot, at)
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)
        consent = consent_of(at, seq, data)
        if consent:
            insert_record(self.consents, consent)
        elif data["kind"] in _SPOKEN:
            self.channels.add(channel_of(data))
        if data["kind"] == "message":
            self._remember(at, seq, data, source)

    def _remember(self, at: int, seq: int, data: dict[str, Any], source: str) -> None:
        author = "contact" if is_answer(data) else text(data.get("author"))
        author = author if author in ("bot", "agent") or is_answer(data) else ""
        name, delivery = message_id_in(data) or "", data.get("delivery")
        if name and (author or delivery):
            told = EarlyMessage(at, seq, author, text(source), name, RANKS.get(delivery, 0))
            known = next((each for each in self.beginning if each.message == name), None)
            if known is not None:
                self.beginning.remove(known)
                told = known.told_again(told)
        elif author and delivery not in FAILURES:
            told = EarlyMessage(at, seq, author, text(source))
        else:
            return
        insort(self.beginning, told)
        del self.beginning[MOST_BEGINNING:]

    @property
    def bot_answer(self) -> tuple[EarlyMessage, EarlyMessage] | None:
        """Return the contact's first message and the first answer to it, where that was a bot's; else None."""
        arrived = [each for each in self.beginning if not has_failed_at(each.rank)]
        asked = next((each for each in arrived if each.author == "contact"), None)
        later = (each for each in arrived if asked and each > asked and each.author in ("bot", "agent"))
        answer = next(later, None)
        return (asked, answer) if asked and answer and answer.author == "bot" else None

    @property
    def opted_out(self) -> int | None:
        """Return since when the contact is opted out of each of its channels; None while one of them is open.

        Where nothing was said, it is when the contact opted out of any.
        """
        if not self.consents:
            return None
        runs = (out_runs(self.consents, channel)[-1:] for channel in (self.channels or CHANNELS))
        since = [run[0].began.at if run and run[0].ended is None else None for run in runs]
        known = [at for at in since if at is not None]
        if not self.channels:
            return min(known, default=None)
        return max(known) if len(known) == len(since) else None

    def facts(self) -> Iterator[Fact]:
        """Return its two edges: begun before a span's end, less ended before it, less over before its start.

        That is what overlaps the span and did not opt out by its end; what comes after an opting out counts no more.
        Beside them, where a bot took part, when it first did; and where a bot was the first to answer, how soon.
        """
        is_gone = self.deleted is not None and self.last is not None and self.last <= self.deleted
        is_orphaned = bool(self.contacts) and all(self.contacts.values())
        if self.first is not None and self.last is not None and not is_gone and not is_orphaned:
            yield Fact("conversation_edge", self.first, ("first",))
            if self.opted_out is None:
                yield Fact("conversation_edge", self.last, ("last",))
            else:
                yield Fact("conversation_edge", self.opted_out, ("opted_out",))
            if self.bot is not None:
                yield Fact("conversation_edge", self.bot, ("bot",))
            if found := self.bot_answer:
                asked, answer = found
                yield Fact("bot_answer", asked.at, (answer.source,), (("duration_s", answer.at - asked.at),))

    def dump(self) -> bytes:
        state = self.first, self.last, sorted(self.channels), self.consents, self.bot, self.deleted, self.contacts
        return orjson.dumps((*state, self.beginning), default=tuple, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def load(cls, state: bytes | None) -> "Conversation":
        """Read a stored conversation; without a state it is a new one."""
        if not state:
            return cls()
        first, last, channels, *later = orjson.loads(state)
        if not later:  # states of older versions have the moment of the first opting out, of whatever channel
            gone = [] if channels is None else [ConsentRecord(channels, 0, "", out=True)]
            return cls(first, last, set(), gone)
        consents, bot, deleted, contacts, *told = later
        beginning = [EarlyMessage(*each) for each in (told[0] if told else ())]  # older versions have none of it
        known = list(map(ConsentRecord._make, consents))
        return cls(first, last, set(channels), known, bot, deleted, contacts, beginning)
