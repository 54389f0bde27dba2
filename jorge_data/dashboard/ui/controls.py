"""The controls of every page: the office, the period and the refresh; the link is their state.

Each run reads the link and shows in the controls what it says; a control that is used writes the link, and nothing
else is kept. Streamlit's own binding of widgets to the link will not do: it leaves out of the link what is a widget's
default, which differs from page to page, and takes along to the next page only what the browser has drawn, which is
nothing in a popover that is closed.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import streamlit as st
from streamlit.runtime.state.session_state_proxy import get_session_state

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.query.page_query import (
    BY_DAYS,
    MINUTE,
    PAST,
    PageQuery,
    Scope,
    days_before,
    page_query_for,
    span,
)
from jorge_data.dashboard.query.period_link import (
    CUSTOM,
    EARLIEST,
    NAMES,
    Bound,
    ChosenPeriod,
    WrongPeriod,
    clock_of,
    has_ended_before_it_begins,
    moments_of,
    read_period,
    replaced_by,
)
from jorge_data.dashboard.ui.navigation import NavigationEntry
from jorge_data.dashboard.ui.saved_views import saved_views
from jorge_data.events.timestamps import zone_named
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION

NO_PERIOD, UNUSED = "Options", "24 h"
"""What the controls are called on a page without a period, and the span of its scope, which no part of it shows."""
INTERVALS = {"5 s": 5, "10 s": 10, "30 s": 30, "1 min": 60, "5 min": 300}
WORDS = ("false", "true")
CONTROLS = "controls"
LOCATIONS_FRESH_S = 30
DAY = timedelta(days=1)


def requested_office(link: Mapping[str, str]) -> str | None:
    """Return the office that the link names; None where it names none, or what can be none."""
    location = link.get("location", "")
    return location if LOCATION.fullmatch(location) else None


def choose(context: UserContext, now: datetime, page: NavigationEntry) -> Scope:
    """Draw the controls and return what the link says; where it cannot be read, the default, and `faults` say so."""
    link, office_zone, faults = st.query_params, context.settings.timezone, list[str]()
    period = _period(link, page, now, faults)
    if period.days:
        start, end = moments_of(period.days, office_zone)
    else:
        start, end = span(period.name, now, office_zone)
    location, requested = link.get("location", ""), requested_office(link)
    interval = _one_of(link, "refresh", INTERVALS, _interval(context), faults)
    scope = Scope(
        requested=requested,
        location=context.locations.resolve(requested),
        start=start,
        end=end,
        paused=_is_on(link, "paused", False, faults),
        refresh_s=INTERVALS[interval],
        sound=_is_on(link, "sound", False, faults),
        kiosk=link.get("kiosk") == "1",
        # The viewer's zone, or the office's where the browser names none.
        zone=zone_named(st.context.timezone or "") or office_zone,
        rolling="" if period.days else period.name,
        compare=_is_on(link, "compare", True, faults),
        faults=tuple(faults),
    )
    if not scope.kiosk:
        label = page_query_for(scope, now, office_zone).label
        title = label[0].upper() + label[1:] if page.period else NO_PERIOD
        with st.container(key="controls", horizontal=True, gap="small"):
            saved_views(context, scope.location, page)
            key = "span" if page.period else "options"
            # The same whatever is chosen: under another key Streamlit would close it.
            with st.container(key=key, width="content"), st.popover(title):
                if page.period:
                    _draw_period(period, page, scope, now)
                _draw_others(context, scope, interval, location)
    return scope


def _draw_period(period: ChosenPeriod, page: NavigationEntry, scope: Scope, now: datetime) -> None:
    office_zone = UserContext.current().settings.timezone
    today, query = now.astimezone(office_zone).date(), page_query_for(scope, now, office_zone)
    bounds = period.days or _bounds_of(query, today)
    first, last = clock_of(bounds) if period.has_minutes else bounds
    values = {"range": period.name, "minutes": period.has_minutes, "every_page": not period.page}
    values |= dict(zip(_names_of(period), (first, last), strict=True))
    keys = {name: control_key(name, value) for name, value in values.items()}
    chosen: dict[str, Any] = {"on_change": _choose_period, "args": (page.path, keys, bounds)}
    names = (*NAMES[:-1], *PAST, CUSTOM)
    st.selectbox("Time range", names, names.index(period.name), key=keys["range"], **chosen)
    if period.has_minutes:
        within = datetime.combine(EARLIEST, time()), datetime.combine(today + DAY, time())
        st.datetime_input("From", first, *within, key=keys["from_minute"], step=MINUTE, **chosen)
        st.datetime_input("To", last, *within, key=keys["to_minute"], step=MINUTE, **chosen)
    elif period.days:
        st.date_input("From", first, EARLIEST, today, key=keys["from"], **chosen)
        st.date_input("To, inclusive", last, EARLIEST, today, key=keys["to"], **chosen)
    if period.days:
        st.toggle("To the minute", period.has_minutes, key=keys["minutes"], **chosen)
    st.toggle("Use on every page", not period.page, key=keys["every_page"], **chosen)
    if replaced_by(None, st.query_params):
        st.button("Each page its own period", on_click=write_period, args=(None,), key="own_periods")
    else:
        st.caption("Each page shows its own period until you choose one.")
    _switch("compare", "Compare with the period before", scope.compare, default=True)


def _draw_others(context: UserContext, scope: Scope, interval: str, location: str) -> None:
    default, intervals, key = _interval(context), list(INTERVALS), control_key("refresh", interval)
    st.selectbox(
        "Refresh pages every",
        intervals,
        intervals.index(interval),
        key=key,
        on_change=_choose,
        args=("refresh", key, default),
    )
    _switch("paused", "Pause", scope.paused)
    _switch("sound", "Sound for a new hot seller", scope.sound)
    listed, key = offices(context), control_key("location", location or None)
    listed = [*listed, *([location] if location and location not in listed else [])]
    is_free = any(grant.location is None for grant in context.user.grants)
    st.selectbox(
        "Office",
        listed,
        index=listed.index(location) if location else None,
        key=key,
        on_change=_choose,
        args=("location", key, None),
        placeholder=context.locations.resolve(None),
        accept_new_options=is_free,  # an office begins with its first event: it may not be listed yet
    )
    if location and not scope.requested:
        st.caption(f"Not the name of an office; {ALLOWED_LOCATION}")
    st.button("Print or save as PDF", icon=":material/print:", key="print", help="Of this page, as it is now")
    st.caption(f"Times are in your own zone; days and months are the office's, {context.settings.zone}.")


def _switch(name: str, label: str, is_on: bool, default: bool = False) -> None:
    key = control_key(name, is_on)
    st.toggle(label, is_on, key=key, on_change=_choose, args=(name, key, default))


def control_key(name: str, value: Any) -> str:
    """Return the key of a control that shows what the link says; a new one where the last one shows something else.

    The browser has the value of a control in a closed popover as it was last used, and sends it with every rerun: after
    a step back, or on another page, that would be taken for a choice. A new control has the value it is drawn with.
    """
    counts: dict[str, int] = st.session_state.setdefault(CONTROLS, {})
    key = f"{name}_{counts[name]}" if name in counts else name
    if st.session_state.get(key, value) == value:
        return key
    counts[name] = counts.get(name, 0) + 1
    return f"{name}_{counts[name]}"


def _choose(name: str, key: str, default: Any) -> None:
    """Write a control into the link; what is the default is not said there."""
    value = st.session_state[key]
    write_link({} if value == default else {name: WORDS[value] if isinstance(value, bool) else value}, (name,))


def _names_of(period: ChosenPeriod) -> tuple[str, str]:
    """Return what the controls of the ends are called: Streamlit takes a day's for no minute's."""
    return ("from_minute", "to_minute") if period.has_minutes else ("from", "to")


def _bounds_of(query: PageQuery, today: date) -> tuple[Bound, Bound]:
    """Return the ends that a span on screen has once its days, or of a short one its minutes, are chosen."""
    start, end = (at.astimezone(query.office_zone) for at in (query.start, query.end))
    if query.end - query.start >= BY_DAYS:
        return start.date(), today
    return _minute(start), _minute(end)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0, tzinfo=None)


def _choose_period(page: str, keys: Mapping[str, str], shown: tuple[Bound, Bound]) -> None:
    """Write the chosen period into the link; ends that are chosen begin with those shown.

    A month or quarter that is over is written as its days: it is the same one tomorrow.
    """
    chosen = {name: st.session_state.get(key) for name, key in keys.items()}
    name, days = str(chosen["range"]), None
    if name == CUSTOM:
        days = _chosen_bounds(chosen, shown)
    elif name in PAST:
        name, days = CUSTOM, days_before(PAST[name], datetime.now(UTC), UserContext.current().settings.timezone)
    write_period(ChosenPeriod(name, days, "" if chosen["every_page"] else page))


def _chosen_bounds(chosen: Mapping[str, Any], shown: tuple[Bound, Bound]) -> tuple[Bound, Bound]:
    """Return the ends that the controls say, in order; days where minutes are no longer asked for, or the reverse."""
    had_minutes = any(isinstance(bound, datetime) for bound in shown)
    if chosen["minutes"] is None or chosen["minutes"] == had_minutes:
        names = ("from_minute", "to_minute") if had_minutes else ("from", "to")
        first, last = (chosen.get(name) or bound for name, bound in zip(names, shown, strict=True))
        bounds = (last, first) if has_ended_before_it_begins((first, last)) else (first, last)
        # The same minute twice is nothing: what was shown stays.
        return shown if has_ended_before_it_begins(bounds) else bounds
    start, end = clock_of(shown)
    return (start.date(), (end - MINUTE).date()) if had_minutes else (start, end)


def write_period(period: ChosenPeriod | None) -> None:
    """Write a period into the link, in place of what it says of this page's, or of all; None: each page its own."""
    write_link(period.parameters if period else {}, replaced_by(period, st.query_params))


