"""The data of Response: each time that a seller turned hot, read row by row, so that every mark opens its contacts.

One request reads the period, the one before it and the 90 days of the week's hours; what is compared is taken from
it. An agent's ids of the CRM and of his account are one person.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.charts.arrivals import DONE, WAITING
from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.query.page_query import MICROSECOND, PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest, among, equals
from jorge_data.dashboard.query.responses import TableResponse
from jorge_data.dashboard.query.whole_table import whole_table
from jorge_data.dashboard.ui.page_data import Metric, PageData, value_or_refusal
from jorge_data.events import parse_moment
from jorge_data.events.timestamps import micros, midnight, moment
from jorge_data.metrics.colleagues import Colleague, Colleagues
from jorge_data.metrics.formatting import duration, first_name, number, write_date
from jorge_data.metrics.names import label_words
from jorge_data.metrics.statistics.percentile import percentile, total
from jorge_data.metrics.statistics.period import after, floor
from jorge_data.metrics.statistics.speed_to_lead import (
    LEAST,
    SLOT_HOURS,
    SOON_S,
    Wait,
    WaitGroup,
    curve,
    group,
    groups,
    share_within,
    wait_of,
    week,
)
from jorge_data.metrics.statistics.survival import Survival

TOUCH, BOT_ANSWER = "human_touch", "bot_answer"
TOUCHES, ANSWERS = "touches", "bot_answers"
READ = ("entity", "time", "heard", "heard_s", "agent", "agent_name", "lead_source", "hour", "office_hours")
SHOWN = ("entity", "time", "heard", "heard_s", "agent_name", "lead_source", "office_hours")
"""The columns that are counted, and those that the drawer lists."""

LONG, SHORT = 90, 7
"""Of how many days the hours of the week are counted, and in how many the slowest are looked for."""

PIXELS = 1000
"""How many marks of a curve can be told from one another, along the whole of its axis."""

NOBODY = "Nobody yet"
MOST = 20_000
"""Of more times the newest are read."""


def touches(query: PageQuery) -> TableRequest:
    """Return the request for each time that somebody turned hot, in all the spans that the page is about.

    The period before is in it whether or not it is compared: an answer is kept by the period's name, not its moments.
    """
    start = min(long_start(query), query.before.start)
    return replace(query.rows(TOUCH, columns=READ, limit=1000), start=start)


def long_start(query: PageQuery) -> datetime:
    """Return the beginning of the 90 days of the office that end with the period, or of a longer period."""
    return min(query.start, _days_before_the_end(query, LONG))


def _days_before_the_end(query: PageQuery, days: int) -> datetime:
    """Return the beginning of so many days of the office, the last of the period included."""
    last = (query.end - MICROSECOND).astimezone(query.office_zone).date()
    return moment(midnight(last - timedelta(days=days - 1), query.office_zone))


def long_words(query: PageQuery) -> str:
    """Write which days those are."""
    if long_start(query) == query.start:
        return query.label
    last = (query.end - MICROSECOND).astimezone(query.office_zone)
    return f"last {LONG} days" if query.period else f"{LONG} days to {write_date(last)}"


def bot_answers(query: PageQuery) -> SeriesRequest:
    """Return the request for how soon each bot answered first."""
    return query.series(BOT_ANSWER, "duration_s", "bins", by=("source",))


@dataclass(frozen=True)
class Waits:
    """Every wait that a page is about, as of when it was read; each property raises RequestRefused where none was."""

    page_data: PageData
    query: PageQuery
    people: Sequence[Colleague] = ()

    @property
    def now(self) -> datetime:
        """Return as of when waits are counted."""
        return self.page_data.table(TOUCHES).answered_at

    @property
    def is_whole(self) -> bool:
        """Return whether all were read; else the newest were."""
        return self._read[1]

    @property
    def current(self) -> list[Wait]:
        """Return those of the period."""
        return self._within(self.query.start, self.query.end)

    @property
    def before(self) -> list[Wait]:
        """Return those of the period before, none where nothing is compared."""
        before = self.query.before
        return self._within(before.start, before.end) if self.query.compare else []

    @property
    def long(self) -> list[Wait]:
        """Return those of the 90 days, or of a longer period."""
        return self._within(long_start(self.query), self.query.end)

    @property
    def short(self) -> list[Wait]:
        """Return those of the last 7 days."""
        return self._within(_days_before_the_end(self.query, SHORT), self.query.end)

    @property
    def names(self) -> Colleagues:
        """Return who the agents are."""
        return self._read[2]

    def rows(self, *where: str, long: bool = False) -> TableRequest:
        """Return the request for the rows of the period, or of the 90 days, that meet conditions."""
        rows = self.query.rows(TOUCH, *where, columns=SHOWN)
        return replace(rows, start=long_start(self.query)) if long else rows

    def of_agent(self, agent: str) -> TableRequest:
        """Return the request for the rows of one person, whatever he is called in them."""
        ids = sorted(raw for raw in self._read[3] if self.names.one(raw) == agent)
        return self.rows(among("agent", ids) if len(ids) > 1 else equals("agent", *ids))

    def behind(self, wait: Wait) -> TableRequest:
        """Return the request for the one row of a wait: that of its very microsecond."""
        at = moment(wait.at)
        return replace(self.rows(), start=at, end=at + MICROSECOND)

    def still_waiting(self, longest: Wait, shortest: Wait) -> TableRequest:
        """Return the request for the rows of all who wait, from the one who has waited longest to another."""
        rows = self.rows(equals("heard", longest.state))
        return replace(rows, start=moment(longest.at), end=moment(shortest.at) + MICROSECOND)

    @cached_property
    def _read(self) -> tuple[list[Wait], bool, Colleagues, set[str]]:
        first = self.page_data.table(TOUCHES)
        request = self.page_data.requests[TOUCHES]
        assert isinstance(request, TableRequest)
        whole = whole_table(UserContext.current().client, request, MOST) if first.next else None
        rows = [row for table in (whole.tables if whole else (first,)) for row in table.derived(_parsed)]
        told: dict[str, str] = {}
        for row in rows:  # newest first: the newest name of a person is his
            if row.agent_name:
                told.setdefault(row.agent, row.agent_name)
        names = Colleagues(self.people, told)
        now = micros(first.answered_at)
        waits = [row.wait(now, names) for row in rows]
        return waits, whole is None or whole.complete, names, {row.agent for row in rows}

    def _within(self, start: datetime, end: datetime) -> list[Wait]:
        first, last = micros(start), micros(end)
        return [wait for wait in self._read[0] if first <= wait.at < last]


class _Row(NamedTuple):
    contact: str
    at: int
    state: str
    seconds: float | None
    agent: str
    agent_name: str
    lead_source: str
    hour: str
    in_hours: bool

    def wait(self, now: int, names: Colleagues) -> Wait:
        agent = names.one(self.agent)
        return wait_of(
            self.contact, self.at, self.state, self.seconds, now, agent, self.lead_source, self.hour, self.in_hours
        )


def _parsed(table: TableResponse) -> list[_Row]:
    return [
        _Row(
            entity,
            micros(parse_moment(at)),
            state,
            seconds,
            agent or "",
            name or "",
            source or "",
            hour,
            open_ == "yes",
        )
        for entity, at, state, seconds, agent, name, source, hour, open_ in table.rows
    ]


def people(location: str) -> list[Colleague]:
    """Return who works at an office, as far as the user may know."""
    context = UserContext.current()
    return [context.colleague_at(location, None), *context.colleagues_at(location)]


@value_or_refusal
def half(waits: Waits) -> Metric:
    """Return by when half had heard, in the period and the one before, and all who turned hot."""
    now, before = curve(waits.current), curve(waits.before)
    return Metric(now.median, before.median, now.n, waits.rows())


@value_or_refusal
def soon(waits: Waits) -> Metric:
    """Return the share that heard within 5 minutes of who turned hot in office hours, and those."""
    now, before = (_in_hours(each) for each in (waits.current, waits.before))
    rows = waits.rows(equals("office_hours", "yes"))
    return Metric(share_within(curve(now), SOON_S), share_within(curve(before), SOON_S), len(now), rows)


@value_or_refusal
def still_waiting(waits: Waits) -> Metric:
    """Return how many of the period still wait, and those."""
    open_ = [wait for wait in waits.current if wait.is_waiting]
    n = len(open_) if waits.current else None
    return Metric(None if n is None else float(n), n=n, rows=waits.rows(equals("heard", "waiting")))


def _in_hours(waits: Iterable[Wait]) -> list[Wait]:
    return [wait for wait in waits if wait.in_hours]


def in_office_hours(waits: Waits) -> Survival:
    """Return the curve of who turned hot in office hours."""
    return curve(_in_hours(waits.current))


def longest_waiting(waits: Waits, names_of: Callable[[list[str]], Callable[[str], str]], most: int = 2) -> str:
    """Write who waits longest, for how long and whose they are: "Mei-Lin Zhou 1 h 18 m, Tom · Dana 6 m, nobody".

    Of these alone the names are asked.
    """
    listed = sorted((wait for wait in waits.current if wait.is_waiting), key=lambda wait: -wait.seconds)
    if not listed:
        return ""
    names = names_of([wait.contact for wait in listed[:most]])
    told = [
        f"{names(wait.contact)} {duration(wait.seconds)}, "
        f"{first_name(waits.names.name(wait.agent)) if wait.agent else 'nobody'}"
        for wait in listed[:most]
    ]
    further = f" and {number(len(listed) - most)} more" if len(listed) > most else ""
    return " · ".join(told) + further


def arrivals(waits: Waits, unit_s: float, most: float) -> pd.DataFrame:
    """Return a row for each who heard, and for each who waits, with the share that had heard by then.

    The first is where nobody had; each other opens its contact. Of twenty thousand marks nobody could hit one: of those
    who heard the last is marked that a pixel of the axis shows; a mark for who waits opens all of its pixel. What is
    beyond the end of the axis, at `most`, is one mark.
    """
    survival = curve(waits.current)
    if not survival.n:
        return _frame([])
    pixel_s, rows = unit_s * most / PIXELS, [(0.0, 0.0, "", "")]
    ends = [0.0, *(step.time for step in survival.steps)]
    shares = [0.0, *(1 - step.share for step in survival.steps)]

    def add(at: Wait, state: str, opens: TableRequest) -> None:
        rows.append((at.seconds / unit_s, shares[bisect_right(ends, at.seconds) - 1], state, opens.token()))

    for part in _by_pixel((wait for wait in waits.current if wait.is_heard), pixel_s):
        add(part[-1], DONE, waits.behind(part[-1]))
    for part in _by_pixel((wait for wait in waits.current if wait.is_waiting), pixel_s):
        add(part[-1], WAITING, waits.still_waiting(part[-1], part[0]))
    return _frame(rows)


def _by_pixel(waits: Iterable[Wait], pixel_s: float) -> list[list[Wait]]:
    """Return waits by the pixel that they are drawn at, the shortest first."""
    listed = sorted(waits, key=lambda wait: wait.seconds)
    return [list(part) for _, part in groupby(listed, lambda wait: min(int(wait.seconds / pixel_s), PIXELS))]


def arrivals_before(waits: Waits, unit_s: float) -> pd.DataFrame:
    """Return the share that had heard over time in the period before."""
    steps = curve(waits.before).steps
    return _frame([(0.0, 0.0, "", ""), *((step.time / unit_s, 1 - step.share, DONE, "") for step in steps)])


def _frame(rows: Sequence[tuple[float, float, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["time", "share", "state", DRILL])


def slot_words(slot: int) -> str:
    """Write when two hours of the day begin, short enough for a phone: "8"."""
    return str(slot)


def hours(waits: Waits) -> pd.DataFrame:
    """Return a row for each day of the week and two hours in which somebody turned hot: minutes until half had heard.

    No value where fewer than LEAST turned hot, or where fewer than half have heard.
    """
    rows = []
    for part in week(waits.long):
        hours_ = [f"{part.day} {part.slot + number:02}" for number in range(SLOT_HOURS)]
        rows.append(
            {
                "day": part.day,
                "hours": slot_words(part.slot),
                "value": None if part.waits.median is None else part.waits.median / 60,
                "words": _cell(part.waits),
                "ninety": None if part.waits.ninety is None else part.waits.ninety / 60,
                "soon": part.waits.soon,
                "later": part.waits.later,
                "n": part.waits.n,
                DRILL: waits.rows(among("hour", hours_), long=True).token(),
            }
        )
    columns = ["day", "hours", "value", "words", "ninety", "soon", "later", "n", DRILL]
    return pd.DataFrame(rows, columns=columns).astype({"value": float})


def _cell(part: WaitGroup) -> str:
    """Write the median in minutes, from 100 on in hours."""
    if part.n < LEAST:
        return "few"
    if part.median is None:
        return "wait"
    minutes = part.median / 60
    if minutes < 1:
        return "<1"
    return number(minutes) if minutes < 99.5 else f"{number(minutes / 60)} h"


def slots(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns of the week: all from the first to the last two hours in which somebody turned hot."""
    firsts = [int(words) for words in frame["hours"]]
    return tuple(map(slot_words, range(min(firsts), max(firsts) + 1, SLOT_HOURS))) if firsts else ()


