"""Conversations: what happened with this person?"""

import streamlit as st

from jorge_data.errors import RequestRefused
from jorge_data.live import timeline
from jorge_data.live.house import House
from jorge_data.live.provider import scope

house = House.current()
contact = st.query_params.get("contact", "")

if not contact:
    with st.container(border=True):
        st.subheader("What happened with this person?")
        st.text("Open a contact from the Command Center: its events, over all bots, are listed here.")
        st.text("The list of all contacts with search, and transcripts as a chat, come with the next release.")
    st.stop()

try:
    with st.spinner("Reading the timeline …"):
        events = timeline.read(house.api, scope().location, contact)
except RequestRefused as refusal:
    st.error(str(refusal), icon=":material/error:")
    if st.button("Try again"):
        st.rerun()
    st.stop()

office = house.offices.get(scope().location)
with st.container(border=True):
    st.subheader("Timeline")
    st.text(office.name(contact))
    if events:
        rows = [timeline.entry(event, office.line(event))._asdict() for event in events]
        at = st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss", timezone=scope().zone.key, width="small")
        st.dataframe(
            rows, hide_index=True, height="content", column_config={"at": at}, alt="What happened, newest first"
        )
        st.caption(
            f"{len(events):,} {'event' if len(events) == 1 else 'events'}, newest first; times in {scope().zone.key}"
        )
    else:
        st.text("No event names this contact. It may belong to another office.")
