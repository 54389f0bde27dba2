"""What stands on every page: header, controls, live connection, diagnostics; then the page itself."""

import time
from datetime import UTC, datetime
from typing import Any

import streamlit as st
from streamlit_autorefresh import st_autorefresh

from jorge_data.errors import TooMany
from jorge_data.live import component, contents, diagnostics, drill
from jorge_data.live.house import House
from jorge_data.live.pill import pill, shown_state
from jorge_data.live.roles import for_role
from jorge_data.live.rotation import rotate
from jorge_data.live.scope import Scope, choose
from jorge_data.live.session import drop
from jorge_data.live.tickets import Holder

SOCKET = "/api/live"
SCOPE = "scope"
NO_SOCKET = "no_socket"
VISITED = "visited"


def run() -> None:
    """Draw the page that the address names, with everything around it."""
    house = House.current()
    st.set_page_config(page_title="Jorge’s Command Center", layout="wide")
    pages = contents.pages(house.settings.role)
    kiosk = st.query_params.get("kiosk") == "1"
    page = st.navigation(contents.sections(pages), position="hidden" if kiosk else "sidebar", expanded=True)
    with st.container(key="frame"):
        component.frame()(key="frame_css")
    scope = choose(house, datetime.now(UTC))
    st.session_state[SCOPE] = scope
    try:
        house.offices.get(scope.location)
    except TooMany as refusal:
        st.error(str(refusal), icon=":material/error:")
        st.stop()
    _obey(_mount(house, scope, page), pages)
    if house.settings.diagnostics and not scope.kiosk:
        _panel(house, scope)
    _refresh(house, scope)
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


def _mount(house: House, scope: Scope, page: Any) -> Any:
    settings = house.settings
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
        "ticket": house.tickets.issue(holder),
        "frame": _frame(house, scope),
    }
    return component.wall()(
        key="wall", data=data, on_open_change=_nothing, on_link_change=_nothing, on_renew_change=_nothing
    )


def _frame(house: House, scope: Scope) -> dict[str, Any] | None:
    """Return the first view, so that it is painted before the socket is open; later runs leave it to the socket."""
    if st.session_state.get(VISITED) and not st.session_state.get(NO_SOCKET):
        return None
    st.session_state[VISITED] = True
    office, now = house.offices.get(scope.location), time.time()
    status = house.offices.feed(scope.location).status
    return {
        "type": "state",
        "v": 0,
        "view": for_role(office.view(now, scope.window), house.settings.role),
        "now_ms": int(now * 1000),
        "connection": pill(status, None, house.endpoint.poll_interval_s),
    }


def _obey(said: Any, pages: dict[str, Any]) -> None:
    """Do what was clicked in the wall or in a row: open a page, or notice that the live socket came or went."""
    if link := said.get("link"):
        st.session_state[NO_SOCKET] = link == NO_SOCKET
    timeline = {"page": "conversations", "contact": contact} if (contact := drill.wanted()) else None
    if (wanted := timeline or said.get("open")) and wanted.get("page") in pages:
        contact = wanted.get("contact")
        # Without any, Streamlit would clear the address, and refuse to where it says which office and range.
        st.switch_page(pages[wanted["page"]], query_params={"contact": str(contact)} if contact else {})


def _panel(house: House, scope: Scope) -> None:
    office, status = house.offices.get(scope.location), house.offices.feed(scope.location).status
    facts = diagnostics.facts(status, office.latency, office.rate(time.time()), office.buffer.fill)
    with st.sidebar:
        component.panel()(key="panel", data={"facts": [list(fact) for fact in facts]})


def _refresh(house: House, scope: Scope) -> None:
    """Rerun by the clock while nothing else brings news; the wall says when the connection is back."""
    live = shown_state(house.offices.feed(scope.location).status) == "live" and not st.session_state.get(NO_SOCKET)
    if not live and not scope.paused:
        with st.container(key="timer"):
            st_autorefresh(house.settings.refresh_interval_ms, key="autorefresh")


def _nothing() -> None:
    """Streamlit asks for a callback where it only has to rerun."""
