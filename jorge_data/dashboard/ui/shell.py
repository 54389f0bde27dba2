"""What stands on every page: header, controls, live connection, diagnostics; then the page itself."""

import time
from datetime import UTC, datetime
from typing import Any

import streamlit as st
from streamlit_autorefresh import st_autorefresh

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.push import component, diagnostics
from jorge_data.dashboard.push.connection_status import shown_state, status_view
from jorge_data.dashboard.push.role_view import for_role
from jorge_data.dashboard.push.tickets import Holder
from jorge_data.dashboard.query.scope import Scope
from jorge_data.dashboard.ui import drill_down, navigation
from jorge_data.dashboard.ui.controls import choose
from jorge_data.dashboard.ui.event_window import drop
from jorge_data.dashboard.ui.rotation import rotate
from jorge_data.errors import TooMany

SOCKET = "/api/live"
SCOPE = "scope"
NO_SOCKET = "no_socket"
VISITED = "visited"


def run() -> None:
    """Draw the page that the address names, with everything around it."""
    context = AppContext.current()
    st.set_page_config(page_title="Jorge’s Command Center", layout="wide")
    pages = navigation.pages(context.settings.role)
    kiosk = st.query_params.get("kiosk") == "1"
    page = st.navigation(navigation.sections(pages), position="hidden" if kiosk else "sidebar", expanded=True)
    with st.container(key="frame"):
        component.frame()(key="frame_css")
    scope = choose(context, datetime.now(UTC))
    st.session_state[SCOPE] = scope
    try:
        context.locations.get(scope.location)
    except TooMany as refusal:
        st.error(str(refusal), icon=":material/error:")
        st.stop()
    _obey(_mount(context, scope, page), pages)
    if context.settings.diagnostics and not scope.kiosk:
        _panel(context, scope)
    _refresh(context, scope)
    if scope.kiosk:
        rotate(pages, page)
    if page.url_path:
        drop(st.session_state)  # the Command Center alone lists it
    page.run()


def scope() -> Scope:
    """Return what this run's page is about."""
    found = st.session_state[SCOPE]
    assert isinstance(found, Scope)
    return found


def _mount(context: AppContext, scope: Scope, page: Any) -> Any:
    settings = context.settings
    holder = Holder(settings.viewer, settings.role, scope.asked, scope.window)
    data = {
        "title": page.title,
        "wall": page.url_path == "",
        "kiosk": scope.kiosk,
        "paused": scope.paused,
        "sound": scope.sound,
        "pill": settings.show_connection_status,
        "socket": SOCKET,
        "asked": scope.asked,
        "window": scope.window,
        "ticket": context.tickets.issue(holder),
        "frame": _frame(context, scope),
    }
    return component.wall()(
        key="wall", data=data, on_open_change=_nothing, on_link_change=_nothing, on_renew_change=_nothing
    )


def _frame(context: AppContext, scope: Scope) -> dict[str, Any] | None:
    """Return the first view, so that it is painted before the socket is open; later runs leave it to the socket."""
    if st.session_state.get(VISITED) and not st.session_state.get(NO_SOCKET):
        return None
    st.session_state[VISITED] = True
    location_state, now = context.locations.get(scope.location), time.time()
    status = context.locations.feed(scope.location).status
    return {
        "type": "state",
        "v": 0,
        "view": for_role(location_state.view(now, scope.window), context.settings.role),
        "now_ms": int(now * 1000),
        "connection": status_view(status, None, context.endpoint.poll_interval_s),
    }


def _obey(said: Any, pages: dict[str, Any]) -> None:
    """Do what was clicked in the wall or in a row: open a page, or notice that the live socket came or went."""
    if link := said.get("link"):
        st.session_state[NO_SOCKET] = link == NO_SOCKET
    timeline = {"page": "conversations", "contact": contact} if (contact := drill_down.wanted()) else None
    if (wanted := timeline or said.get("open")) and wanted.get("page") in pages:
        contact = wanted.get("contact")
        # Without any, Streamlit would clear the address, and refuse to where it says which office and range.
        st.switch_page(pages[wanted["page"]], query_params={"contact": str(contact)} if contact else {})


def _panel(context: AppContext, scope: Scope) -> None:
    location_state, status = context.locations.get(scope.location), context.locations.feed(scope.location).status
    facts = diagnostics.facts(
        status, location_state.latency, location_state.rate(time.time()), location_state.buffer.fill
    )
    with st.sidebar:
        component.panel()(key="panel", data={"facts": [list(fact) for fact in facts]})


def _refresh(context: AppContext, scope: Scope) -> None:
    """Rerun by the clock while nothing else brings news; the wall says when the connection is back."""
    live = shown_state(context.locations.feed(scope.location).status) == "live" and not st.session_state.get(NO_SOCKET)
    if not live and not scope.paused:
        with st.container(key="timer"):
            st_autorefresh(context.settings.refresh_interval_ms, key="autorefresh")


def _nothing() -> None:
    """Streamlit asks for a callback where it only has to rerun."""