def write_link(changed: Mapping[str, str | list[str]], gone: Iterable[str]) -> None:
    """Write what changed into the link, and take what is gone out of it, in one step of the history."""
    # All in one message: each that the browser gets is a step of its own on the way back, and with `st.query_params`
    # each name that goes is one.
    with get_session_state().query_params() as link:
        for name in gone:
            link.discard_param_no_forward_msg(name)
        link.update(changed)


def _period(link: Mapping[str, str], page: NavigationEntry, now: datetime, faults: list[str]) -> ChosenPeriod:
    """Return the period that the link names for the page, or the page's own."""
    if not page.period:
        return ChosenPeriod(UNUSED)
    office_now = now.astimezone(UserContext.current().settings.timezone)
    try:
        period = read_period(link, page.path, office_now.date()) or ChosenPeriod(page.period)
        if period.days and clock_of(period.days)[0] >= office_now.replace(tzinfo=None):
            raise WrongPeriod("the period begins in the future: allowed is what begins before now")
        return period
    except WrongPeriod as wrong:
        faults.append(f"{wrong}. Shown is this page's own period: {page.period}.")
        return ChosenPeriod(page.period)


def _is_on(link: Mapping[str, str], name: str, default: bool, faults: list[str]) -> bool:
    return _one_of(link, name, WORDS, WORDS[default], faults) == WORDS[True]


