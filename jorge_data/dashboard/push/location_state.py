"""One location: what its feed brought to this process, shared by every tab and page that shows it."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

from jorge_data.dashboard.push.connection_status import is_seen, shown_since, shown_state
from jorge_data.dashboard.push.event_rate import EventRate
from jorge_data.dashboard.push.latency import Latency
from jorge_data.dashboard.push.telemetry import DashboardTelemetry
from jorge_data.events import Cursor, Event
from jorge_data.events.assignment import contacts_named
from jorge_data.events.timestamps import SECOND, age_s, moment, parse_moment, rfc3339
from jorge_data.feed import Buffer, FeedStatus
from jorge_data.metrics import Targets, WallView, view
from jorge_data.metrics.entities.event_subject import contact_of, name_in
from jorge_data.metrics.wall.current_view import ShownFigures, shown_figures
from jorge_data.metrics.wall.event_sentences import line_of
from jorge_data.metrics.wall.view import Line
from jorge_data.permissions import FIGURES

MEASURED = 8
"""Of a delivery at most so many events are timed: a burst is one sample of the latency, not a thousand."""

HISTORY_S = 60.0
"""An event that came so much later than it happened was imported or caught up on: it says nothing of our latency."""

CLOCKS_S = 1.0
"""What happened before the connection stood was caught up on as well; two machines' clocks may differ by so much."""

BROUGHT_IN = timedelta(days=2)
"""What is so much older than the newest event is of a past that is brought in: no news, and no line of the feed."""

NAMING_PEOPLE = frozenset({"attention_update", "intent_feedback", "annotation"})
"""Kinds whose lines name people of the office."""

LINES = 300
"""Most lines of the feed: more than come between two paints, so that each event has its line on screen."""

MOST_NAMES = 5000
"""Most names of contacts that are held for the lines; the server tells those of the events that it sends."""


_generations = count(1)


class _FeedEvent(NamedTuple):
    """An event of the feed, and its line in the words of the moment."""

    event: Event
    contact: str | None
    line: Line


