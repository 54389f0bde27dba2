"""Office hours: when somebody is there to call, by the day of the week and without the holidays."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from jorge_data.events import parse_date
from jorge_data.events.timestamps import moment

ALLOWED = (
    "allowed: days and their hours, comma-separated, as in Mon-Fri 9:00-18:00,Sat 10:00-14:00; "
    "a day may stand more than once, as in Mon 8:00-12:00,Mon 13:00-17:00"
)
ALLOWED_HOLIDAYS = "allowed: dates and spans of dates, comma-separated, as in 2026-11-26,2026-12-24/2026-12-26"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONGEST = 366
"""Most days of one span of holidays."""

_HOURS = re.compile(
    r"(?P<first>[A-Za-z]{3})(?:-(?P<last>[A-Za-z]{3}))? +(?P<opens>\d{1,2}:\d{2})-(?P<closes>\d{1,2}:\d{2})"
)


@dataclass(frozen=True)
class OfficeHours:
    """By day of the week, Monday first, the spans in which the office is open (minutes since midnight); its holidays.

    Without any hours it is always open but for the holidays.
    """

    week: tuple[tuple[tuple[int, int], ...], ...] = ((),) * 7
    holidays: frozenset[date] = field(default_factory=frozenset)

    @classmethod
    def parse(cls, hours: str, holidays: str = "") -> "OfficeHours":
        """Read the settings' hours and holidays; raise ValueError that names what is wrong and what is allowed."""
        week: list[list[tuple[int, int]]] = [[] for _ in DAYS]
        for part in _parts(hours):
            days, span = _read_hours(part)
            for day in days:
                if any(span[0] < closes and opens < span[1] for opens, closes in week[day]):
                    raise ValueError(f"{part!r} overlaps other hours of {DAYS[day]}; {ALLOWED}")
                week[day].append(span)
        free = (day for part in _parts(holidays) for day in _read_holidays(part))
        return cls(tuple(tuple(sorted(spans)) for spans in week), frozenset(free))

    @property
    def version(self) -> str:
        """Return all that decides what is open, in one order, for a hash."""
        return f"{self.week} {sorted(day.isoformat() for day in self.holidays)}"

    def are_open(self, at: int, zone: ZoneInfo) -> bool:
        """Return whether the office is open at a moment (microseconds), by its own clock."""
        local = moment(at).astimezone(zone)
        if local.date() in self.holidays:
            return False
        minute = local.hour * 60 + local.minute
        return not any(self.week) or any(opens <= minute < closes for opens, closes in self.week[local.weekday()])

    def words(self) -> str:
        """Return the hours in words: "Mon to Fri 9:00 to 18:00, Sat 10:00 to 14:00"; "at any hour" where all are."""
        if not any(self.week):
            return "at any hour"
        groups: list[tuple[int, int]] = []
        for day, spans in enumerate(self.week):
            if groups and spans and self.week[groups[-1][1]] == spans and groups[-1][1] == day - 1:
                groups[-1] = groups[-1][0], day
            elif spans:
                groups.append((day, day))
        return ", ".join(f"{_days(*group)} {' and '.join(map(_span, self.week[group[0]]))}" for group in groups)


def _parts(text: str) -> list[str]:
    return [part for each in text.split(",") if (part := each.strip())]


def _read_hours(part: str) -> tuple[list[int], tuple[int, int]]:
    read = _HOURS.fullmatch(part)
    names = [name.capitalize() for name in (read["first"], read["last"] or read["first"])] if read else []
    if read is None or not set(names) <= set(DAYS):
        raise ValueError(f"{part!r} is no day with its hours; {ALLOWED}")
    opens, closes = _minutes(read["opens"]), _minutes(read["closes"])
    if opens is None or closes is None or not opens < closes:
        raise ValueError(f"{part!r} does not open before it closes, both from 0:00 to 24:00; {ALLOWED}")
    first, last = map(DAYS.index, names)
    return [day % 7 for day in range(first, last + 1 if first <= last else last + 8)], (opens, closes)


def _minutes(clock: str) -> int | None:
    hour, _, minute = clock.partition(":")
    minutes = int(hour) * 60 + int(minute)
    return minutes if int(minute) < 60 and minutes <= 24 * 60 else None


def _read_holidays(part: str) -> list[date]:
    first, slash, last = part.partition("/")
    try:
        begins = parse_date(first.strip())
        ends = parse_date(last.strip()) if slash else begins
    except ValueError:
        raise ValueError(f"{part!r} is no date; {ALLOWED_HOLIDAYS}") from None
    if not 0 <= (ends - begins).days < LONGEST:
        raise ValueError(f"{part!r} is no span of 1 to {LONGEST} days; {ALLOWED_HOLIDAYS}")
    return [begins + timedelta(days=number) for number in range((ends - begins).days + 1)]


def _days(first: int, last: int) -> str:
    return DAYS[first] if first == last else f"{DAYS[first]} to {DAYS[last]}"


def _span(span: tuple[int, int]) -> str:
    opens, closes = (f"{minutes // 60}:{minutes % 60:02}" for minutes in span)
    return f"{opens} to {closes}"
