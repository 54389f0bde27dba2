"""Plays the demo: its history and the last hour at once, and from there on live."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice, pairwise
from random import Random
from typing import Any, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from jorge_data.backoff import Backoff
from jorge_data.bots import Receipt
from jorge_data.demo.calendar import Calendar
from jorge_data.demo.day import day
from jorge_data.demo.history import DAYS, HistoryId, delivered, history
from jorge_data.demo.story import DAY, HOUR, Json, Timed
from jorge_data.errors import Forbidden, TooMany, Unavailable
from jorge_data.events import parse_moment
from jorge_data.events.envelope import DEMO
from jorge_data.progress import StartProgress, silent

T = TypeVar("T")
_BATCH = 500
_LATE = timedelta(seconds=5)
_BACKOFF = Backoff(cap_s=10)

CONTINUED_FOR = timedelta(days=3)
"""The age up to which a history is continued: on the fourth day what the live day promised is due, and nobody acts."""


class DemoPublisher(Protocol):
    """What the player needs of `jorge_data.bots.Client`."""

    def publish(self, events: list[Json]) -> list[Receipt]: ...

    def request(self, method: str, path: str) -> dict[str, Any]: ...


class PlayedHistory(NamedTuple):
    """A history that was played to its end, and the moment of the newest event after it."""

    history_id: HistoryId
    newest: datetime


class _Ended(Exception):
    """Raised to end the play, when `wait` has returned true."""


class Player:
    """Plays for one thread; `wait(seconds)` returns true when the play shall end."""

    def __init__(
        self,
        client: DemoPublisher,
        clock: Callable[[], datetime],
        wait: Callable[[float], bool],
        progress: StartProgress = silent,
        days: int = DAYS,
    ) -> None:
        self._client = client
        self._clock = clock
        self._wait = wait
        self._progress = progress
        self._days = days

    def play(self, seed: int, speed: float, zone: ZoneInfo, anchor: str) -> None:
        """Go on from the history that the demo location has, or clear it and play one; return when `wait` returns true.

        A server that is away is waited for; the story then goes on where it stopped.
        """
        with contextlib.suppress(_Ended):
            self._play(seed, speed, self._clock().astimezone(zone).replace(microsecond=0), anchor)

    def _play(self, seed: int, speed: float, now: datetime, anchor: str) -> None:
        played = self._until_answered(lambda: find_history(self._client, seed, now))
        calendar = Calendar(now, speed, past_s=0 if played else HOUR)
        earlier = self._rest_of(played, calendar) if played else history(HistoryId(seed, calendar.zero), self._days)
        # A later play meets other people: those of the first would begin anew, and the hot of them be cold again.
        stream = day(f"{seed}:{anchor}" if played else seed, calendar, anchor, earlier)
        if not played:
            self._until_answered(lambda: self._client.request("DELETE", f"/api/locations/{DEMO}"))
        for is_live, events in groupby(stream, key=lambda timed: timed[0] >= calendar.past_s):
            if is_live:
                self._play_live(events, calendar)
            else:
                self._play_past(delivered(Random(seed), events), calendar)

    def _rest_of(self, played: PlayedHistory, calendar: Calendar) -> Iterator[Timed]:
        """Return the events of a history after the newest that was played, by this day's offsets."""
        begin, newest = calendar.offset(played.history_id.zero), calendar.offset(played.newest)
        history_id = played.history_id._replace(zero=played.history_id.zero.astimezone(calendar.now.tzinfo))
        events = ((begin + offset, event) for offset, event in history(history_id, self._days))
        return (timed for timed in events if timed[0] > newest)

    def _play_past(self, past: Iterator[Timed], calendar: Calendar) -> None:
        """Publish what has passed, in full batches."""
        sent = 0
        with self._progress(f"demo: {self._days} days of history") as show:
            while batch := [_at(calendar.at(offset), event) for offset, event in islice(past, _BATCH)]:
                self._publish(batch)
                sent += len(batch)
                show(self._share(calendar, batch[-1]), f"{sent:,} events")
            show(1.0, f"{sent:,} events")

    def _share(self, calendar: Calendar, event: Json) -> float:
        history_s = self._days * DAY
        passed_s = history_s + calendar.offset(datetime.fromisoformat(event["time"]))
        return min(1.0, max(0.0, passed_s / (history_s + calendar.past_s)))

    def _play_live(self, live: Iterator[Timed], calendar: Calendar) -> None:
        due = calendar.now.astimezone(UTC)
        batch: list[Json] = []
        for (offset, event), (following, _) in pairwise(live):
            moment = self._clock()
            batch.append(_at(moment, event))
            # After an outage or a sleeping machine the day goes on from here, instead of making up for lost time.
            due = max(due, moment - _LATE) + timedelta(seconds=(following - offset) / calendar.speed)
            if due > moment or len(batch) == _BATCH:
                self._publish(batch)
                batch = []
                self._pause(max(0.0, (due - self._clock()).total_seconds()))

    def _publish(self, events: list[Json]) -> None:
        self._until_answered(lambda: self._client.publish(events))

    def _until_answered(self, request: Callable[[], T]) -> T:
        """Repeat a request until the server answers it."""
        failures = 0
        while True:
            try:
                return request()
            except (Unavailable, TooMany) as refusal:
                failures += 1
                self._pause(_BACKOFF.delay_s(failures, refusal.retry_after_s))

    def _pause(self, seconds: float) -> None:
        if self._wait(seconds):
            raise _Ended


def _at(moment: datetime, event: Json) -> Json:
    return {**event, "time": moment.isoformat()}


def find_history(client: DemoPublisher, seed: int, now: datetime) -> PlayedHistory | None:
    """Return the history of this seed that the demo location has, if it is whole and young enough to be continued."""
    try:
        first = _page(client, "oldest")
        last = _page(client, f"{first['epoch']}:{first['top'] - 1}") if first["events"] else first
    except Forbidden:  # a token that may only publish, where readers need one too
        return None
    if not last["events"]:
        return None
    history_id = HistoryId.of(first["events"][0]["id"])
    newest = parse_moment(last["events"][-1]["time"])
    if history_id is None or history_id.seed != seed or not now - CONTINUED_FOR < history_id.zero <= newest:
        return None
    return PlayedHistory(history_id, newest)


def _page(client: DemoPublisher, after: str) -> dict[str, Any]:
    return client.request("GET", f"/events?location={DEMO}&after={after}&limit=1")
