"""Plays the demo day: its first six hours at once, as history, and from there on live."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

from jorge_data.bots import Receipt
from jorge_data.demo.calendar import Calendar
from jorge_data.demo.day import day
from jorge_data.demo.history import split, thin
from jorge_data.demo.story import Json, Timed
from jorge_data.errors import RequestRefused, TooMany, Unavailable
from jorge_data.events.locations import DEMO

_BATCH = 500
_LATE = timedelta(seconds=5)
_PAUSES_S = (1.0, 2.0, 5.0, 10.0)


class Publisher(Protocol):
    """What the player needs of `jorge_data.bots.Client`."""

    def publish(self, events: list[Json]) -> list[Receipt]: ...

    def request(self, method: str, path: str) -> object: ...


class Player:
    """Plays for one thread; `wait(seconds)` returns true when the play shall end."""

    def __init__(self, client: Publisher, clock: Callable[[], datetime], wait: Callable[[float], bool]) -> None:
        self._client = client
        self._clock = clock
        self._wait = wait

    def play(self, seed: int, speed: float, zone: ZoneInfo, anchor: str) -> None:
        """Clear the demo location, publish the history, then play on until `wait` says so.

        A server that is away is waited for; the story then goes on where it stood.
        """
        calendar = Calendar(self._clock().astimezone(zone), speed)
        past, live = split(day(seed, calendar, anchor))
        if self._insist(lambda: self._client.request("DELETE", f"/api/locations/{DEMO}")):
            return
        past = thin(past)
        for start in range(0, len(past), _BATCH):
            if self._publish([_at(calendar.at(offset), event) for offset, event in past[start : start + _BATCH]]):
                return
        self._go_on(live, calendar)

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
        attempt = 0
        while True:
            try:
                act()
            except (Unavailable, TooMany) as refusal:
                if self._wait(_pause(attempt, refusal)):
                    return True
                attempt += 1
            else:
                return False


def _pause(attempt: int, refusal: RequestRefused) -> float:
    return max(refusal.retry_after_s or 0.0, _PAUSES_S[min(attempt, len(_PAUSES_S) - 1)])


def _at(moment: datetime, event: Json) -> Json:
    return {**event, "time": moment.isoformat()}
