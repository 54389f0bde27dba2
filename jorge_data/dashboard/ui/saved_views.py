"""Saved views: names for links, one's own or shared; the control is on every page."""

import re
from typing import Any

import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.ui import navigation
from jorge_data.dashboard.ui.navigation import NavigationEntry
from jorge_data.errors import RequestRefused
from jorge_data.permissions import Right

LONGEST = 80
NOT_SAVED = frozenset({"kiosk"})
SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~$:^=])")


def saved_views(context: UserContext, location: str, entry: NavigationEntry) -> None:
    """Draw the control; what is in it is asked for when it is opened."""
    menu = st.popover("Views", icon=":material/bookmark:", key="views", on_change="rerun")
    if not menu.open:
        return
    with menu:
        api = context.api_at(location)
        try:
            if context.may_at(location, Right.VIEWS):
                _save(context, location, entry)
            views = api.get("/api/views")["views"]
        except RequestRefused as refusal:
            st.error("The views could not be read or saved.", icon=":material/error:")
            st.text(str(refusal))
            return
        for view in views:
            _draw(context, location, view, entry)
        if not views:
            st.text("There is none yet.")


def _save(context: UserContext, location: str, entry: NavigationEntry) -> None:
    name = st.text_input("Save this page, as it is now, under a name", max_chars=LONGEST, key="view_name").strip()
    shared = st.toggle("Everybody here sees it, with its name", key="view_shared")
    if st.button("Save", disabled=not name, key="view_save"):
        view = {"name": name, "page": entry.path, "parameters": _link(), "shared": shared}
        context.api_at(location).put("/api/views", view)
        st.toast("Saved")


def _draw(context: UserContext, location: str, view: dict[str, Any], current: NavigationEntry) -> None:
    entry = next((each for each in navigation.ENTRIES if each.path == view["page"]), None)
    if entry is None:
        return
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    whose = "" if view["own"] else f" · {view['owner'] or 'from before'}"
    seen = " · shared" if view["own"] and view["shared"] else whose
    label, says = _plain(view["name"]), f"{entry.title}{seen}"
    if entry.path == current.path:
        # Streamlit's own link to the page that is shown leaves the address as it is, which then says another thing.
        key = f"show_view_{view['id']}"
        row.button(label, key=key, type="tertiary", help=says, on_click=_show, args=(view["parameters"],))
    else:
        row.page_link(navigation.page(entry), label=label, query_params=view["parameters"], help=says)
    if view["removable"] and row.button("Remove", key=f"remove_view_{view['id']}", type="tertiary"):
        try:
            context.api_at(location).delete(f"/api/views/{view['id']}")
        except RequestRefused as refusal:
            st.error("Not removed.", icon=":material/error:")
            st.text(str(refusal))
        else:
            st.rerun()


def _show(parameters: dict[str, str | list[str]]) -> None:
    st.query_params.from_dict(parameters)


def _link() -> dict[str, str | list[str]]:
    """Return what the address says, which is all that a page shows."""
    link = {name: st.query_params.get_all(name) for name in st.query_params if name not in NOT_SAVED}
    return {name: values[0] if len(values) == 1 else values for name, values in link.items() if values}


def _plain(name: str) -> str:
    """Return a name as it stands, where Markdown is read: names are anybody's words."""
    return SPECIAL.sub(r"\\\1", name)
