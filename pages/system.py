"""System: can we rely on the system?"""

import time

import streamlit as st

from jorge_data import charts
from jorge_data.events import parse_moment
from jorge_data.live import diagnostics, session
from jorge_data.live.house import House
from jorge_data.live.provider import scope
from jorge_data.metrics.frames import arrivals

house = House.current()
look = scope()


@st.fragment(run_every=None if look.paused else look.refresh_s, key="system")
def system() -> None:
    office, feed = house.offices.get(look.location), house.offices.feed(look.location)
    now = time.time()
    figures = office.dashboard(now)
    connection, components = st.columns([3, 2])
    with connection, st.container(border=True):
        st.subheader("Connection log")
        rows = [
            {"at": moved.at, "state": moved.state, "position": str(moved.cursor or "none yet"), "why": moved.detail}
            for moved in reversed(feed.log())
        ]
        if rows:
            config = {"at": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss", timezone=look.zone.key)}
            st.dataframe(rows, hide_index=True, column_config=config, alt="The connection's states, newest first")
        else:
            st.text("The connection has not been tried yet.")
    with components, st.container(border=True):
        st.subheader("Components")
        parts = figures["system"]["components"]
        if parts:
            reports = [
                {"component": name, **part, "since": parse_moment(part["since"])} for name, part in parts.items()
            ]
            config = {
                "since": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss", timezone=look.zone.key),
                "response_time_ms": st.column_config.NumberColumn("response", format="%d ms"),
                "error_message": st.column_config.TextColumn("last error"),
            }
            st.dataframe(reports, hide_index=True, column_config=config, alt="Each component's last report")
        else:
            st.text("No component has reported. Bots report with system_health_update.")
            st.text("The Connect page has lines to paste.")
    with st.container(border=True):
        frame = arrivals(session.window(st.session_state, office, house.settings.role).events, look.zone)
        if frame.empty:
            st.text("No event has arrived yet. The Connect page has lines to paste.")
        else:
            figure = charts.arrivals(frame, charts.DARK if st.context.theme.type == "dark" else charts.LIGHT)
            st.plotly_chart(
                figure, key="arrivals", theme=None, config={"displayModeBar": False}, alt="Events by minute"
            )
    with st.container(border=True):
        st.subheader("Feed and buffer")
        facts = diagnostics.facts(feed.status, office.latency, office.view(now, 900)["rate"], office.buffer.fill)
        lines = [{"what": fact.label, "now": fact.value} for fact in facts]
        st.dataframe(lines, hide_index=True, alt="The feed's own figures")


system()
