"""Connect: from nothing to the first real event in five minutes."""

import streamlit as st

from jorge_data.errors import RequestRefused
from jorge_data.events.locations import DEMO
from jorge_data.live.banner import curl
from jorge_data.live.house import House
from jorge_data.live.roles import may_act

LOOK_S = 2

house = House.current()
home = house.offices.get(house.settings.location)
api = house.settings.api_url


@st.fragment(run_every=None if home.lively else LOOK_S, key="light")
def light() -> None:
    """Turn green with the first event."""
    if home.lively:
        st.success(f"Events arrive at the office {home.location}.", icon=":material/check_circle:")
    else:
        st.info(f"No event has arrived at the office {home.location} yet: paste this.", icon=":material/pending:")


light()

with st.container(border=True):
    st.subheader("1 · A token")
    st.text("Whoever publishes needs a token. It is printed once at the start, and made with:")
    st.code("TOKEN=$(.venv/bin/python -m jorge_data token --role publisher)", language="shell")

with st.container(border=True):
    st.subheader("2 · The first event")
    shell, python = st.tabs(["curl", "Python"])
    shell.code(curl(api, "$TOKEN"), language="shell", wrap_lines=True)
    python.code(
        f"""import os
import requests

event = {{
    "source": "my-bot",
    "type": "bot_status_update",
    "data": {{"bot_type": "jorge-seller", "status": "active", "current_step": "hello"}},
}}
answer = requests.post(
    "{api}/events",
    json=event,
    headers={{"Authorization": f"Bearer {{os.environ['TOKEN']}}"}},
    timeout=5,
)
answer.raise_for_status()
print(answer.json())
""",
        language="python",
    )
    st.text("The answer gives the event's position. It is on the Command Center before you can look.")

if house.offices.plays_demo and may_act(house.settings.role):
    with st.container(border=True):
        st.subheader("3 · Without the demo")
        st.text("The demo bots play in an office of their own until your first event. What they left can be removed.")
        if st.button("Remove the demo's data", disabled=not home.lively, help="After your first event has arrived."):
            try:
                house.api.delete(f"/api/locations/{DEMO}")
                st.success("The demo's data is gone without a trace.")
            except RequestRefused as refusal:
                st.error(f"Not removed: {refusal}")

with st.container(border=True):
    st.subheader("4 · Everything else")
    st.text("Kinds of event, limits and every question that can be asked are on the event server's own page:")
    st.link_button("Open the API page", f"{api}/docs", icon=":material/open_in_new:")
    st.text("Lines for LangGraph, GHL and Retell, users and roles come with the next release.")
