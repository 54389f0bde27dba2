"""What stands on every page: header, controls, live connection, diagnostics; then the page itself."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, NoReturn

import streamlit as st
from streamlit_autorefresh import st_autorefresh

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.login.gate import AUTOREFRESH
from jorge_data.dashboard.login.user import Grant
from jorge_data.dashboard.push import component, diagnostics
from jorge_data.dashboard.push.connection_status import shown_state
from jorge_data.dashboard.push.location_registry import TOO_MANY
from jorge_data.dashboard.push.tickets import Holder
from jorge_data.dashboard.query.page_query import Scope
from jorge_data.dashboard.query.period_link import ChosenPeriod
from jorge_data.dashboard.ui import account, annotations, contact_card, drill_down, export, navigation, paper
from jorge_data.dashboard.ui.controls import choose, offices, requested_office, write_period
from jorge_data.dashboard.ui.event_window import drop_window
from jorge_data.dashboard.ui.first_steps import first_steps, say_unknown_office
from jorge_data.dashboard.ui.navigation import NavigationEntry
from jorge_data.dashboard.ui.rotation import rotates
from jorge_data.dashboard.ui.wall_data import first_state, wall_data
from jorge_data.dashboard.ui.wall_rows import tile_period, tile_rows
from jorge_data.dashboard.ui.zoom import dragged_period
from jorge_data.errors import TooMany, Unauthenticated
from jorge_data.metrics import Targets

SOCKET = "api/live"
"""Beneath the path of the first page, which the browser knows: a proxy may have put any before it."""
SCOPE = "scope"
NO_SOCKET = "no_socket"
VISITED = "visited"
LEAST_PX, MOST_PX = 320, 16_000


def run() -> None:
    """Draw the page that the address names, with everything around it."""
    st.set_page_config(page_title="Jorge’s Command Center", layout="wide")
    try:
        context = UserContext.current()
    except Unauthenticated as refusal:
        st.error(f"{str(refusal).capitalize()}.", icon=":material/error:")
        st.stop()
    requested = requested_office(st.query_params)
    grant, is_full = _grant(context, requested)
    pages = navigation.pages(grant.role if grant else "admin")  # where nothing is granted, none of them runs
    kiosk = st.query_params.get("kiosk") == "1"
    page, now = st.navigation(navigation.sections(pages), position="hidden"), datetime.now(UTC)
    with st.container(key="frame"):
        hand = component.frame()(
            key="frame_css",
            data={"ahead": list(component.loaded_ahead())},
            on_zoom_change=_nothing,
            on_mark_change=_nothing,
            on_screen_change=_nothing,
        )
    entry = _with_period(page.url_path)
    _take_zoom(hand.get("zoom"), entry, now)
    if is_full:
        account.sidebar(context.user, requested or context.locations.home)
        _say_too_many(context)
    scope = choose(context, now, entry)
    scope = replace(scope, screen=_screen(hand.get("screen"), scope.screen))
    st.session_state[SCOPE] = scope
    annotations.begin(hand.get("mark"), scope)
    st.session_state[export.PAGE] = page.url_path or navigation.HOME
    st.session_state[export.OFFICE] = scope.location
    today = now.astimezone(context.settings.timezone).date()
    if grant is None:
        account.sidebar(context.user, scope.location)
        _say_not_granted(context, scope, pages)
    if kiosk and rotates(pages, page.url_path or navigation.HOME, today):
        return  # each page is drawn in a frame, by a script of its own
    if kiosk:
        with st.container(key="kiosk"):  # by it kiosk.css knows a wall screen
            component.wall_screen()(key="kiosk_css")
    else:
        navigation.sidebar(pages, page.url_path, today)
        account.sidebar(context.user, scope.location)
    try:
        context.locations.get(scope.location)
    except TooMany:
        _say_too_many(context)  # without a second account: that stands already
    context.note_presence(scope.location)
    say_unknown_office(context, scope, offices(context), page.url_path)
    with st.container():  # on each page, else what follows would move as pages are turned
        if not page.url_path and not scope.kiosk:
            _above_the_wall(context, scope, pages)
    _follow_click(_mount(context, scope, page), pages, scope, today)
    _say_faults(scope)
    if context.settings.diagnostics and not scope.kiosk:
        _panel(context, scope)
    _refresh(context, scope)
    if page.url_path:
        drop_window(st.session_state)  # the Command Center alone lists it
    with context.app.telemetry.page.labels(page.url_path or navigation.HOME).time():
        page.run()


def _above_the_wall(context: UserContext, scope: Scope, pages: dict[str, Any]) -> None:
    """Draw what the first page has over its wall: its head on paper, and what an office without events does first."""
    paper.head_of_now(scope.location, scope.zone)
    if "connect" in pages:
        first_steps(context, scope, pages["connect"])


def _screen(told: Any, usual: tuple[int, int]) -> tuple[int, int]:
    """Return the pixels of a wall screen as its browser told them; those of the usual one until then."""
    match told:
        case [int(across), int(down)] if all(LEAST_PX <= each <= MOST_PX for each in (across, down)):
            return across, down
    return usual


def _take_zoom(dragged: Any, entry: NavigationEntry, now: datetime) -> None:
    """Write the span that was dragged along a chart into the link, of which the controls then read it."""
    if dragged and entry.period:
        office_zone = UserContext.current().settings.timezone
        period = dragged_period(dragged, entry.path, st.query_params, now, office_zone)
        if period is not None:
            write_period(period)


def _grant(context: UserContext, requested: str | None) -> tuple[Grant | None, bool]:
    """Return what the user is granted at the office to show, and whether it cannot be shown to him now: TooMany."""
    try:
        location = context.locations.resolve(requested)
        if grant := context.user.grant_at(location):
            context.locations.get(location)
    except TooMany:
        return context.user.grant_at(requested or context.locations.home), True
    return grant, False


def _say_too_many(context: UserContext) -> NoReturn:
    st.error(TOO_MANY, icon=":material/hourglass:")
    _rerun_by_the_clock(context)  # a wall screen has nobody who would try again
    st.stop()


def _say_not_granted(context: UserContext, scope: Scope, pages: dict[str, Any]) -> NoReturn:
    """Say that the office is none of the user's, lead to his own, and draw nothing else."""
    st.error("You have no access here. An admin can give it to you.", icon=":material/lock:")
    st.text(f"The office is {scope.location}; you are {context.user.display_name}.")
    if context.user.grant_at(own := context.locations.resolve(None)):
        st.page_link(pages[navigation.HOME], label="Open your own office", icon=":material/arrow_back:", help=own)
    st.stop()


