"""What alert rules watch for, read from one view of the store: rollups, facts, and what is kept of few contacts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from jorge_data.events import KINDS
from jorge_data.events.timestamps import DAY, HOUR, QUARTER
from jorge_data.metrics.alerts.evaluation import Episode, with_acts
from jorge_data.metrics.alerts.rule import AlertRule, Silence, Threshold, Waiting
from jorge_data.metrics.alerts.silence import WEEKS, silences, unheard_hours
from jorge_data.metrics.alerts.thresholds import Reading, beyond
from jorge_data.metrics.alerts.waiting import ContactItem, Told, of_contact, outages, stays, untouched
from jorge_data.metrics.definitions.questions import Aggregation
from jorge_data.metrics.entities.bot import BOT_KINDS
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.conversation import Conversation
from jorge_data.metrics.targets import Targets
from jorge_data.server.query.answer import value
from jorge_data.server.query.from_events import conditions_of, field_of
from jorge_data.server.query.from_rollups import columns_of, from_rollups
from jorge_data.server.query.query_schema import EVENTS, OWNERS, scale_of
from jorge_data.server.query.series_request import SeriesQuery
from jorge_data.server.query.time_buckets import TimeBucket
from jorge_data.server.rollup.batch import fact_of
from jorge_data.store import Condition, EventFilter, EventPage, Field, LogView, VisibleTo

MOST_FACTS = 20_000
"""Newest facts that are read of one kind; an office of 80 hot sellers a month has 240 of them in 90 days."""

MOST_CONTACTS = 1_000
"""Newest contacts that are looked at for one rule."""

MOST_EVENTS = 1_000
"""Newest events of a quarter of an hour that are read."""

MOST_ACTS = 20_000

ASKED = Condition("kind", "eq", ("task",)), Condition("author", "eq", ("contact",))
"""What a contact's wish to be called back is among the conversation events."""

REACH = {"human_touch": 7 * DAY, "deal_stage": 400 * DAY, "component_time": DAY, "conversation_edge": 400 * DAY}
"""So long before the span that is rehearsed something may have begun that rings in it."""


class Rehearsed(NamedTuple):
    """The span that rules are rehearsed over (microseconds), as of its end."""

    start: int
    now: int


