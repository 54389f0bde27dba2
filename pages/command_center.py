"""Command Center: is everything working, and who needs us now? The wall answers, painted live by the provider."""

import streamlit as st

from jorge_data.dashboard.command_center.recent_events import recent_events
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.push.connection_status import shown_state
from jorge_data.dashboard.ui.shell import scope

context = AppContext.current()
status = context.locations.feed(scope().location).status

if shown_state(status) in ("offline", "polling") and not status.reachable:
    st.warning("Nothing new can arrive now; what is shown is as of the last event.", icon=":material/cloud_off:")
    st.text(status.detail)

recent_events()
