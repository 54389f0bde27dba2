"""When a rule rings: a pure function of its episodes, as they are known at a position of the log, and of the clock.

An alert is pending while its condition has not held for long enough, then firing, acknowledged once a person acts, and
resolved when the condition has ended. What ends, or is acted on, before it would ring never rings.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import DAY, MINUTE, micros, midnight, office_date
from jorge_data.metrics.alerts.rule import AlertRule
from jorge_data.metrics.office_hours import OfficeHours

Phase = Literal["pending", "firing", "acknowledged", "resolved"]
Outcome = Literal["acted", "healed", "ignored", "ringing"]

LONGEST_CLOSED = 400
"""After so many days in which the office never opens a wait within its hours is over."""


class Episode(NamedTuple):
    """A time in which what a rule watches for held of a subject; `ended` is None while it holds (microseconds).

    `acted` is when a person first did something about it, and `by` who did.
    """

    subject: str
    began: int
    ended: int | None = None
    acted: int | None = None
    by: str = ""


class FiredAlert(NamedTuple):
    """An alert that is pending or has rung: since when it holds, rings or would ring, and what became of it."""

    rule: str
    subject: str
    began: int
    rang: int
    acknowledged: int | None
    by: str
    resolved: int | None

    @property
    def name(self) -> str:
        """Return what names it for ever: its rule, its subject and its beginning."""
        return f"{self.rule}:{self.subject}:{self.began}"

    def phase(self, now: int) -> Phase:
        """Return how it stands at a moment."""
        if now < self.rang:
            return "pending"
        if self.resolved is not None and self.resolved <= now:
            return "resolved"
        return "firing" if self.acknowledged is None or self.acknowledged > now else "acknowledged"

    def lasted(self, now: int) -> int:
        """Return for how long it rang: until it was acknowledged or resolved, or until now (microseconds)."""
        ends = [end for end in (self.acknowledged, self.resolved) if end is not None]
        return min([now, *ends]) - self.rang

    def outcome(self, now: int, attended_within: int) -> Outcome:
        """Return what people did: acted, or nothing for so long, or it healed by itself before that."""
        late = self.rang + attended_within
        over = min(self.resolved if self.resolved is not None else late, late)
        if self.acknowledged is not None and self.acknowledged <= over:
            return "acted"
        if self.resolved is not None and self.resolved <= late:
            return "healed"
        return "ignored" if late <= now else "ringing"


class PhaseChange(NamedTuple):
    """That an alert came into a phase, or was found never to have been one ("withdrawn") by what arrived late."""

    alert: FiredAlert
    phase: Phase | Literal["withdrawn"]


class OfficeClock(NamedTuple):
    """The office's hours and its zone."""

    hours: OfficeHours
    zone: ZoneInfo

    def after_open_time(self, start: int, wait: int) -> int:
        """Return the moment at which the office has been open for so long since a start."""
        for opens, closes in self._spans(start):
            if closes - opens >= wait:
                return opens + wait
            wait -= closes - opens
        return start + LONGEST_CLOSED * DAY

    def _spans(self, start: int) -> Iterator[tuple[int, int]]:
        """Yield when the office is open from a moment on; a day of hours begins at its midnight."""
        first = office_date(start, self.zone)
        for number in range(LONGEST_CLOSED):
            day = first + timedelta(days=number)
            if day in self.hours.holidays:
                continue
            spans = self.hours.week[day.weekday()] if any(self.hours.week) else ((0, 24 * 60),)
            for opens, closes in spans:
                begins, ends = (_at_minute(day, minute, self.zone) for minute in (opens, closes))
                if ends > start:
                    yield max(begins, start), ends


def _at_minute(day: date, minute: int, zone: ZoneInfo) -> int:
    if minute == 24 * 60:
        return midnight(day + timedelta(days=1), zone)
    return micros(datetime.combine(day, time(minute // 60, minute % 60), zone))


def evaluate(rule: AlertRule, episodes: Iterable[Episode], now: int, clock: OfficeClock) -> list[FiredAlert]:
    """Return every alert of a rule as of a moment, in the order in which they ring; those to ring later are pending."""
    alerts = []
    for episode in episodes:
        if episode.began > now:
            continue
        rang = clock.after_open_time(episode.began, rule.wait) if rule.office_hours else episode.began + rule.wait
        ended = episode.ended if episode.ended is not None and episode.ended <= now else None
        acted = episode.acted if episode.acted is not None and episode.acted <= now else None
        if any(each is not None and each <= rang for each in (ended, acted)):
            continue
        alerts.append(
            FiredAlert(rule.name, episode.subject, episode.began, rang, acted, episode.by if acted else "", ended)
        )
    return sorted(alerts, key=lambda alert: (alert.rang, alert.subject, alert.began))


def rung(alerts: Iterable[FiredAlert], now: int) -> list[FiredAlert]:
    """Return those that have rung by a moment."""
    return [alert for alert in alerts if alert.rang <= now]


def changes(
    before: Mapping[str, tuple[FiredAlert, Phase]], alerts: Iterable[FiredAlert], now: int
) -> list[PhaseChange]:
    """Return what changed since an earlier evaluation: each alert that came into another phase.

    What is over already when it is first heard of, because it arrived late, does not ring.
    """
    current = {alert.name: (alert, alert.phase(now)) for alert in alerts}
    changed = [
        PhaseChange(alert, phase)
        for name, (alert, phase) in current.items()
        if name not in before or before[name][1] != phase
    ]
    gone = [
        PhaseChange(alert, "withdrawn")
        for name, (alert, phase) in before.items()
        if name not in current and phase != "pending"
    ]
    return changed + gone


def with_acts(episodes: Iterable[Episode], acts: Mapping[str, list[tuple[int, str]]]) -> Iterator[Episode]:
    """Yield episodes with the first act of a person on their subject while they held; acts are in order of time."""
    for episode in episodes:
        for at, by in acts.get(episode.subject, ()):
            if at >= episode.began and (episode.ended is None or at <= episode.ended):
                if episode.acted is None or at < episode.acted:
                    episode = episode._replace(acted=at, by=by)
                break
        yield episode


def merged(episodes: Iterable[Episode], gap: int = MINUTE) -> list[Episode]:
    """Return episodes of one subject that follow on one another within a gap as one, by subject and time."""
    whole: list[Episode] = []
    for episode in sorted(episodes, key=lambda each: (each.subject, each.began)):
        last = whole[-1] if whole else None
        if last and last.subject == episode.subject and (last.ended is None or episode.began <= last.ended + gap):
            ended = None if last.ended is None or episode.ended is None else max(last.ended, episode.ended)
            whole[-1] = last._replace(ended=ended)
        else:
            whole.append(episode)
    return whole
