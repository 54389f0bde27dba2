"""What an office without events shows: three steps to its first, which tick themselves; and offices that are none."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.dashboard.query.page_query import Scope
from jorge_data.dashboard.ui.fragments import own_fragment
from jorge_data.errors import RequestRefused
from jorge_data.events.envelope import DEMO
from jorge_data.metrics.formatting import line
from jorge_data.permissions import Right

LOOK_EVERY_S = 2
"""Who waits for the first event sees it come."""

LOOK_AGAIN_EVERY_S = 30
"""After it the steps that are left may wait for days, in every tab: each look runs a script and asks the server."""

OFFERED = 8
"""Most offices that are offered in the place of one that is none."""

CRM = ("ghl", "ghl-workflow", "ghl-sync")
"""The inputs of `GET /api/sources` that are GoHighLevel's."""

EMPTY = "seen_empty"


def first_steps(context: UserContext, scope: Scope, connect: Any) -> None:
    """Draw the steps while the office on screen has had no event, and after its first until they are all ticked.

    `connect` is the page that has the lines to paste.
    """
    state = context.locations.get(scope.location)
    if (state.has_events and st.session_state.get(EMPTY) != scope.location) or scope.location == DEMO or scope.kiosk:
        return
    st.fragment(_steps, run_every=interval(scope.paused, state.has_events), key="first_steps")(
        context, scope.location, connect, state.has_events
    )


def interval(paused: bool, has_events: bool) -> int | None:
    """Return how often the steps are looked at, in seconds; None where they stand still."""
    if paused:
        return None
    return LOOK_AGAIN_EVERY_S if has_events else LOOK_EVERY_S


def _steps(context: UserContext, office: str, connect: Any, had_events: bool) -> None:
    state = context.locations.get(office)
    if state.cursor is None:  # nobody knows yet whether it is empty
        return
    has_events, api = state.has_events, context.api_at(office)
    done = _has_token(context, api, office, has_events), has_events, _has_crm(api)
    if not has_events:
        st.session_state[EMPTY] = office
    elif all(done):
        st.session_state.pop(EMPTY, None)
        st.rerun()
    elif not had_events:  # from now on it is looked at less often
        st.rerun()
    steps = (
        ("A token", "your bots are known by it; the Connect page makes one"),
        ("The first event", "paste a line of the Connect page into a shell; it is here before you can look"),
        ("Your CRM", "GoHighLevel, so that contacts, messages and deals come by themselves"),
    )
    with st.container(border=True, key="part_first_steps"):
        st.text("Three steps until this office lives")
        for number, ((title, what), is_done) in enumerate(zip(steps, done, strict=True), 1):
            with st.container(horizontal=True, vertical_alignment="center", key=f"step_{number}"):
                icon = ":material/check_circle:" if is_done else ":material/radio_button_unchecked:"
                st.badge("done" if is_done else f"step {number}", icon=icon, color="green" if is_done else "gray")
                st.text(f"{title}: {what}")
        with st.container(horizontal=True):
            st.page_link(connect, label="Open Connect", icon=":material/cable:", query_params=st.query_params.to_dict())
            if has_events and st.button("Hide", key="hide_first_steps", type="tertiary"):
                st.session_state.pop(EMPTY, None)
                st.rerun()


def _has_token(context: UserContext, api: ApiClient, office: str, has_events: bool) -> bool:
    """Return whether a token was made; what has published has one, wherever it was made."""
    if has_events or not context.may_at(office, Right.TOKENS):
        return has_events
    try:
        return bool(api.get("/api/tokens", limit="1")["tokens"])
    except RequestRefused:
        return False


def _has_crm(api: ApiClient) -> bool:
    try:
        sources = api.get("/api/sources")["sources"]
    except RequestRefused:
        return False
    return any(each["name"] in CRM and each["on"] and each["received"] for each in sources)


def say_unknown_office(context: UserContext, scope: Scope, offices: Iterable[str], page: str) -> None:
    """Say on a page that the office which the link names is none, and offer those there are; nothing where it is."""
    named = st.query_params.get("location", "")
    if not named or scope.requested in (context.settings.location, DEMO):
        return
    listed = sorted({*offices, context.settings.location})
    if scope.requested is not None:
        if scope.requested in listed or context.locations.get(scope.requested).has_events:
            return
        every = interval(scope.paused, has_events=False)
        own_fragment(_unknown, page, "unknown_office", every)(context, scope.requested, listed)
    else:
        _draw_unknown(named, listed)


def _unknown(context: UserContext, office: str, listed: list[str]) -> None:
    state = context.locations.get(office)
    if state.has_events:
        st.rerun()
    if state.cursor is not None:
        _draw_unknown(office, listed)


def _draw_unknown(named: str, listed: list[str]) -> None:
    close = get_close_matches(named, listed, n=OFFERED, cutoff=0.5)
    offered = [*close, *(name for name in listed if name not in close)][:OFFERED]
    with st.container(border=True, key="part_unknown_office"):
        st.warning("There is no such office: nothing has ever come from it.", icon=":material/wrong_location:")
        st.text(f"The link names {line(named)}. There are:")
        with st.container(horizontal=True):
            for name in offered:
                st.button(name, key=f"office_{name}", on_click=_open_office, args=(name,))
        st.caption("An office begins with its first event: if this is to be a new one, go on to Connect.")


def _open_office(name: str) -> None:
    st.query_params["location"] = name
