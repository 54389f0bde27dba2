"""A hand on a chart of time: the span that it drags is the page's period, and the moment that it clicks is marked."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jorge_data.dashboard.query.page_query import BY_DAYS, DAY, MINUTE, STEPS
from jorge_data.dashboard.query.period_link import CUSTOM, EARLIEST, PARAMETERS, Bound, ChosenPeriod
from jorge_data.events.timestamps import zone_named

HALF_A_DAY = timedelta(hours=12)


def dragged_period(
    dragged: Any, page: str, link: Mapping[str, str], now: datetime, office_zone: ZoneInfo
) -> ChosenPeriod | None:
    """Return the period that a drag chooses, None where the browser sent none that can be one.

    `dragged` has both ends by the clock of the chart's own zone. A long span is of whole days, as the charts of long
    spans are; a short one of whole minutes. It is for every page where the link's period is.
    """
    try:
        zone = zone_named(str(dragged["zone"]))
        clocks = [datetime.fromisoformat(str(dragged[end])).replace(tzinfo=zone) for end in ("from", "to")]
        start, end = (clock.astimezone(office_zone).replace(tzinfo=None) for clock in clocks)
    except (LookupError, TypeError, ValueError, OverflowError):
        return None
    start = max(start, datetime.combine(EARLIEST, time()))
    end = min(end, now.astimezone(office_zone).replace(tzinfo=None))
    if zone is None or end <= start:
        return None
    is_of_all = any(name in link for name in PARAMETERS)
    return ChosenPeriod(CUSTOM, _bounds(start, end), "" if is_of_all else page)


def clicked_moment(clicked: Any, length: timedelta) -> datetime | None:
    """Return the moment that a click on a chart of so long a span means, None where the browser sent none.

    On a long span, whose marks are days, it is the nearest beginning of one; on a short one the minute.
    """
    try:
        zone = zone_named(str(clicked["zone"]))
        clock = datetime.fromisoformat(str(clicked["at"])).replace(second=0, microsecond=0, tzinfo=zone)
        midnight = datetime.combine(_nearest_midnight(clock), time(), zone)
    except (LookupError, TypeError, ValueError, OverflowError):
        return None
    if zone is None or clock.date() < EARLIEST:
        return None
    return midnight if length > STEPS["1h"] else clock


def _bounds(start: datetime, end: datetime) -> tuple[Bound, Bound]:
    if end - start < BY_DAYS:
        first = start.replace(second=0, microsecond=0)
        return first, max(first + MINUTE, end.replace(second=0, microsecond=0) + MINUTE)
    first_day = _nearest_midnight(start)
    return first_day, max(first_day, _nearest_midnight(end) - DAY)


def _nearest_midnight(clock: datetime) -> date:
    return (clock + HALF_A_DAY).date()
