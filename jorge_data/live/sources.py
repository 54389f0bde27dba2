"""Who has been heard: a light for each source, which turns green with its first event."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal

import streamlit as st

from jorge_data.errors import RequestRefused
from jorge_data.live.house import House
from jorge_data.live.lights import Light, State, lights
from jorge_data.live.recipes import Recipe
from jorge_data.live.scope import Scope
from jorge_data.metrics.units import duration

LOOK_S = 2
LOOKS: dict[State, tuple[Literal["green", "gray"], str]] = {
    "heard": ("green", ":material/check_circle:"),
    "awaited": ("gray", ":material/pending:"),
    "off": ("gray", ":material/radio_button_unchecked:"),
    "unknown": ("gray", ":material/help:"),
}
WIDTH = 150


def heard(house: House, recipes: Iterable[Recipe], look: Scope) -> None:
    """Draw the lights of the user's own office, and look again every two seconds unless the page is paused."""
    st.fragment(_lights, run_every=None if look.paused else LOOK_S, key="lights")(house, tuple(recipes), look.zone.key)


def _lights(house: House, recipes: tuple[Recipe, ...], zone: str) -> None:
    home, now = house.offices.get(house.settings.location), time.time()
    sources = home.view(now, 86_400)["bar"]["sources"]
    newest = {source["name"]: datetime.fromtimestamp(source["at_ms"] / 1000, UTC) for source in sources}
    if newest:
        st.text(f"Events arrive at the office {home.location}.")
    else:
        st.text(f"No event has arrived at the office {home.location} yet: make a token, and paste a line.")
    with st.grid(4, min_column_width=WIDTH):
        for light in lights(recipes, _ways(house), newest):
            _light(light, now)
    if newest:
        with st.expander(f"Sources heard here in the last 30 days: {len(newest)}"):
            rows = [{"source": name, "newest event": at} for name, at in newest.items()]
            config = {"newest event": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss", timezone=zone)}
            st.dataframe(rows, hide_index=True, column_config=config, alt="Each source with its newest event")


def _light(light: Light, now: float) -> None:
    colour, icon = LOOKS[light.state]
    with st.container(gap="small"):
        st.badge(light.title, color=colour, icon=icon)
        ago = f", {duration(max(0.0, now - light.last.timestamp()))} ago" if light.last else ""
        st.caption(light.words + ago)


def _ways(house: House) -> dict[str, Any] | None:
    try:
        return {way["name"]: way for way in house.api.get("/api/sources")["sources"]}
    except RequestRefused:
        return None
