"""Plays the demo: its history and the last hour at once, and from there on live."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from random import Random
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from jorge_data.backoff import Backoff
from jorge_data.bots import Receipt
from jorge_data.demo.calendar import Calendar
from jorge_data.demo.day import day
from jorge_data.demo.history import DAYS, Telling, delivered, history
from jorge_data.demo.story import DAY, HOUR, Json, Timed
from jorge_data.errors import Forbidden, TooMany, Unavailable
from jorge_data.events import parse_moment
from jorge_data.events.locations import DEMO
from jorge_data.progress import Begin, silent

_BATCH = 500
_LATE = timedelta(seconds=5)
_BACKOFF = Backoff(cap_s=10)

GOES_ON_FOR = timedelta(days=3)
"""So long a history is gone on from: on the fourth day what the live day promised falls due, and nobody would act."""


class DemoPublisher(Protocol):
    """What the player needs of `jorge_data.bots.Client`."""

    def publish(self, events: list[Json]) -> list[Receipt]: ...

    def request(self, method: str, path: str) -> dict[str, Any]: ...


class Told(NamedTuple):
    """A history that was told to its end, and the moment of the newest event after it."""

    telling: Telling
    newest: datetime


class Player:
    """Plays for one thread; `wait(seconds)` returns true when the play shall end."""

    def __init__(
        self,
        client: DemoPublisher,
        clock: Callable[[], datetime],
        wait: Callable[[float], bool],
        progress: Begin = silent,
        days: int = DAYS,
    ) -> None:
        self._client = client
        self._clock = clock
        self._wait = wait
        self._progress = progress
        self._days = days

    def play(self, seed: int, speed: float, zone: ZoneInfo, anchor: str) -> None:
        """Go on from the history that the demo location holds, or clear it and tell one; play until `wait` says so.

        A server that is away is waited for; the story then goes on where it stood.
        """
        now = self._clock().astimezone(zone).replace(microsecond=0)
        told: list[Told | None] = []
        if self._insist(lambda: told.append(find_told(self._client, seed, now))):
            return
        calendar = Calendar(now, speed, past_s=0 if told[0] else HOUR)
        recalled = self._go_on_from(told[0], calendar) if told[0] else history(Telling(seed, calendar.zero), self._days)
        # A later play meets other people: those of the first would begin anew, and the hot of them be cold again.
        met = f"{seed}:{anchor}" if told[0] else seed
        past, live = split(day(met, calendar, anchor, recalled), calendar.past_s)
        if not told[0] and self._insist(lambda: self._client.request("DELETE", f"/api/locations/{DEMO}")):
            return
        if not self._catch_up(delivered(Random(seed), past), calendar):
            self._go_on(live, calendar)

    def _go_on_from(self, told: Told, calendar: Calendar) -> Iterator[Timed]:
        """Of a history that began before this day, tell what came after the newest event: nobody has told it yet."""
        began, known = calendar.offset(told.telling.zero), calendar.offset(told.newest)
        telling = told.telling._replace(zero=told.telling.zero.astimezone(calendar.now.tzinfo))
        since = ((began + offset, event) for offset, event in history(telling, self._days))
        return (timed for timed in since if timed[0] > known)

    def _catch_up(self, past: Iterator[Timed], calendar: Calendar) -> bool:
        """Publish what has passed; true when the play shall end before that."""
        sent = 0
        with self._progress(f"demo: {self._days} days of history") as show:
            while batch := [_at(calendar.at(offset), event) for offset, event in islice(past, _BATCH)]:
                if self._publish(batch):
                    return True
                sent += len(batch)
                show(self._share(calendar, batch[-1]), f"{sent:,} events")
            show(1.0, f"{sent:,} events")
        return False

    def _share(self, calendar: Calendar, event: Json) -> float:
        whole = self._days * DAY
        passed = whole + calendar.offset(datetime.fromisoformat(event["time"]))
        return min(1.0, max(0.0, passed / (whole + calendar.past_s)))

    def _go_on(self, live: Iterator[Timed], calendar: Calendar) -> None:
        due = calendar.now.astimezone(UTC)
        batch: list[Json] = []
        for (offset, event), (following, _) in pairwise(live):
            moment = self._clock()
            batch.append(_at(moment, event))
            # After an outage or a sleeping machine the day goes on from here, instead of making up for lost time.
            due = max(due, moment - _LATE) + timedelta(seconds=(following - offset) / calendar.speed)
            if (due > moment or len(batch) == _BATCH) and self._send(batch, due):
                return

    def _send(self, batch: list[Json], due: datetime) -> bool:
        """Publish what is due and wait for what comes next; true when the play shall end."""
        ended = self._publish(batch)
        batch.clear()
        return ended or self._wait(max(0.0, (due - self._clock()).total_seconds()))

    def _publish(self, events: list[Json]) -> bool:
        return self._insist(lambda: self._client.publish(events))

    def _insist(self, act: Callable[[], object]) -> bool:
        """Act until the server has answered; true when the play shall end before that."""
        failures = 0
        while True:
            try:
                act()
                return False
            except (Unavailable, TooMany) as refusal:
                failures += 1
                if self._wait(_BACKOFF.delay_s(failures, refusal.retry_after_s)):
                    return True


def split(stream: Iterator[Timed], ends: float) -> tuple[Iterator[Timed], Iterator[Timed]]:
    """Return what comes before an offset, and the rest, which may be read once that is used up."""
    first_after: list[Timed] = []

    def before() -> Iterator[Timed]:
        for timed in stream:
            if timed[0] >= ends:
                first_after.append(timed)
                return
            yield timed

    def after() -> Iterator[Timed]:
        yield from first_after
        yield from stream

    return before(), after()


def _at(moment: datetime, event: Json) -> Json:
    return {**event, "time": moment.isoformat()}


def find_told(client: DemoPublisher, seed: int, now: datetime) -> Told | None:
    """Return the history of this seed that the demo location holds, whole and young enough to go on from."""
    try:
        first = _page(client, "oldest")
        last = _page(client, f"{first['epoch']}:{first['top'] - 1}") if first["events"] else first
    except Forbidden:  # a token that may only publish, where readers need one too
        return None
    if not last["events"]:
        return None
    telling = Telling.of(first["events"][0]["id"])
    newest = parse_moment(last["events"][-1]["time"])
    if telling is None or telling.seed != seed or not now - GOES_ON_FOR < telling.zero <= newest:
        return None
    return Told(telling, newest)


def _page(client: DemoPublisher, after: str) -> dict[str, Any]:
    return client.request("GET", f"/events?location={DEMO}&after={after}&limit=1")
