"""The directory: the offices that the event server knows, as the picker lists them."""

import streamlit as st

from jorge_data.errors import RequestRefused
from jorge_data.live.house import House

KNOWN_FOR_S = 30


def offices() -> list[str]:
    """Return the names of all offices that have an event, as of the last half minute; none while nobody answers."""
    return _offices(House.current().settings.api_url)


@st.cache_data(ttl=KNOWN_FOR_S, max_entries=8, show_spinner=False)
def _offices(api_url: str) -> list[str]:
    """Ask once for all sessions; the address is what the answer is kept by."""
    try:
        return [log["location"] for log in House.current().api.get("/api/locations")["locations"]]
    except RequestRefused:
        return []
