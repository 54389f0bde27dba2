"""The controls of every page: the office, the time range and the refresh; the link is their state."""

from datetime import date, datetime, timedelta
from typing import Any

import streamlit as st

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.page_query import Scope
from jorge_data.errors import RequestRefused
from jorge_data.events.timestamps import midnight, moment, zone_named
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION

RANGES = {"15 m": 900, "1 h": 3600, "24 h": 86_400, "7 d": 7 * 86_400, "30 d": 30 * 86_400, "90 d": 90 * 86_400}
CUSTOM = "Custom"
DEFAULT_RANGE = "24 h"
INTERVALS = {"5 s": 5, "10 s": 10, "30 s": 30, "1 min": 60, "5 min": 300}
LOCATIONS_FRESH_S = 30


def choose(context: AppContext, now: datetime) -> Scope:
    """Draw the controls and return what they are set to."""
    kiosk = st.query_params.get("kiosk") == "1"
    chosen: dict[str, Any] = {
        "range": st.query_params.get("range", DEFAULT_RANGE),
        "paused": False,
        "sound": False,
        "refresh": _interval(context),
        "compare": True,
        "location": st.query_params.get("location", ""),
    }
    chosen.update({name: st.session_state[name] for name in chosen if st.session_state.get(name) is not None})
    if not kiosk:
        chosen.update(_controls(context))
    requested = chosen["location"] if LOCATION.fullmatch(chosen["location"]) else None
    if "from" in chosen:
        rolling, (start, end) = "", _days(chosen["from"], chosen["to"], context)
    else:
        rolling = chosen["range"] if chosen["range"] in RANGES else DEFAULT_RANGE
        start, end = now - timedelta(seconds=RANGES[rolling]), now
    return Scope(
        requested=requested,
        location=context.locations.resolve(requested),
        start=start,
        end=end,
        paused=chosen["paused"],
        refresh_s=INTERVALS[chosen["refresh"]],
        sound=chosen["sound"],
        kiosk=kiosk,
        # The viewer's zone, or the office's where the browser names none.
        zone=zone_named(st.context.timezone or "") or context.settings.timezone,
        rolling=rolling,
        compare=chosen["compare"],
    )


def _controls(context: AppContext) -> dict[str, Any]:
    """Draw the controls and return their values, under the names that the link has for them."""
    # The link has the range before the control that is drawn under this label.
    named = st.query_params.get("range", DEFAULT_RANGE)
    label = CUSTOM if named == CUSTOM else f"Last {named if named in RANGES else DEFAULT_RANGE}"
    with st.container(key="controls"), st.popover(label):
        values: dict[str, Any] = {
            "range": st.selectbox("Time range", [*RANGES, CUSTOM], index=2, key="range", bind="query-params")
        }
        if values["range"] == CUSTOM:
            values |= _dates(context)
        values["compare"] = st.toggle("Compare with the period before", value=True, key="compare", bind="query-params")
        values["refresh"] = st.selectbox(
            "Refresh pages every",
            list(INTERVALS),
            index=list(INTERVALS).index(_interval(context)),
            key="refresh",
            bind="query-params",
        )
        values["paused"] = st.toggle("Pause", key="paused", bind="query-params")
        values["sound"] = st.toggle("Sound for a new hot seller", key="sound", bind="query-params")
        location = st.selectbox(
            "Office",
            _locations(context),
            index=None,
            key="location",
            bind="query-params",
            placeholder=context.locations.resolve(None),
            accept_new_options=True,
        )
        values["location"] = location or ""
        if values["location"] and not LOCATION.fullmatch(values["location"]):
            st.caption(f"Not the name of an office; {ALLOWED_LOCATION}")
        st.caption(f"Times are in your own zone; days and months are the office's, {context.settings.zone}.")
    return values


def _locations(context: AppContext) -> list[str]:
    """Return the names of all offices that have an event, as of the last half minute; none while nobody answers."""

    def fetch() -> list[str]:
        try:
            return [log["location"] for log in context.api.get("/api/locations")["locations"]]
        except RequestRefused:
            return []

    return context.client.cache.computed("locations", None, fetch, LOCATIONS_FRESH_S)


def _interval(context: AppContext) -> str:
    """Return the default refresh interval: that of the settings, or the next longer one that can be chosen."""
    least = context.settings.metrics_interval_ms / 1000
    return next((label for label, seconds in INTERVALS.items() if seconds >= least), list(INTERVALS)[-1])


def _dates(context: AppContext) -> dict[str, date]:
    today = datetime.now(context.settings.timezone).date()
    first = st.date_input("From", value=today - timedelta(days=6), max_value=today, key="from", bind="query-params")
    last = st.date_input("To, inclusive", value=today, max_value=today, key="to", bind="query-params")
    return {"from": min(first, last), "to": max(first, last)}


def _days(first: date, last: date, context: AppContext) -> tuple[datetime, datetime]:
    """Return the span of whole days of the office, both included."""
    zone = context.settings.timezone
    return moment(midnight(first, zone)), moment(midnight(last + timedelta(days=1), zone))
