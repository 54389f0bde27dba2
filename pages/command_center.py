"""Command Center: is everything working, and who needs us now? The wall answers, painted live by the provider."""

import streamlit as st

from jorge_data.live.house import House
from jorge_data.live.pill import shown_state
from jorge_data.live.provider import scope
from jorge_data.live.recent_events import recent_events

house = House.current()
status = house.offices.feed(scope().location).status

if shown_state(status) in ("offline", "polling") and not status.reachable:
    st.warning("Nothing new can arrive now; what is shown is as of the last event.", icon=":material/cloud_off:")
    st.text(status.detail)

recent_events()