class LocationState:
    """Hold one location's newest events and its figures (a `feed.Consumer`); may be read from any thread.

    No figure is computed here: they are the server's, as of a position that has been delivered.
    """

    def __init__(
        self,
        location: str,
        targets: Targets,
        wake: Callable[[], None],
        clock: Callable[[], float],
        erased: Callable[[], None] = lambda: None,
        telemetry: DashboardTelemetry | None = None,
    ) -> None:
        """`erased` is called when a contact is to be forgotten, and so what was answered before.

        So it is when the state begins: nobody knows who was erased while no feed was open.
        """
        self.location = location
        self._erased = erased
        self.buffer = Buffer()
        self._telemetry = telemetry or DashboardTelemetry()
        self.latency = Latency(timed=self._telemetry.timed)
        self._targets, self._wake, self._clock = targets, wake, clock
        self._lock = threading.Lock()  # guards all below: the feed's thread writes, the loop and the pages read
        self._begin()
        self._generation = next(_generations)
        self._status: FeedStatus | None = None
        self._unsent: float | None = None

    def _begin(self) -> None:
        self._cursor: Cursor | None = None
        self._figures: dict[str, Any] = {}
        self._shown: ShownFigures | None = None  # what the wall shows of these figures
        self._figures_as_of: Cursor | None = None
        self._figures_at = 0.0
        self._names: dict[str, str] = {}
        self._people: dict[str, str] = {}
        self._rate = EventRate()
        self._feed: deque[_FeedEvent] = deque(maxlen=LINES)
        self._newest: datetime | None = None

    def restart(self, cursor: Cursor) -> None:
        """Begin anew, from a cursor on; whoever was erased in what was skipped is in nothing from before."""
        self.buffer.drop(lambda event: True)
        with self._lock:
            self._begin()
            self._cursor = cursor
            self._generation = next(_generations)
        self._erased()
        self._wake()

    def deliver(self, events: list[Event], received_at: float) -> None:
        """Take each event once, and wake the broadcaster."""
        with self._lock:
            recent = [event for event in events if self._take(event)]
            followed = self._status.since.timestamp() if self._status and self._status.state == "connected" else 0.0
            since = max(received_at - HISTORY_S, followed - CLOCKS_S)
            timed = [event for event in events if event.time.timestamp() >= since]
            if timed:
                self._unsent = self._unsent or timed[0].time.timestamp()
        self.buffer.append(recent)
        self._telemetry.events.inc(len(events))
        for event in timed[-MEASURED:]:
            self.latency.add("bot_server", (event.receivedat - event.time).total_seconds() * 1000)
            self.latency.add("server_feed", (received_at - event.receivedat.timestamp()) * 1000)
        self._wake()

    def _take(self, event: Event) -> bool:
        """Take an event; return whether it is of now, and not of a past that is brought in beside it."""
        self._cursor = event.cursor
        self._rate.add(event)
        contact, name = contact_of(event), name_in(event)
        if contact and name and contact not in self._names:  # else the server knows which name is the newest
            self._rename({contact: name})
        self._newest = max(event.time, self._newest or event.time)
        is_recent = event.time >= self._newest - BROUGHT_IN
        if is_recent:
            self._feed.append(_FeedEvent(event, contact, self._line(event, contact)))
        return is_recent

    def take_figures(self, changed: dict[str, Any], as_of: Cursor) -> None:
        """Take the sections that changed, and the names of contacts that events of late are about."""
        sections = {name: section for name, section in changed.items() if name in FIGURES}
        names = sections.pop("names", None) or {}
        with self._lock:
            self._figures |= sections
            if "people" in sections:
                self._rename_people(sections["people"] or {})
            self._shown = None
            self._figures_as_of, self._figures_at = as_of, self._clock()
            # An act may be about somebody who has not been heard of for months: by name he is in what waited.
            waiting = {contact: name for contact, name in _names_in(sections) if contact not in self._names}
            self._rename(waiting | names)
        self._wake()

    def forget(self, contact: str) -> None:
        """Forget a contact that was erased, or is another agent's now: events and lines that name it, name, answers.

        The event that tells of an erasure comes after this, and its line stays.
        """
        is_of_deal = _is_of_deal_of(contact, self.buffer.newest(self.buffer.size))
        self.buffer.drop(lambda event: _names(event, contact) or is_of_deal(event))
        with self._lock:
            self._names.pop(contact, None)
            kept = [each for each in self._feed if not (_names(each.event, contact) or is_of_deal(each.event))]
            self._feed = deque(kept, maxlen=LINES)
            self._generation = next(_generations)  # no patch leads from what was shown of it
        self._erased()
        self._wake()

    def _rename(self, names: dict[str, str]) -> None:
        """Take the names that are new, and word the lines of their contacts anew."""
        new = {contact: name for contact, name in names.items() if self._names.get(contact) != name}
        if not new:
            return
        self._names |= new
        for oldest in list(self._names)[:-MOST_NAMES]:
            del self._names[oldest]
        self._reword(lambda each: each.contact in new)

    def _rename_people(self, people: dict[str, str]) -> None:
        """Take the names of the office's people, and word the lines anew that name some."""
        if people != self._people:
            self._people = people
            self._reword(lambda each: each.event.type in NAMING_PEOPLE)

    def _reword(self, is_meant: Callable[[_FeedEvent], bool]) -> None:
        for place, each in enumerate(self._feed):
            if is_meant(each):
                self._feed[place] = each._replace(line=self._line(each.event, each.contact))

    def _line(self, event: Event, contact: str | None) -> Line:
        name = "" if contact is None else self._names.get(contact, contact)
        return line_of(event, name, self._targets, self._people)

    def changed(self, status: FeedStatus) -> None:
        """Take the connection's new state."""
        with self._lock:
            before, self._status = self._status, status
        self._telemetry.feed_changed(before, status)
        self._wake()

    @property
    def status(self) -> FeedStatus | None:
        """Return the feed's last status; None before its first."""
        with self._lock:
            return self._status

    @property
    def cursor(self) -> Cursor | None:
        """Return the position up to which events were delivered; None before the feed's first response."""
        with self._lock:
            return self._cursor

    @property
    def has_events(self) -> bool:
        """Return whether anything has ever happened here."""
        cursor = self.cursor
        return cursor is not None and cursor.seq > 0

    @property
    def generation(self) -> int:
        """Return a number that changes when the state begins anew or forgets a contact; no other state ever has it.

        No patch leads from one generation's view to another's, and what was read in one is not shown in another.
        """
        with self._lock:
            return self._generation

    def view(self, now: float) -> WallView:
        """Return what the live wall shows at this moment."""
        at = round(now * SECOND)
        with self._lock:
            feed = [each.line for each in reversed(self._feed)]
            self._shown = self._shown or shown_figures(self._figures, self._targets)
            rate = self._rate.last_minute(at)
            return view(self._figures, feed, rate, self.location, self._targets, at, self._shown)

    def events_last_minute(self, now: float) -> int:
        """Return how many events were received in the last minute."""
        with self._lock:
            return self._rate.last_minute(round(now * SECOND))

    def contact_name(self, contact: str) -> str:
        """Return the name of a contact that an event of late was about, or the id where that is unknown."""
        with self._lock:
            return self._names.get(contact, contact)

    def person_name(self, person: str) -> str:
        """Return how somebody of the office is called, or the id where nobody told a name."""
        with self._lock:
            return self._people.get(person, person)

    def feed_line(self, event: Event) -> Line:
        """Return the event as a line of the wall's feed."""
        with self._lock:
            return self._line(event, contact_of(event))

    def dashboard(self, status: FeedStatus | None) -> dict[str, Any]:
        """Return the figures of `/api/dashboard/metrics`, with the state of this process's connection, as it is now.

        While the server cannot be seen no figure says that anything works.
        """
        with self._lock:
            newest = max(map(parse_moment, (self._figures.get("sources") or {}).values()), default=None)
            at, as_of = round((self._figures_at or self._clock()) * SECOND), self._figures_as_of
            figures = {name: self._figures.get(name) for name in FIGURES if name != "names"}
            if not is_seen(status):
                figures |= _unseen(figures)
                at = round(self._clock() * SECOND)
            return figures | {
                "as_of": rfc3339(round((self._figures_at or self._clock()) * SECOND)),
                "freshness_s": age_s(newest, moment(at)),
                "position": as_of._asdict() if as_of and as_of.seq else None,
                "connection": self._connection(status),
            }

    def recent(self) -> list[Event]:
        """Return the buffered events, newest first."""
        return self.buffer.newest(self.buffer.size)

    def take_oldest_unsent(self) -> float | None:
        """Return when the oldest event happened that is not sent yet and no history; all count as sent from now on."""
        with self._lock:
            oldest, self._unsent = self._unsent, None
            return oldest

    def _connection(self, status: FeedStatus | None) -> dict[str, Any]:
        latency_ms, since = self.latency.p50_p95("server_feed"), shown_since(status)
        return {
            "state": shown_state(status),
            "since": since.isoformat() if since else None,
            "latency_ms_p50": round(latency_ms[0], 1) if latency_ms else None,
        }