@dataclass
class Readings:
    """Reads of one view what rules watch for, to an agent as far as he sees it; one thread at a time.

    `cut` names the rules of which the newest alone was read.
    """

    view: LogView
    span: Rehearsed
    targets: Targets
    agent: str | None = None

    def __post_init__(self) -> None:
        self.cut: set[str] = set()

    def episodes(self, rule: AlertRule) -> Iterable[Episode]:
        """Return when what a rule watches for held, each time with the first act of a person on it."""
        match rule.watched:
            case Threshold() as threshold:
                found = self._beyond(threshold, rule)
                return with_acts(found, self._acts("bot"))
            case Silence(of="all"):
                return silences("", self.total, self._hours, (), self.targets.zone)
            case Silence(of=of):
                sources = self.bots if of == "bots" else self.by_source.keys() - self.bots
                unheard = self.unheard
                each = (
                    silences(name, self.by_source[name], self._hours, unheard, self.targets.zone)
                    for name in sorted(sources)
                )
                return with_acts((episode for episodes in each for episode in episodes), self._acts("bot"))
            case Waiting(item=item):
                return self._waiting(item, rule)

    def _silences(self, sources: Collection[str]) -> Iterator[Episode]:
        for name in sorted(sources):
            yield from silences(name, self.by_source[name], self._hours, self.unheard, self.targets.zone)

    def _waiting(self, item: str, rule: AlertRule) -> Iterable[Episode]:
        match item:
            case "hot":
                return with_acts(untouched(self._facts("human_touch", rule)), self._acts("hot"))
            case "deal":
                return stays(self._facts("deal_stage", rule))
            case "component":
                down = Condition("status", "eq", ("down",))
                times, newest = self._facts("component_time", rule, down), self._facts("component_newest", rule)
                found = outages(times, newest, self.span.now, self.targets.down_until_reported)
                return with_acts(found, self._acts("component"))
            case "callback":
                return self._of_contacts("callback", self._contacts_of_talk(*ASKED), rule)
            case _:
                return self._of_contacts("optout", self._who_opted_out(rule), rule)

    @cached_property
    def by_source(self) -> dict[str, dict[int, int]]:
        """How many events each source sent in each whole hour."""
        counts: dict[str, dict[int, int]] = defaultdict(dict)
        for kind in KINDS:
            for (bucket, (source,)), n in self._hourly(kind):
                hour = self._hours[bucket]
                counts[source][hour] = counts[source].get(hour, 0) + n
        return {name: hours for name, hours in counts.items() if name}

    @cached_property
    def bots(self) -> frozenset[str]:
        """The sources that do the work of bots."""
        buckets = [TimeBucket(None, self._hours[0], self._hours[-1] + HOUR)]
        found = set()
        for kind in sorted(BOT_KINDS):
            query = self._query(kind, EVENTS, by=("source",))
            found |= {by[0] for _, by in from_rollups(self.view, query, buckets, self.targets)}
        return frozenset(found & self.by_source.keys())

    @cached_property
    def total(self) -> dict[int, int]:
        """How many events of any source came in each whole hour."""
        total: dict[int, int] = defaultdict(int)
        for counts in self.by_source.values():
            for hour, n in counts.items():
                total[hour] += n
        return dict(total)

    @cached_property
    def unheard(self) -> frozenset[int]:
        """The hours in which nothing at all arrived, though something usually does."""
        return unheard_hours(self.total, self._hours, self.targets.zone)

    @cached_property
    def _hours(self) -> Sequence[int]:
        """The whole hours of the span, and of the weeks before it from which is known what is usual."""
        first = self.span.start // HOUR * HOUR - (WEEKS * 7 + 1) * DAY
        return range(first, self.span.now // HOUR * HOUR, HOUR)

    def _hourly(self, kind: str) -> Iterator[tuple[tuple[int, tuple[str, ...]], int]]:
        buckets = [TimeBucket(hour, hour, hour + HOUR) for hour in self._hours]
        cells = from_rollups(self.view, self._query(kind, EVENTS, by=("source",)), buckets, self.targets)
        return ((group, cell.n) for group, cell in cells.items() if cell.n > 0)

    def _beyond(self, threshold: Threshold, rule: AlertRule) -> Iterator[Episode]:
        first, last = (at // threshold.step * threshold.step for at in self.span)
        starts = range(first, last, threshold.step)
        buckets = [TimeBucket(start, start, start + threshold.step) for start in starts]
        where = tuple(Condition(name, "in", allowed) for name, allowed in threshold.where)
        query = self._query(threshold.kind, threshold.measure, threshold.agg, where=where)
        cells = from_rollups(self.view, query, buckets, self.targets)
        scale, found = (
            scale_of(threshold.kind, threshold.measure),
            {group.bucket: cell for group, cell in cells.items()},
        )
        readings = []
        for number, start in enumerate(starts):
            cell = found.get(number)
            figure = value(cell, threshold.agg, scale) if cell is not None and cell.n else None
            readings.append(Reading(start, start + threshold.step, figure, cell.n if cell else 0))
        return beyond(threshold, readings, rule.no_data, threshold.about)

    def _query(
        self,
        kind: str,
        measure: str,
        agg: Aggregation = "count",
        by: tuple[str, ...] = (),
        where: tuple[Condition, ...] = (),
    ) -> SeriesQuery:
        return SeriesQuery(kind, measure, agg, by, where, None, None, "1h", self.targets.zone)

    def _facts(self, kind: str, rule: AlertRule, *where: Condition) -> list[Told]:
        """Return the facts of a kind that may have rung in the span, the newest where there are too many."""
        owner = OWNERS[kind]
        visible = VisibleTo(self.agent, owner) if self.agent is not None and owner is not None else None
        start = self.span.start - REACH.get(kind, 400 * DAY)
        page = self.view.facts.page(
            kind, columns_of(kind, where), (start, self.span.now + 1), None, True, MOST_FACTS, visible
        )
        if len(page) == MOST_FACTS:
            self.cut.add(rule.name)
        return [(row.entity, fact_of(row)) for _, row in page]

    def _of_contacts(self, item: ContactItem, contacts: Sequence[str], rule: AlertRule) -> Iterator[Episode]:
        """Yield the episodes of the newest of these contacts."""
        if len(contacts) > MOST_CONTACTS:
            self.cut.add(rule.name)
        newest = contacts[:MOST_CONTACTS]
        states = self.view.entities.states("contact", newest)
        for contact in newest:
            if contact in states:
                yield from of_contact(item, Contact.load(contact, states[contact]))

    def _who_opted_out(self, rule: AlertRule) -> list[str]:
        """Return the contacts that opted out, or whom a bot wrote to nevertheless, the newest first.

        Who wrote a mere STOP is known by his conversation, once he is opted out of each of its channels, or by what is
        open with him.
        """
        optout = Condition("item", "eq", ("optout",))
        open_ = self._facts("open_item", rule, optout) + self._facts("dealt_with", rule, optout)
        contacts = dict.fromkeys(contact for contact, _ in open_)
        told = self._facts("conversation_edge", rule, Condition("edge", "eq", ("opted_out",)))
        states = self.view.entities.states("conversation", [conversation for conversation, _ in told])
        for conversation, _ in told:
            contacts |= dict.fromkeys(Conversation.load(states.get(conversation)).contacts)
        contacts |= dict.fromkeys(self._contacts_of_talk(Condition("kind", "eq", ("opted_out",))))
        if self.agent is None:
            return list(contacts)
        owners = self.view.agents_of(list(contacts))
        return [contact for contact in contacts if owners.get(contact, self.agent) == self.agent]

    def _contacts_of_talk(self, *where: Condition) -> list[str]:
        """Return the contacts of the conversation events that meet conditions, the newest first.

        The rollups say in which quarters of an hour there are some, so that the events of no others are read.
        """
        kind = "conversation_event"
        start = self.span.start // QUARTER * QUARTER - 7 * DAY
        starts = range(start, self.span.now + 1, QUARTER)
        buckets = [TimeBucket(each, each, min(each + QUARTER, self.span.now + 1)) for each in starts]
        cells = from_rollups(self.view, self._query(kind, EVENTS, where=where), buckets, self.targets)
        events = EventFilter(kind, self.view.position.seq, conditions_of(kind, where), self.agent)
        fields = (Field("subject", "attribute"),)
        contacts: dict[str, None] = {}
        for number in sorted((group.bucket for group, cell in cells.items() if cell.n > 0), reverse=True):
            if len(contacts) > MOST_CONTACTS:
                break
            page = EventPage(events, buckets[number][1:], None, True, MOST_EVENTS, fields)
            contacts |= dict.fromkeys(str(row.values[0]) for row in self.view.events_page(page) if row.values[0])
        return list(contacts)

    def _acts(self, kind: str) -> dict[str, list[tuple[int, str]]]:
        """Return what people did about items of a kind, by what those are about, in order of time."""
        return self._all_acts.get(kind, {})

    @cached_property
    def _all_acts(self) -> dict[str, dict[str, list[tuple[int, str]]]]:
        names = ("item", "action", "by")
        fields = tuple(field_of("attention_update", name) for name in names)
        events = EventFilter("attention_update", self.view.position.seq, (), self.agent)
        span = self.span.start - 7 * DAY, self.span.now + 1
        acts: dict[str, dict[str, list[tuple[int, str]]]] = defaultdict(lambda: defaultdict(list))
        for row in self.view.events_page(EventPage(events, span, None, True, MOST_ACTS, fields)):
            item, action, by = map(str, row.values)
            kind, _, about = item.partition(":")
            if action not in ("undone", "reopened", "noted"):
                acts[kind][about].append((row.key.time, by))
        for subjects in acts.values():
            for listed in subjects.values():
                listed.sort()
        return acts
