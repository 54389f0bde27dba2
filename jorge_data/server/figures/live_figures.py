"""One location's figures as of a position: asked when what they read has changed, once for all their readers."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Collection, Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import orjson

from jorge_data.errors import Behind, RequestRefused, StoreDamaged, StoreError
from jorge_data.events import Cursor
from jorge_data.events.timestamps import SECOND, age_s, micros, parse_moment, rfc3339
from jorge_data.metrics.targets import Targets
from jorge_data.permissions import Caller, may_see_figures, visible_figures
from jorge_data.server.figures.reader import PEOPLE, Answered, FiguresReader
from jorge_data.server.figures.sections import OF_CONTACTS, SECTIONS
from jorge_data.server.log.frames import Frame, frame
from jorge_data.server.log.tail import RING, Tail
from jorge_data.server.rollup.worker import Folded, RollupWorker
from jorge_data.server.users.office_people import OfficePeople
from jorge_data.store import LogView, Store

logger = logging.getLogger(__name__)

PAUSE_S = 0.17
"""Least time between two answers that are pushed: an event waits a tenth of a second for its figures on the mean."""

PAUSE = 6
"""After an answer the next one waits so many times as long as it took: at most a seventh of a processor is spent."""

LONGEST_PAUSE_S = 1.0

FAILED_FOR = 5 * SECOND
"""After a fault a section is asked again in so long (microseconds)."""

FOLDED_WITHIN_S = 2.0
"""Longest that an answer waits for what is committed to be folded; after it, it is as of an earlier position."""

MOST_NAMES = 2000
"""Most names of contacts that are told to a new reader: those of the events that it may have on screen."""


LOADING_S = 15.0
"""Who brings in a past and is silent for so long has ended without saying so."""

LOOK_S = 5.0
"""In so long it is seen that users have changed, where nothing else happens."""

REMEMBERED_S = 60.0
"""How long an agent's figures are asked for after he asked last, where he follows none."""


class _Section(NamedTuple):
    """A section's value, and the version in which it last changed."""

    value: Any
    version: int


@dataclass(frozen=True)
class LocationFigures:
    """All sections as of one position; `counting` is one, and says how far a history is folded that is behind.

    While somebody brings in a past, `counting` says as well how much of it is `loaded`.
    """

    as_of: Cursor
    at: datetime
    sections: dict[str, Any]
    names: dict[str, str] = field(default_factory=dict)

    def as_json(self, names: bool = False) -> dict[str, Any]:
        """Return the JSON of `/api/dashboard/metrics`; the caller knows its own connection.

        `names`: with those of the contacts that the last events are about, by their ids.
        """
        newest = max(map(parse_moment, (self.sections["sources"] or {}).values()), default=None)
        return {
            "as_of": rfc3339(micros(self.at)),
            "freshness_s": age_s(newest, self.at),
            "position": self.as_of._asdict() if self.as_of.seq else None,
            **self.sections,
            **({"names": self.names} if names else {}),
            "connection": None,
        }


def _names_since(view: LogView, after: int) -> dict[str, str]:
    """Return the names that became known; none where some of those events cannot be read."""
    try:
        return view.names_since(after)
    except StoreDamaged:
        return {}


def _put(sections: dict[str, _Section], values: dict[str, Any], version: int) -> None:
    """Replace the sections that have another value by those of a version."""
    for name, value in values.items():
        if name not in sections or sections[name].value != value:
            sections[name] = _Section(value, version)


def _told(
    before: dict[str, tuple[str, int]], seen: dict[str, tuple[str, int]], version: int
) -> dict[str, tuple[str, int]]:
    """Return the names that an agent sees, each with the version that told it to him: this one where it is new."""
    return {
        contact: before[contact] if contact in before and before[contact][0] == name else (name, version)
        for contact, (name, _) in seen.items()
    }


@dataclass
class _Own:
    """What an agent sees instead of the office's: sections of contacts, and names with the version that told each."""

    sections: dict[str, _Section] = field(default_factory=dict)
    names: dict[str, tuple[str, int]] = field(default_factory=dict)