def weeks(waits: Waits) -> pd.DataFrame:
    """Return by when half had heard, in minutes, of who turned hot in each week of the office."""
    zone, query = waits.query.office_zone, waits.query
    parts: dict[datetime, list[Wait]] = {}
    for wait in reversed(waits.long):
        parts.setdefault(floor(moment(wait.at), "1w", zone), []).append(wait)
    rows = []
    for begins, part in parts.items():
        end = min(after(begins, "1w", zone), query.end)
        within = replace(waits.rows(long=True), start=max(begins, long_start(query)), end=end)
        found = group("", part)
        minutes = None if found.median is None else found.median / 60
        rows.append((pd.Timestamp(begins), minutes, found.n, within.token()))
    return pd.DataFrame(rows, columns=["t", "value", "n", DRILL]).astype({"value": float})


class WaitRow(NamedTuple):
    """A row of a table: an agent's or a source's figures, and the link to the rows that they are made of."""

    name: str
    figures: WaitGroup
    token: str


def by_agent(waits: Waits) -> list[WaitRow]:
    """Return each agent's figures, soonest first, whom nobody has taken last."""
    found = groups(waits.current, lambda wait: wait.agent)
    return [WaitRow(waits.names.name(each.name) or NOBODY, each, waits.of_agent(each.name).token()) for each in found]