def _one_of(link: Mapping[str, str], name: str, allowed: Iterable[str], default: str, faults: list[str]) -> str:
    value = link.get(name, default)
    if value in allowed:
        return value
    faults.append(f"{name} is {value[:40]!r}: allowed are {', '.join(allowed)}. It is {default} here.")
    return default


def offices(context: UserContext) -> list[str]:
    """Return the names of the offices that the user is granted.

    Of a grant of all offices it is those that have an event, as of the last half minute; none while nobody answers.
    """
    named = sorted(grant.location for grant in context.user.grants if grant.location)
    everywhere = next((grant for grant in context.user.grants if grant.location is None), None)
    if everywhere is None:
        return named

    def fetch() -> list[str]:
        api = context.app.api.by(lambda: context.app.access.token(context.user, None))
        return [log["location"] for log in api.get("/api/locations")["locations"]]

    listed = context.app.queries.aside("locations", fetch, LOCATIONS_FRESH_S) or []
    return [*listed, *(name for name in named if name not in listed)]


def _interval(context: UserContext) -> str:
    """Return the default refresh interval: that of the settings, or the next longer one that can be chosen."""
    least = context.settings.metrics_interval_ms / 1000
    return next((label for label, seconds in INTERVALS.items() if seconds >= least), list(INTERVALS)[-1])
