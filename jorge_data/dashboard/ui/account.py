"""Who is logged in, in which role, and how he logs out: in the sidebar of every page."""

import streamlit as st

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.login.paths import PASSWORD
from jorge_data.dashboard.login.session_access import SessionAccess
from jorge_data.dashboard.login.user import User
from jorge_data.errors import RequestRefused


def sidebar(user: User, location: str) -> None:
    """Draw the person of this tab; nothing where there is no login."""
    context = AppContext.current()
    if not isinstance(context.access, SessionAccess):
        return
    grant = user.grant_at(location)
    with st.sidebar.container(key="account", gap=None), st.popover(user.display_name, width="stretch"):
        st.text(f"{user.name}, {grant.role} at {location}" if grant else f"{user.name}, with no role at {location}")
        for label, everywhere in (("Log out", False), ("Log out everywhere", True)):
            st.button(label, on_click=_leave, args=(context.access, user, everywhere), width="stretch")
        if context.settings.login == "users":
            public = context.settings.public_address
            st.link_button("Change password", f"{public.path if public else ''}{PASSWORD}", width="stretch")


def _leave(access: SessionAccess, user: User, everywhere: bool) -> None:
    """End his login: the gate closes what is open of it, and the page goes to the login by itself."""
    try:
        access.leave(user, everywhere)
    except RequestRefused as refused:
        st.toast(f"You are still logged in: {refused}", icon=":material/error:")
