"""What a page shows figures of: one frozen value for all its parts, so that no two of them show different things.

A span of days is whole days of the office, today included, and is compared with the same part of as many days before:
Monday morning with Monday morning; this month or quarter with as many days of the last one. Whole months that are over,
a quarter or a year among them, are compared with as many months before. A shorter span that ends now is compared with
what came just before it.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest, among
from jorge_data.events.timestamps import micros, midnight, moment, window_start
from jorge_data.metrics.definitions.questions import Question
from jorge_data.metrics.formatting import plural, write_clock, write_date, write_day, write_days, write_moment
from jorge_data.metrics.names import value_words

MINUTE, QUARTER, HOUR, DAY = timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
RANGES = {"15 m": 15 * MINUTE, "1 h": HOUR, "24 h": DAY, "7 d": 7 * DAY, "30 d": 30 * DAY, "90 d": 90 * DAY}
"""Spans that end now, by their names."""
MONTHS = {"This month": 1, "This quarter": 3}
"""Spans from the beginning of the office's current month or quarter until now: of how many months each is."""
PAST = {f"Last {name.removeprefix('This ')}": name for name in MONTHS}
"""The month and the quarter that are over, by what they are called: each the one before such a span."""
MICROSECOND = timedelta(microseconds=1)
BY_DAYS = 2 * DAY
"""A span so long is counted in whole days."""
STEPS = {"1m": 2 * HOUR, "15m": 12 * HOUR, "1h": 3 * DAY, "1d": 400 * DAY, "1w": 1200 * DAY}
"""The longest span that is drawn in each step; longer ones go by the month."""

STEP_WORDS = {
    "1m": "minute",
    "15m": "quarter of an hour",
    "1h": "hour",
    "3h": "three hours",
    "1d": "day",
    "1w": "week",
    "1mo": "month",
}


@dataclass(frozen=True)
class Scope:
    """What the controls are set to."""

    requested: str | None  # the location that the link or the picker names
    location: str  # the one that is shown
    start: datetime
    end: datetime
    paused: bool
    refresh_s: int
    sound: bool
    kiosk: bool
    zone: ZoneInfo
    rolling: str  # the range's name where it ends now, else ""
    compare: bool
    faults: tuple[str, ...] = ()  # what the link asks for and there is not, in a sentence each
    screen: tuple[int, int] = (1920, 1080)  # a wall screen's pixels, across and down


@dataclass(frozen=True)
class ChosenFilter:
    """What a filter is set to: the values, and the field that it narrows in each kind that it narrows."""

    name: str
    fields: tuple[tuple[str, str], ...]
    values: tuple[str, ...]

    def condition(self, kind: str) -> tuple[str, ...]:
        """Return the condition on a kind; none where the filter is not set or does not concern the kind."""
        field = dict(self.fields).get(kind)
        return (among(field, self.values),) if field and self.values else ()

    @property
    def words(self) -> str:
        """Write what the filter is set to: "type: price drop, new match"."""
        field = next((field for _, field in self.fields), "")
        return f"{self.name}: {', '.join(value_words(value, field) for value in self.values)}"