@dataclass
class _Cache:
    """What is known of one epoch of the log; `version` counts the answers that changed something."""

    epoch: str = ""
    position: int = 0
    people: int = -1  # the version of the users
    answer_count: int = 0
    version: int = 0
    sections: dict[str, _Section] = field(default_factory=dict)
    names: dict[str, tuple[str, int]] = field(default_factory=dict)  # and the version in which each was told
    agents: dict[str, _Own] = field(default_factory=dict)

    def seen_by(self, agent: str | None) -> tuple[dict[str, _Section], dict[str, tuple[str, int]]]:
        """Return the sections and names that an agent sees, or who sees all; what is not asked yet is left out."""
        if agent is None:
            return self.sections, self.names
        own = self.agents.get(agent, _Own())
        office = {name: section for name, section in self.sections.items() if name not in OF_CONTACTS}
        return office | own.sections, own.names


class LiveFigures:
    """Answers the figures of one location, and pushes them while someone follows them; event loop only."""

    def __init__(
        self, tail: Tail, store: Store, rollup_worker: RollupWorker, targets: Targets, people: OfficePeople
    ) -> None:
        self._tail, self._store, self._worker, self._targets = tail, store, rollup_worker, targets
        self._people = people
        self._cache = _Cache()
        self._answered: dict[Hashable, Answered] = {}  # what was read of the newest fold that we were told of
        self._folds = 0  # that we were told of
        self._folded_to: int | None = None  # by the last of them
        self._asking = asyncio.Lock()  # one answer at a time
        self._loaded = 1.0  # of a past that somebody brings in
        self._loaded_at = 0.0  # monotonic
        self._failing: set[str] = set()  # sections whose fault was logged; "" for a fault of all
        self._changed = asyncio.Event()
        self._followers = 0
        self._followers_as: Counter[str] = Counter()  # of these those who see an agent's contacts
        self._asked_as: dict[str, float] = {}  # when each agent asked last
        self._task: asyncio.Task[None] | None = None
        self._frames: dict[tuple[int, int, Caller, str | None], Frame] = {}

    def folded(self, change: Folded) -> None:
        """Note what has changed in the history, and up to which position it is folded."""
        self._folds, self._folded_to = self._folds + 1, change.position
        for name, answered in list(self._answered.items()):
            if change.changed is None or not change.changed.isdisjoint(answered.reads):
                del self._answered[name]

    def forget(self, contacts: Collection[str]) -> None:
        """Forget the names of contacts, and all that was answered."""
        self._answered.clear()
        self._frames.clear()
        for names in (self._cache.names, *(own.names for own in self._cache.agents.values())):
            for contact in contacts:
                names.pop(contact, None)

    def note_loaded(self, share: float) -> None:
        """Note how much of a past is told that somebody brings in; 1: all of it."""
        self._loaded, self._loaded_at = share, time.monotonic()

    def _loaded_until(self) -> float:
        """Return when what is said of a load is over (monotonic); 0 where nothing is loaded."""
        return self._loaded_at + LOADING_S if self._loaded < 1 else 0.0

    async def current(self, agent: str | None = None) -> LocationFigures:
        """Return the figures as of what is committed now, or as far as it is folded after FOLDED_WITHIN_S.

        `agent`: as he sees them.
        """
        if agent is not None:
            self._asked_as[agent] = time.monotonic()
        top, epoch = self._tail.top, self._tail.epoch
        begins_after_now = self._cache.answer_count + (2 if self._asking.locked() else 1)
        async with self._asking:
            now = datetime.now(UTC)
            is_current = self._cache.epoch == epoch and self._cache.position >= top
            # Where the history is behind an answer takes FOLDED_WITHIN_S: who waited for one that began meanwhile
            # takes it.
            may_have_changed = not is_current or self._due_at() <= micros(now)
            is_missing = agent is not None and agent not in self._cache.agents
            if is_missing or (self._cache.answer_count < begins_after_now and may_have_changed):
                await self._ask(now)
            cache = self._cache
            sections, known = cache.seen_by(agent)
            values = {name: section.value for name, section in sections.items()}
            names = {contact: name for contact, (name, _) in known.items()}
            return LocationFigures(Cursor(cache.epoch, cache.position), now, values, names)

    def _due_at(self) -> int:
        """Return when the sections are to be asked again (microseconds); long ago where that is at once."""
        own = ((name, agent) for agent in self._asked_as for name in OF_CONTACTS)
        answered = [self._answered.get(name) for name in (*SECTIONS, *own)]
        due_at = min(section.until if section else 0 for section in answered)
        if self._people.version != self._cache.people:
            return 0
        if over := self._loaded_until():
            due_at = min(due_at, micros(datetime.now(UTC)) + round((over - time.monotonic()) * SECOND))
        return due_at

    async def _ask(self, now: datetime) -> None:
        counting: dict[str, float] | None = None
        try:
            await self._worker.all_folded(self._tail.location, FOLDED_WITHIN_S)
        except Behind:
            reached = self._worker.reached(self._tail.location)
            counting = {"folded": reached.folded, "top": reached.top}
        if self._loaded_until() > time.monotonic():
            whole = {"folded": self._tail.top, "top": self._tail.top}
            counting = {**(counting or whole), "loaded": self._loaded}
        elif self._loaded < 1:
            self._loaded = 1.0
        before, folds, told = self._cache, self._folds, self._folded_to
        answered = {name: each for name, each in self._answered.items() if each.until > micros(now)}
        holds_at = before.position if told is None else told
        agents = self._agents()
        self._cache = await asyncio.to_thread(self._read, before, answered, holds_at, counting, now, agents)
        if self._cache.version != before.version:
            changed, self._changed = self._changed, asyncio.Event()
            changed.set()
        # What was folded while they were asked may have changed them: then they are not reused.
        self._answered = answered if self._folds == folds else {}

    def _agents(self) -> list[str]:
        """Return the agents who follow these figures, or have asked for them of late."""
        since = time.monotonic() - REMEMBERED_S
        for agent, at in list(self._asked_as.items()):
            if at < since and not self._followers_as[agent]:
                del self._asked_as[agent]
        return list(self._asked_as)

    def _read(
        self,
        cache: _Cache,
        answered: dict[Hashable, Answered],
        holds_at: int,
        counting: dict[str, float] | None,
        now: datetime,
        agents: list[str],
    ) -> _Cache:
        """Return all sections; what was `answered` is not asked again where the view is of the position it holds at.

        Nothing is reused where the log was replaced.
        """
        with self._store.view(self._tail.location) as view:
            epoch, position = view.epoch, view.position.seq
            if epoch != cache.epoch:
                cache = _Cache(epoch, answer_count=cache.answer_count, version=cache.version)
            if not cache.sections or position != holds_at:
                answered.clear()
            people, known_people = self._people.version, self._people.all()
            if people != cache.people:
                for kept_as in [kept_as for kept_as, each in answered.items() if PEOPLE in each.reads]:
                    del answered[kept_as]
            version, sections, names = cache.version + 1, dict(cache.sections), dict(cache.names)
            reader = FiguresReader(view, self._targets, now, answered, known_people)
            values = {name: self._value(name, reader, answered) for name in SECTIONS}
            _put(sections, {**values, "counting": counting}, version)
            for contact, name in _names_since(view, max(cache.position, position - RING)).items():
                if names.get(contact, ("", 0))[0] != name:
                    names.pop(contact, None)
                    names[contact] = name, version
            for contact in list(names)[:-MOST_NAMES]:
                del names[contact]
            whose = view.agents_of(names) if agents else {}
            own = {}
            for agent in agents:
                before = cache.agents.get(agent, _Own())
                as_agent, of_agent = reader.as_seen_by(agent), dict(before.sections)
                _put(of_agent, {name: self._value(name, as_agent, answered) for name in OF_CONTACTS}, version)
                seen = {contact: told for contact, told in names.items() if whose.get(contact, agent) == agent}
                own[agent] = _Own(of_agent, _told(before.names, seen, version))
        if (sections, names, own) == (cache.sections, cache.names, cache.agents):
            version = cache.version
        return _Cache(epoch, position, people, cache.answer_count + 1, version, sections, names, own)

    def _value(self, name: str, reader: FiguresReader, answered: dict[Hashable, Answered]) -> Any:
        """Return a section; None where it fails, for a while, so that the others are told all the same."""
        kept_as = name if reader.agent is None else (name, reader.agent)
        try:
            value = reader.once(kept_as, partial(SECTIONS[name], reader))
        except Exception as error:
            if isinstance(error, StoreError) and not isinstance(error, StoreDamaged):  # of all of them
                raise
            if name not in self._failing:
                logger.exception("%s of %s cannot be answered", name, self._tail.location)
            self._failing.add(name)
            answered[kept_as] = Answered(None, frozenset(), reader.at + FAILED_FOR)
            return None
        self._failing.discard(name)
        return value

    @property
    def version(self) -> int:
        """The version of the newest figures; 0 before the first."""
        return self._cache.version

    @property
    def as_of(self) -> Cursor:
        """The position that they are as of."""
        return Cursor(self._cache.epoch, self._cache.position)

    def join(self, agent: str | None = None) -> None:
        """Begin to push, where nobody followed until now; `agent`: to one who sees his contacts."""
        self._followers += 1
        if agent is not None:
            self._followers_as[agent] += 1
            self._asked_as[agent] = time.monotonic()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"figures of {self._tail.location}")

    def leave(self, agent: str | None = None) -> None:
        """End to push, where nobody follows any more."""
        self._followers -= 1
        if agent is not None:
            self._followers_as[agent] -= 1
        if not self._followers:
            self.cancel()

    def cancel(self) -> None:
        """Push nothing more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def after(self, version: int) -> Cursor:
        """Wait for a version after this one; return the position that it is as of."""
        while self._cache.version <= version:
            await self._changed.wait()
        return self.as_of

    def frame(self, since: int, reader: Caller, agent: str | None = None) -> Frame:
        """Return the frame of what changed after a version as far as a reader sees it, made once for all like him."""
        cache = self._cache
        key = since, cache.version, reader, agent
        if key not in self._frames:
            if len(self._frames) > 64:
                self._frames.clear()
            self._frames[key] = self._make_frame(since, reader, agent)
        return self._frames[key]

    def _make_frame(self, since: int, reader: Caller, agent: str | None) -> Frame:
        cache = self._cache
        sections, known = cache.seen_by(agent)
        changed: dict[str, Any] = {name: part.value for name, part in sections.items() if part.version > since}
        if names := {contact: name for contact, (name, version) in known.items() if version > since}:
            changed["names"] = names
        seen = visible_figures(reader, changed)
        visible = {name: value for name, value in seen.items() if may_see_figures(reader, name)}
        return frame(orjson.dumps({"type": "figures", "as_of": cache.position, "set": visible}))

    async def _run(self) -> None:
        while True:
            began = time.monotonic()
            try:
                await self._wait()
                began = time.monotonic()
                await self.current()
                self._failing.discard("")
            except (RequestRefused, StoreError) as error:
                if "" not in self._failing:  # once, and not at every try
                    logger.warning("the figures of %s cannot be answered: %s", self._tail.location, error)
                self._failing.add("")
                await asyncio.sleep(1)
            except Exception:
                logger.exception("the figures of %s cannot be answered: trying again", self._tail.location)
                await asyncio.sleep(1)
            await asyncio.sleep(min(LONGEST_PAUSE_S, max(PAUSE_S, PAUSE * (time.monotonic() - began))))

    async def _wait(self) -> None:
        """Return when events were committed since the last answer, or time alone may have changed one."""
        cache = self._cache
        due_s = min(self._due_at() / SECOND - time.time(), LOOK_S)
        if cache.epoch != self._tail.epoch or due_s <= 0:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(due_s):
                await self._tail.grown_beyond(cache.position, cache.epoch)