def _names_in(sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the contacts that wait or were dealt with today, each with its name."""
    needs = sections.get("needs") or {}
    for item in [*needs.get("items", ()), *needs.get("done", {}).get("items", ())]:
        if item["contact"] and item["name"] != item["contact"]:
            yield item["contact"], item["name"]


def _names(event: Event, contact: str) -> bool:
    return contact in contacts_named(event.type, event.subject, event.data).contacts


def _is_of_deal_of(contact: str, events: list[Event]) -> Callable[[Event], bool]:
    """Return what tells an event of a deal of which one of these says that it is the contact's."""
    deals = {event.data["deal_id"] for event in events if event.type == "commission_update" and _names(event, contact)}
    return lambda event: event.type == "commission_update" and event.data["deal_id"] in deals


def _unseen(figures: dict[str, Any]) -> dict[str, Any]:
    """Return the figures that say how things are now, as they are where nothing is known of now."""
    unseen: dict[str, Any] = {}
    if bots := figures.get("bots"):
        unseen["bots"] = {name: {**bot, "status": "unknown"} for name, bot in bots.items()}
    if system := figures.get("system"):
        components = {name: {**each, "status": "unknown"} for name, each in (system.get("components") or {}).items()}
        unknown = {"overall": None, "components": components, "not_reporting": len(components), "uptime_30d": None}
        unseen["system"] = {**system, **unknown}
    return unseen