def _with_period(path: str) -> NavigationEntry:
    """Return the page's entry; without a period where one contact's timeline is open, which is of all time."""
    entry = navigation.entry_at(path)
    return entry._replace(period="") if contact_card.contact_of(path, st.query_params) else entry


def _say_faults(scope: Scope) -> None:
    if scope.faults:
        st.warning("A part of this link cannot be read; what is usual is shown instead.", icon=":material/warning:")
        st.text("\n".join(scope.faults))  # their values are anybody's: plain text


def scope() -> Scope:
    """Return what the controls of this run are set to."""
    current = st.session_state[SCOPE]
    assert isinstance(current, Scope)
    return current


def _mount(context: UserContext, scope: Scope, page: Any) -> Any:
    holder = Holder(context.user, scope.requested)
    card = contact_card.read(context, scope.location, contact_card.contact_of(page.url_path, st.query_params))
    data = wall_data(
        context,
        scope.location,
        asked=scope.requested,
        paused=scope.paused,
        frame=_frame(context, scope),
        title="Contact" if card else page.title,
        path=page.url_path,
        kiosk=scope.kiosk,
        days=not scope.rolling,
        sound=scope.sound,
        card=card,
        people=[[each.id, each.display_name] for each in context.colleagues_at(scope.location)],
    )
    tickets = context.app.tickets
    data |= {"socket": SOCKET, "ticket": tickets.issue(holder), "key": tickets.key(holder)}
    reruns = {f"on_{name}_change": _nothing for name in ("open", "link", "acted")}
    return component.wall()(key="wall", data=data, **reruns)


def _frame(context: UserContext, scope: Scope) -> dict[str, Any] | None:
    """Return the first state frame, which is painted before the socket is open; None in later runs."""
    if st.session_state.get(VISITED) and not st.session_state.get(NO_SOCKET):
        return None
    st.session_state[VISITED] = True
    return first_state(context, scope.location)


def _follow_click(clicked: Any, pages: dict[str, Any], scope: Scope, today: date) -> None:
    """Open the page that was clicked in the wall or in a row, and note whether the live socket is open."""
    if link := clicked.get("link"):
        st.session_state[NO_SOCKET] = link == NO_SOCKET
    target, contact = clicked.get("open"), drill_down.take_requested_contact()
    if contact:
        target = {"page": "conversations", "contact": contact}
    if target and target.get("page") in pages:
        # A saved view is a link of its own, which is all that its page shows.
        along = {} if target.get("whole") else navigation.carried(st.query_params, today)
        st.switch_page(pages[target["page"]], query_params=along | _parameters(target, scope))


def _parameters(target: dict[str, Any], scope: Scope) -> dict[str, Any]:
    """Return what an address says that was opened: the contact, or what a tile counts, with the page in its period.

    What was found by a search says itself what its address is.
    """
    if (parameters := target.get("parameters")) is not None:
        return dict(parameters)
    if contact := target.get("contact"):
        return {"contact": str(contact)}
    targets = Targets(**UserContext.current().settings.targets)
    rows = tile_rows(key := str(target.get("tile")), scope.location, datetime.now(UTC), targets)
    period = ChosenPeriod(tile_period(key), page=target["page"]).parameters if tile_period(key) else {}
    return {drill_down.PARAMETER: rows.token(), **period} if rows else {}


def _panel(context: UserContext, scope: Scope) -> None:
    location_state, status = context.locations.get(scope.location), context.locations.feed(scope.location).status
    rate = location_state.events_last_minute(time.time())
    facts = diagnostics.facts(status, location_state.latency, rate, location_state.buffer.fill)
    with st.sidebar:
        component.panel()(key="panel", data={"facts": [list(fact) for fact in facts]})


def _refresh(context: UserContext, scope: Scope) -> None:
    """Rerun by the clock while the socket brings nothing; the wall says when the connection is back."""
    state = shown_state(context.locations.feed(scope.location).status)
    live = state in ("live", "silent") and not st.session_state.get(NO_SOCKET)
    if not live and not scope.paused:
        _rerun_by_the_clock(context)


def _rerun_by_the_clock(context: UserContext) -> None:
    with st.container(key="timer"):
        st_autorefresh(context.settings.refresh_interval_ms, key=AUTOREFRESH)


def _nothing() -> None:
    """Do nothing: Streamlit needs a callback where it only has to rerun."""
