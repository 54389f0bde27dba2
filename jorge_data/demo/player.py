"""Plays the demo: two months and the last hour at once, from there on live, and the rest of the year beside it."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import dropwhile, groupby, islice, pairwise
from random import Random
from typing import Any, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from jorge_data.backoff import Backoff
from jorge_data.bots import Receipt
from jorge_data.demo.calendar import Calendar
from jorge_data.demo.day import days, written
from jorge_data.demo.history import DAYS, YEAR, HistoryId, delivered, earlier
from jorge_data.demo.story import DAY, HOUR, Json, Timed
from jorge_data.errors import Forbidden, TooMany, Unavailable
from jorge_data.events import parse_moment
from jorge_data.events.envelope import DEMO
from jorge_data.progress import StartProgress, silent

T = TypeVar("T")
_BATCH = 500
_LATE = timedelta(seconds=5)
_BACKOFF = Backoff(cap_s=10)

_OLDER_EVERY_S = 0.4
"""Least time between two batches of the older months: the office's own events and its viewers come first."""

FIGURES = f"/api/dashboard/metrics?location={DEMO}"

CONTINUED_FOR = timedelta(days=3)
"""The age up to which a history is continued: on the fourth day what the live day promised is due, and nobody acts."""


class DemoPublisher(Protocol):
    """What the player needs of `jorge_data.bots.Client`."""

    def publish(self, events: list[Json], path: str = ...) -> list[Receipt]: ...

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
        back: int = YEAR,
    ) -> None:
        """`days` of history are told first, and those before them, as far as `back`, beside the live day."""
        self._client = client
        self._clock = clock
        self._wait = wait
        self._progress = progress
        self._days = days
        self._back = back

    def play(self, seed: int, speed: float, zone: ZoneInfo) -> None:
        """Go on from the history that the demo location has, or clear it and play one; return when `wait` returns true.

        A server that is away is waited for; the story then goes on where it stopped.
        """
        with contextlib.suppress(_Ended):
            self._play(seed, speed, self._clock().astimezone(zone).replace(microsecond=0))

    def _play(self, seed: int, speed: float, now: datetime) -> None:
        played = self._until_answered(lambda: find_history(self._client, seed, now))
        zero = played.history_id.zero.astimezone(now.tzinfo) if played else now - timedelta(seconds=HOUR)
        history_id = HistoryId(seed, zero)
        calendar = Calendar(now, speed, past_s=(now - zero).total_seconds())
        stream = days(history_id, calendar, self._days)
        if played:
            newest = calendar.offset(played.newest)
            stream = dropwhile(lambda timed: timed[0] <= newest, stream)
        else:
            self._until_answered(lambda: self._client.request("DELETE", f"/api/locations/{DEMO}"))
        older = self._older(history_id, calendar, is_begun=played is not None)
        for is_live, events in groupby(stream, key=lambda timed: timed[0] >= calendar.past_s):
            if is_live:
                self._play_live(events, calendar, older)
            else:
                self._play_past(delivered(Random(seed), events), calendar)

    def _older(self, history_id: HistoryId, calendar: Calendar, is_begun: bool) -> Iterator[list[Json]]:
        """Yield the batches of the older months; of those that an earlier play may have begun, what it has not told."""
        past = written(earlier(history_id, self._days, self._back), calendar)
        events = (_at(calendar.at(offset), event) for offset, event in past if offset < 0)
        for batch in _whole_stories(events):
            if is_begun:
                # One by which nobody waits, though it stands alone for a moment.
                own = [event for event in batch if event["type"] == "intent_analysis_complete"][:1]
                receipts = self._until_answered(partial(self._client.publish, own)) if own else []
                is_begun = not own or all(receipt.duplicate for receipt in receipts)
                if own and is_begun:
                    continue
            yield batch

    def _play_past(self, past: Iterator[Timed], calendar: Calendar) -> None:
        """Publish what has passed, in full batches."""
        sent = 0
        with self._progress(f"demo: {self._days} days of history") as show:
            batch = list(islice(past, _BATCH))
            while batch:
                coming = list(islice(past, _BATCH))
                share = self._share(calendar, batch[-1][0]) if coming else 1.0
                self._publish([_at(calendar.at(offset), event) for offset, event in batch], _loaded(share))
                sent += len(batch)
                show(share, f"{sent:,} events")
                batch = coming

    def _share(self, calendar: Calendar, offset: float) -> float:
        history_s = self._days * DAY
        return min(1.0, max(0.0, (history_s + offset) / (history_s + calendar.past_s)))

    def _play_live(self, live: Iterator[Timed], calendar: Calendar, older: Iterator[list[Json]]) -> None:
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
                self._rest(due, older)

    def _rest(self, due: datetime, older: Iterator[list[Json]]) -> None:
        """Tell of the older months until a moment."""
        while (due - self._clock()).total_seconds() > _OLDER_EVERY_S and (batch := next(older, None)):
            self._pause(_OLDER_EVERY_S)
            self._until_answered(self._counted)
            self._publish(batch)
        self._pause(max(0.0, (due - self._clock()).total_seconds()))

    def _counted(self) -> None:
        """Wait a while until what was told is counted: else the pages would lag behind the live day."""
        self._client.request("GET", FIGURES)

    def _publish(self, events: list[Json], path: str = "/events") -> None:
        self._until_answered(lambda: self._client.publish(events, path))

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


def _whole_stories(events: Iterator[Json]) -> Iterator[list[Json]]:
    """Yield batches of whole stories: of one whose end is in the next batch, somebody would wait until that is told."""
    batch: list[Json] = []
    for _, story in groupby(events, key=lambda event: event["id"].rpartition("-")[0]):
        told = list(story)
        if batch and len(batch) + len(told) > _BATCH:
            yield batch
            batch = []
        batch += told
    if batch:
        yield batch


def _loaded(share: float) -> str:
    """Return where events of the past are published, and how much of it is told with them."""
    return f"/events?location={DEMO}&loaded={share:.3f}"


def _at(moment: datetime, event: Json) -> Json:
    return {**event, "time": moment.isoformat()}


def find_history(client: DemoPublisher, seed: int, now: datetime) -> PlayedHistory | None:
    """Return the history of this seed that the demo location has, if it is whole and young enough to be continued."""
    try:
        first = client.request("GET", f"/events?location={DEMO}&after=oldest&limit=1")
        if not first["events"]:
            return None
        # Not the last of the log: that may be of the older months.
        sources = client.request("GET", FIGURES).get("sources") or {}
    except Forbidden:  # a token that may only publish, where readers need one too
        return None
    newest = max(map(parse_moment, sources.values()), default=None)
    history_id = HistoryId.of(first["events"][0]["id"])
    if history_id is None or newest is None or history_id.seed != seed:
        return None
    return PlayedHistory(history_id, newest) if now - CONTINUED_FOR < history_id.zero <= newest else None