@dataclass(frozen=True)
class PageQuery:
    """Hold an office, a half-open span of time, the zones of the viewer and of the office, and the filters.

    `period` names a span that ends now, as "7 d"; `moving_period` names each whose end moves with the clock, also that
    of chosen days which include today.
    """

    location: str
    start: datetime
    end: datetime
    zone: ZoneInfo
    office_zone: ZoneInfo
    label: str
    filters: tuple[ChosenFilter, ...] = ()
    compare: bool = True
    period: str = ""
    moving_period: str = ""

    @property
    def step(self) -> str:
        """Return the step that draws the span in ten to a hundred points."""
        return next((step for step, longest in STEPS.items() if self.end - self.start <= longest), "1mo")

    @property
    def each(self) -> str:
        """Return the step in a word, as in "by day"."""
        return STEP_WORDS[self.step]

    @property
    def during(self) -> str:
        """Return the period as a sentence goes on with it: "in the last 7 d", "this month"."""
        if not self.period:
            return f"{'from' if ' to ' in self.label else 'on'} {self.label}"
        return self.label if self.period in MONTHS else f"in the {self.label}"

    @property
    def before(self) -> "PageQuery":
        """Return the same query about the period before."""
        if self.period in MONTHS:
            return self._in_the_one_before(self.start)
        if months := self._whole_months():
            return self._months_before(months)
        shift = self.end - self.start
        if self.period in RANGES and shift < BY_DAYS:
            start, end = self.start - RANGES[self.period], self.start
        else:
            # By the clock of the office: a day of 25 hours is one day, not two.
            days = _clock(self.end, self.office_zone) - _clock(self.start, self.office_zone)
            shift = DAY * -(-days // DAY)
            start, end = (_earlier(at, shift, self.office_zone) for at in (self.start, self.end))
        period, moving_period = (f"before {name}" if name else "" for name in (self.period, self.moving_period))
        label = f"{self.period or _words(shift)} before"
        return replace(self, start=start, end=end, period=period, moving_period=moving_period, label=label)

    def _whole_months(self) -> int:
        """Return how many whole months of the office chosen days are; 0 where they are none, or not over."""
        first, end = (_clock(at, self.office_zone) for at in (self.start, self.end))
        is_whole = all(at.day == 1 and at.time() == time() for at in (first, end))
        return 0 if self.period or not is_whole else 12 * (end.year - first.year) + end.month - first.month

    def _months_before(self, months: int) -> "PageQuery":
        """Return the same query about as many months before: of another number of days, which nobody would say."""
        first = self.start.astimezone(self.office_zone).date()
        count = first.year * 12 + first.month - 1 - months
        start = moment(midnight(date(count // 12, count % 12 + 1, 1), self.office_zone))
        of = {1: "month", 12: "year"} | ({3: "quarter"} if first.month % 3 == 1 else {})
        label = f"{of.get(months) or plural(months, 'month')} before"
        return replace(self, start=start, end=self.start, label=label)

    def _in_the_one_before(self, first: datetime) -> "PageQuery":
        """Return the same days of the month or quarter before the one that begins then, or all of a shorter one."""
        start = span(self.period, first - HOUR, self.office_zone)[0]
        shift = _clock(first, self.office_zone) - _clock(start, self.office_zone)
        end = min(first, _earlier(self.end, shift, self.office_zone))
        label = f"same days of last {self.period.removeprefix('This ')}"
        period = f"before {self.period}"
        return replace(self, start=start, end=end, period=period, moving_period=period, label=label)

    @property
    def sentence(self) -> str:
        """Write which days are shown and with which they are compared: "This month: 1 to 24 Nov, 6 days left"."""
        shown, before, year = self.label[:1].upper() + self.label[1:], self.before, self.end.year
        if self.period:
            shown = f"{shown}: {self.dates}{self._left()}"
        against = f", against the {before.label}, {before.dates_in(year)}" if self.compare else ""
        return f"{shown}{against}"

    @property
    def dates(self) -> str:
        """Write the days of the period, or its moments where it is shorter than two days."""
        return self.dates_in(self.end.year)

    def dates_in(self, year: int) -> str:
        """Write them; a day of another year than this one has it."""
        first, last = self.start.astimezone(self.office_zone), self.end.astimezone(self.office_zone)
        if self.end - self.start >= BY_DAYS or self.period.removeprefix("before ") in MONTHS:
            return write_days(first, last - MICROSECOND, year)
        if first.date() == last.date():
            return f"{write_day(first)}, {write_clock(first)} to {write_clock(last)}"
        return f"{write_moment(first)} to {write_moment(last)}"

    def _left(self) -> str:
        """Write how many days of this month or quarter are left; "" for other periods."""
        if self.period not in MONTHS:
            return ""
        today, first = (
            (self.end - MICROSECOND).astimezone(self.office_zone).date(),
            self.start.astimezone(self.office_zone),
        )
        months = first.year * 12 + first.month - 1 + MONTHS[self.period]
        left = (date(months // 12, months % 12 + 1, 1) - today).days - 1
        return f", {plural(left, 'day')} left" if left else ", the last day"

    def series(
        self,
        kind: str,
        measure: str = "events",
        agg: str = "count",
        by: tuple[str, ...] = (),
        where: tuple[str, ...] = (),
        step: str = "all",
    ) -> SeriesRequest:
        """Return the request for a figure, or for a chart where there is a step or a split."""
        zone = self.zone if step.endswith(("m", "h")) else self.office_zone
        conditions = (*where, *self._conditions(kind))
        return SeriesRequest(
            self.location, kind, measure, agg, by, conditions, self.start, self.end, step, zone.key, self.moving_period
        )

    def ask(self, question: Question, by: tuple[str, ...] = (), step: str = "all") -> SeriesRequest:
        """Return the request for a figure that a definition asks for."""
        return self.series(question.kind, question.measure, question.agg, by, question.where, step)

    def not_by(self, request: SeriesRequest | TableRequest) -> tuple[str, ...]:
        """Return the names of the filters that are set and do not narrow a request."""
        conditions = {chosen.name: chosen.condition(request.kind) for chosen in self.filters if chosen.values}
        return tuple(name for name, narrowing in conditions.items() if not set(narrowing) & set(request.where))

    def rows(
        self, kind: str, *where: str, columns: tuple[str, ...] = (), order: str = "", limit: int = 100
    ) -> TableRequest:
        """Return the request for the events or entities themselves."""
        conditions = (*where, *self._conditions(kind))
        return TableRequest(
            self.location,
            kind,
            conditions,
            self.start,
            self.end,
            columns,
            order,
            limit=limit,
            period=self.moving_period,
        )

    def _conditions(self, kind: str) -> tuple[str, ...]:
        return tuple(condition for chosen in self.filters for condition in chosen.condition(kind))


def page_query_for(
    scope: Scope, now: datetime, office_zone: ZoneInfo, filters: tuple[ChosenFilter, ...] = ()
) -> PageQuery:
    """Return the query of a page's scope at this moment; spans that end now or later move with it."""
    length = scope.end - scope.start
    unit = MINUTE if length < BY_DAYS else QUARTER
    # The next full minute or quarter of an hour, so that reruns within it send the same requests.
    soon = now + timedelta(microseconds=-micros(now) % (unit // MICROSECOND))
    if scope.rolling in MONTHS:
        start, end, label = span(scope.rolling, now, office_zone)[0], soon, scope.rolling.lower()
    elif scope.rolling:
        # From the whole minute on in which it begins, as the wall's windows: nothing that happened within is left out.
        start, end = moment(window_start(micros(now), length // MICROSECOND)), soon
        label = f"last {scope.rolling}"
    else:
        start, end = scope.start, min(scope.end, soon)
        ends = [_clock(at, office_zone) for at in (scope.start, scope.end)]
        has_minutes = any(clock.time() != time() for clock in ends)
        label = _minutes(*ends) if has_minutes else _days(start, end, office_zone)
    if length >= BY_DAYS and scope.rolling:
        start = _midnight(start, office_zone)
    moving_period = scope.rolling or (f"since {start:%Y-%m-%d %H:%M}" if end < scope.end else "")
    return PageQuery(
        scope.location, start, end, scope.zone, office_zone, label, filters, scope.compare, scope.rolling, moving_period
    )


def span(rolling: str, now: datetime, office_zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return beginning and end of a span by its name, one of RANGES or MONTHS, as of a moment."""
    if rolling in RANGES:
        return now - RANGES[rolling], now
    today = now.astimezone(office_zone).date()
    month = today.month - (today.month - 1) % MONTHS[rolling]
    return moment(midnight(today.replace(month=month, day=1), office_zone)), now


def days_before(name: str, now: datetime, office_zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and the last day of the month or quarter before one of MONTHS, as of a moment."""
    begins = span(name, now, office_zone)[0]
    first = span(name, begins - MICROSECOND, office_zone)[0]
    return first.astimezone(office_zone).date(), begins.astimezone(office_zone).date() - DAY


def _midnight(at: datetime, office_zone: ZoneInfo) -> datetime:
    """Return the first beginning of a day in the office at or after the moment."""
    day = at.astimezone(office_zone).date()
    begins = midnight(day, office_zone)
    return moment(begins if begins == micros(at) else midnight(day + DAY, office_zone))


def _clock(at: datetime, office_zone: ZoneInfo) -> datetime:
    """Return what the office's clock shows; 00:00 where a day begins, also where the clock skips it."""
    local = at.astimezone(office_zone).replace(tzinfo=None)
    begins_day = micros(at) == midnight(local.date(), office_zone)
    return datetime.combine(local.date(), time()) if begins_day else local


def _earlier(at: datetime, shift: timedelta, office_zone: ZoneInfo) -> datetime:
    """Return the moment so much before; whole days keep the clock of the office, daylight saving or not."""
    if shift % DAY:
        return at - shift
    return (_clock(at, office_zone) - shift).replace(tzinfo=office_zone).astimezone(UTC)


def _words(span: timedelta) -> str:
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        if span >= unit and span % unit == timedelta():
            return f"{span // unit} {name}"
    return str(span)


def _minutes(first: datetime, last: datetime) -> str:
    """Return a span in words whose ends are minutes."""
    if first.date() == last.date():
        return f"{write_moment(first, year=True)} to {write_clock(last)}"
    begins = write_day(first) if first.year == last.year else write_date(first)
    return f"{begins}, {write_clock(first)} to {write_moment(last, year=True)}"


def _days(start: datetime, end: datetime, office_zone: ZoneInfo) -> str:
    return write_days(start.astimezone(office_zone), (end - timedelta(microseconds=1)).astimezone(office_zone))
