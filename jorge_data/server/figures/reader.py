"""Reading figures: questions of the definitions and entities, asked of one view of a location's log at one moment."""

import copy
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, cached_property
from typing import Any, NamedTuple, TypeVar, cast

from jorge_data.events.timestamps import MINUTE, SECOND, micros
from jorge_data.metrics.colleagues import Colleague, Colleagues, ids_told
from jorge_data.metrics.definitions.questions import Question
from jorge_data.metrics.entities.bot import Bot
from jorge_data.metrics.entities.component import Component
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.statistics.report_spans import KNOWN_FOR
from jorge_data.metrics.targets import Targets
from jorge_data.server.query.answer import Answer
from jorge_data.server.query.query_schema import names_of
from jorge_data.server.query.series_request import SeriesQuery, read_where
from jorge_data.server.query.service import answer_series
from jorge_data.server.query.time_buckets import AFTER_ALL, BEFORE_ALL
from jorge_data.store import Condition, EntityFilter, FactRow, LogView, OpenItems, VisibleTo

MOST_LISTED = 100
"""Most bots and components that are told, the last heard of first: their names are the publishers' own."""


class Span(NamedTuple):
    """A half-open span in microseconds; None is open."""

    start: int | None = None
    end: int | None = None


EVER = Span()


@cache
def _conditions(kind: str, texts: tuple[str, ...]) -> tuple[Condition, ...]:
    return read_where(texts, names_of(kind))


class Answered(NamedTuple):
    """Something that was read, and how long it holds.

    It holds until one of the kinds of fact, families of entity or entities (family/key) changes that it was read from,
    and no longer than to a moment (microseconds), at which time alone may change it.
    """

    value: Any
    reads: frozenset[str]
    until: int
    given: Hashable = None  # what it was read for, where that is not in its name


NO_END = 1 << 62

ASSIGNING = "contact_update"
"""The kind of event that says whose a contact is."""

PEOPLE = "people"
"""What is read of the users: no event changes it."""

T = TypeVar("T")