def by_source(waits: Waits) -> list[WaitRow]:
    """Return the figures of where sellers came from, soonest first."""
    found = groups(waits.current, lambda wait: wait.lead_source)
    return [
        WaitRow(
            label_words(each.name) if each.name else "Not told",
            each,
            waits.rows(equals("lead_source", each.name)).token(),
        )
        for each in found
    ]


def overall(waits: Waits) -> WaitRow:
    """Return the figures of all together."""
    return WaitRow("All", group("All", waits.current), waits.rows().token())


def slowest(waits: Waits, most: int = 5) -> list[Wait]:
    """Return who waited longest, or waits, of those who turned hot in the last 7 days."""
    return sorted((wait for wait in waits.short if wait.state != "out"), key=lambda wait: (-wait.seconds, wait.at))[
        :most
    ]


class BotAnswers(NamedTuple):
    """How soon a bot answered first, in seconds, how often, and the link to the conversations."""

    name: str
    half: float | None
    ninety: float | None
    n: int
    token: str


def bots(page_data: PageData, query: PageQuery) -> list[BotAnswers]:
    """Return each bot's first answers, the most frequent first."""
    frame = page_data.series(ANSWERS).frame
    listed = []
    for source, bins in zip(frame["source"], frame["value"], strict=True):
        token = query.rows(BOT_ANSWER, equals("source", source)).token()
        times = [tuple(pair) for pair in bins]
        listed.append(
            BotAnswers(
                label_words(source, "source"), percentile(times, 0.5), percentile(times, 0.9), total(times), token
            )
        )
    return sorted(listed, key=lambda each: (-each.n, each.name))


def when(wait: Wait, query: PageQuery) -> pd.Timestamp:
    """Return when somebody turned hot, in the viewer's zone."""
    return pd.Timestamp(moment(wait.at)).tz_convert(query.zone)


UNITS = ((60.0, "minutes", 60.0), (60.0, "minutes", 240.0), (3600.0, "hours", 24.0), (3600.0, "hours", 72.0))
"""The axes of the curve: seconds in a unit, its name, and how many of it are drawn."""


def axis(survival: Survival) -> tuple[float, str, float]:
    """Return the shortest axis on which at least half are of those who have heard."""
    final = 1 - survival.steps[-1].share if survival.steps else 0.0
    for size, unit, most in UNITS:
        if (share_within(survival, size * most) or 0.0) >= 0.5 * final:
            return size, unit, most
    last = survival.steps[-1].time / 86_400
    return 86_400.0, "days", float(max(7, -(-last // 1)))
