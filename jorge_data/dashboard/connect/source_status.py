"""Which sources have been heard, which are awaited, and which are off: a light for each, green with its first event."""

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import streamlit as st

from jorge_data.dashboard.connect.setup_guides import SetupGuide
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.scope import Scope
from jorge_data.errors import RequestRefused
from jorge_data.events import parse_moment
from jorge_data.metrics.formatting import duration

WAYS = {
    "ghl": "GHL app",
    "ghl-workflow": "GHL workflow",
    "ghl-sync": "GHL sync",
    "retell": "Retell",
    "redis": "Redis",
}
"""The ways of `GET /api/sources`, as people call them."""


State = Literal["heard", "awaited", "off", "unknown"]


class SourceLight(NamedTuple):
    """One source: heard of since, awaited, off, or unknown because the event server did not say."""

    title: str
    state: State
    words: str
    last: datetime | None = None


def source_lights(
    recipes: Iterable[SetupGuide], ways: Mapping[str, Any] | None, heard: Mapping[str, datetime]
) -> list[SourceLight]:
    """Return a light for each source: by the newest event of its name in the office, and by what came by its way.

    `ways` is what the event server says of each by its name, None where it says nothing; `heard` is when the newest
    event of each source happened.
    """
    found = []
    for recipe in recipes:
        last = heard.get(recipe.source)
        if recipe.ways:
            found += [_way(WAYS[name], None if ways is None else ways[name], last) for name in recipe.ways]
        else:
            found.append(_heard(recipe.title, last, 0))
    return found


def _way(title: str, way: Mapping[str, Any] | None, last: datetime | None) -> SourceLight:
    if way is None:
        return SourceLight(title, "unknown", "not known: the event server does not say")
    if not way["on"]:
        return SourceLight(title, "off", f"off: set {way['setting']}")
    received = parse_moment(way["last_received"]) if way["last_received"] else None
    return _heard(title, max(filter(None, (last, received)), default=None), way["received"])


def _heard(title: str, last: datetime | None, received: int) -> SourceLight:
    if last is None:
        return SourceLight(title, "awaited", "nothing yet")
    return SourceLight(title, "heard", f"{received:,} received" if received else "heard", last)


LOOK_S = 2
LOOKS: dict[State, tuple[Literal["green", "gray"], str]] = {
    "heard": ("green", ":material/check_circle:"),
    "awaited": ("gray", ":material/pending:"),
    "off": ("gray", ":material/radio_button_unchecked:"),
    "unknown": ("gray", ":material/help:"),
}
WIDTH = 150


def source_status(context: AppContext, recipes: Iterable[SetupGuide], look: Scope) -> None:
    """Draw the lights of the user's own office, and look again every two seconds unless the page is paused."""
    st.fragment(_lights, run_every=None if look.paused else LOOK_S, key="lights")(
        context, tuple(recipes), look.zone.key
    )


def _lights(context: AppContext, recipes: tuple[SetupGuide, ...], zone: str) -> None:
    home, now = context.locations.get(context.settings.location), time.time()
    sources = home.view(now, 86_400)["bar"]["sources"]
    newest = {source["name"]: datetime.fromtimestamp(source["at_ms"] / 1000, UTC) for source in sources}
    if newest:
        st.text(f"Events arrive at the office {home.location}.")
    else:
        st.text(f"No event has arrived at the office {home.location} yet: make a token, and paste a line.")
    with st.grid(4, min_column_width=WIDTH):
        for light in source_lights(recipes, _ways(context), newest):
            _light(light, now)
    if newest:
        with st.expander(f"Sources heard here in the last 30 days: {len(newest)}"):
            rows = [{"source": name, "newest event": at} for name, at in newest.items()]
            config = {"newest event": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss", timezone=zone)}
            st.dataframe(rows, hide_index=True, column_config=config, alt="Each source with its newest event")


def _light(light: SourceLight, now: float) -> None:
    colour, icon = LOOKS[light.state]
    with st.container(gap="small"):
        st.badge(light.title, color=colour, icon=icon)
        ago = f", {duration(max(0.0, now - light.last.timestamp()))} ago" if light.last else ""
        st.caption(light.words + ago)


def _ways(context: AppContext) -> dict[str, Any] | None:
    try:
        return {way["name"]: way for way in context.api.get("/api/sources")["sources"]}
    except RequestRefused:
        return None