class FiguresReader:
    """Asks one view, and reuses of `answered` what still holds; for one thread."""

    def __init__(
        self,
        view: LogView,
        targets: Targets,
        now: datetime,
        answered: dict[Hashable, Answered] | None = None,
        people: Sequence[Colleague] = (),
    ) -> None:
        """`people` are the users who may see the office, and could."""
        self._view, self.targets, self.now, self._people = view, targets, now, people
        self.at = micros(now)
        self.agent: str | None = None
        """Who sees what is read of contacts: an agent his own and nobody's, None everybody's."""
        self._answered = {} if answered is None else answered
        self._reads: set[str] = set()
        self._until = NO_END

    def as_seen_by(self, agent: str) -> "FiguresReader":
        """Return a reader for an agent, of the same view and moment; what names no contact is read once for all."""
        reader = copy.copy(self)
        reader.agent, reader._reads, reader._until = agent, set(), NO_END
        return reader

    def once(self, name: Hashable, read: Callable[[], T], given: Hashable = None) -> T:
        """Return what `read` returns, or returned under this name, and given the same, while that holds."""
        answered = self._answered.get(name)
        if answered is None or answered.until <= self.at or answered.given != given:
            outer, self._reads, self._until = (self._reads, self._until), set(), NO_END
            value = read()
            answered = self._answered[name] = Answered(value, frozenset(self._reads), self._until, given)
            self._reads, self._until = outer
        self._reads |= answered.reads
        self._until = min(self._until, answered.until)
        return cast(T, answered.value)

    def holds_until(self, moment: int | None) -> None:
        """Note that time alone may change what is being read at a moment; one that is over changed it already."""
        if moment is not None and moment > self.at:
            self._until = min(self._until, moment)

    def holds_for(self, length: int) -> None:
        """Note that what is being read is read once in so long, however often it changes."""
        self._reads.clear()
        self._until = self.at + length

    def answer(self, question: Question, span: Span, by: tuple[str, ...] = (), step: str = "all") -> Answer:
        """Return the answer of the query engine."""
        return self.once((question, span, by, step), lambda: self._ask(question, span, by, step))

    def _ask(self, question: Question, span: Span, by: tuple[str, ...], step: str) -> Answer:
        self._reads.add(question.kind)
        if span != EVER:
            self.holds_until((self.at // MINUTE + 1) * MINUTE)  # windows are of whole minutes
        kind, measure, agg, where = question
        query = SeriesQuery(kind, measure, agg, by, _conditions(kind, where), *span, step, self.targets.zone)
        return answer_series(self._view, query, self.targets)

    def value(self, question: Question, span: Span) -> Any:
        """Return a figure's one value, None where nothing was counted."""
        rows = self.answer(question, span).rows
        return rows[0][-2] if rows else None

    def count(self, question: Question, span: Span) -> int:
        """Return how many there are."""
        return self.value(question, span) or 0

    def by(self, question: Question, span: Span, *by: str) -> dict[Any, Any]:
        """Return values by what they are split by: a field's value, or a tuple of several."""
        rows = self.answer(question, span, by).rows
        return {row[1] if len(by) == 1 else tuple(row[1:-2]): row[-2] for row in rows}

    def is_known(self, kind: str) -> bool:
        """Return whether anything of a kind was ever counted."""
        return self.once(("is known", kind), lambda: self._is_known(kind))

    def _is_known(self, kind: str) -> bool:
        self._reads.add(kind)
        return self._view.rollups.extent(kind, "day") is not None

    @property
    def bots(self) -> dict[str, Bot]:
        """Return the bots by name, the last heard of first; each may fall silent by time alone."""
        self._reads.add("bot")
        for bot in self._bots.values():
            self.holds_until(bot.at + round(self.targets.silent_after_s * SECOND) + 1)
        return self._bots

    @property
    def shown_bots(self) -> dict[str, Bot]:
        """Return the bots as far as they are seen: of one at work for another agent's contact, only that it is."""
        if self.agent is None:
            return self.bots
        hidden = self._hidden(bot.report.seq for bot in self.bots.values() if bot.report)
        working = {bot.report.contact for bot in self.bots.values() if bot.report and bot.report.contact}
        others = {contact for contact, agent in self._view.agents_of(working).items() if agent != self.agent}
        return {
            name: _without_contact(bot)
            if bot.report and (bot.report.seq in hidden or bot.report.contact in others)
            else bot
            for name, bot in self.bots.items()
        }

    @property
    def shown_components(self) -> dict[str, Component]:
        """Return the components as far as they are seen: without the error of a report about another's contact."""
        if self.agent is None:
            return self.components
        hidden = self._hidden(each.detail.seq for each in self.components.values() if each.detail)
        return {
            name: _without_error(each) if each.detail and each.detail.seq in hidden else each
            for name, each in self.components.items()
        }

    def _hidden(self, positions: Iterable[int]) -> set[int]:
        """Return those of these events that are about another agent's contact."""
        assert self.agent is not None
        self._reads.add(ASSIGNING)
        return self._view.hidden(set(positions), self.agent)

    @cached_property
    def _bots(self) -> dict[str, Bot]:
        states = self._view.entities.newest_states("bot", MOST_LISTED)
        bots = {key: Bot.load(key, state) for key, state in states.items()}
        return {key: bot for key, bot in bots.items() if bot.at}  # of others there are only acts on their items

    @property
    def components(self) -> dict[str, Component]:
        """Return the components by name, the last heard of first, without the reports of their hours.

        Of what each reported nothing may be known any more by time alone.
        """
        self._reads.add("component")
        for component in self._components.values():
            self.holds_until(component.at + KNOWN_FOR + 1)
        return self._components

    @cached_property
    def _components(self) -> dict[str, Component]:
        states, rule = self._view.entities.newest_states("component", MOST_LISTED), self.targets.down_until_reported
        components = {key: Component(key, state, {}, rule) for key, state in states.items()}
        return {key: component for key, component in components.items() if component.head}

    def contacts(self, purpose: str, keys: Collection[str]) -> dict[str, Contact]:
        """Return these contacts, which are asked for a purpose: the last ones of each are reused."""
        return self.once(("contacts", purpose, self.agent), lambda: self._contacts(keys), tuple(keys))

    def _contacts(self, keys: Collection[str]) -> dict[str, Contact]:
        self._reads |= {f"contact/{key}" for key in keys}
        return {key: Contact.load(key, state) for key, state in self._view.entities.states("contact", keys).items()}

    def contact_names(self, purpose: str, keys: Collection[str]) -> Mapping[str, str]:
        """Return the names of those of these contacts whose name is known."""
        return self.once(("contact names", purpose, self.agent), lambda: self._contact_names(keys), tuple(keys))

    def _contact_names(self, keys: Collection[str]) -> dict[str, str]:
        self._reads |= {f"contact/{key}" for key in keys}
        return self._view.entities.names("contact", keys) if keys else {}

    def colleagues(self, ids: Collection[str]) -> Colleagues:
        """Return who is known of these people of the office, by whichever ids, and of every user."""
        wanted = ids_told(ids, self._people)
        self._reads |= {PEOPLE, *(f"agent/{person}" for person in wanted)}
        return Colleagues(self._people, self._view.entities.names("agent", wanted))

    def people(self) -> dict[str, str]:
        """Return how users and the agents heard of last are called, by each id; without those known by it alone."""
        self._reads |= {PEOPLE, "agent"}
        ids = ids_told(self._view.entities.newest("agent", MOST_LISTED), self._people)
        known = Colleagues(self._people, self._view.entities.names("agent", ids))
        return {id_: name for id_ in sorted(ids) if (name := known.name(id_)) != id_}

    def unlisted(self, family: str, listed: int | None = None) -> int:
        """Return how many entities of a family there are beyond those that are told by name."""
        self._reads.add(family)
        every = EntityFilter(family, (1, AFTER_ALL))  # of those at 0 there are only acts on their items
        return max(0, self._view.entities.count(every) - (MOST_LISTED if listed is None else listed))

    def sources(self, limit: int) -> dict[str, int]:
        """Return when the newest event of each source happened, the newest first."""
        self._reads.add("source")
        return self._view.entities.newest("source", limit)

    def open_items(self, limit: int, groups: Sequence[Collection[str]]) -> OpenItems:
        """Return how many items are open with contacts, and the newest of each group of kinds and of each owner."""
        return self.once(("open items", limit, self.agent), lambda: self._open_items(limit, groups))

    def _open_items(self, limit: int, groups: Sequence[Collection[str]]) -> OpenItems:
        self._reads |= {"open_item"} if self.agent is None else {"open_item", ASSIGNING}
        items = self._view.facts.open_items(self.at, limit, groups, self.agent)
        self.holds_until(items.next_at)
        return items

    def dealt_with(self, since: int, limit: int) -> list[FactRow]:
        """Return the newest acts by which somebody dealt with an item of a contact, or put it off."""
        return self.once(("dealt with", since, limit, self.agent), lambda: self._dealt_with(since, limit))

    def _dealt_with(self, since: int, limit: int) -> list[FactRow]:
        self._reads |= {"dealt_with"} if self.agent is None else {"dealt_with", ASSIGNING}
        visible = None if self.agent is None else VisibleTo(self.agent, "contact")
        page = self._view.facts.page("dealt_with", (), (since, AFTER_ALL), None, True, limit, visible)
        return [fact for _, fact in page]

    def last_qualified(self, limit: int) -> list[str]:
        """Return the contacts that were qualified last, the last first."""
        return self.once(("qualified last", limit, self.agent), lambda: self._last_qualified(limit))

    def _last_qualified(self, limit: int) -> list[str]:
        self._reads.add("seller_newest")
        if self.agent is not None:
            self._reads.add(ASSIGNING)
            return self._view.facts.newest_contacts("seller_newest", limit, self.agent)
        page = self._view.facts.page("seller_newest", (), (BEFORE_ALL, AFTER_ALL), None, True, limit)
        return [fact.entity for _, fact in page]


def _without_contact(bot: Bot) -> Bot:
    """Return a bot whose report tells nothing of whom it works for: its step and its error do."""
    masked = copy.copy(bot)
    masked.report = bot.report and bot.report._replace(step="", contact=None, error="")
    return masked


def _without_error(component: Component) -> Component:
    masked = copy.copy(component)
    masked.detail = component.detail and component.detail._replace(error="")
    return masked
