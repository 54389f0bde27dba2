"""The page list: its sections, addresses, periods and who may open which, and the links to it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from jorge_data.dashboard.query.period_link import carried_periods
from jorge_data.permissions import Person, may_see_page

PAGES = Path(__file__).parents[3] / "pages"
HOME = "command-center"
CARRIED = ("location", "compare", "refresh", "paused", "sound", "details")
"""What a link says beside the periods that is not about its page alone."""


class NavigationEntry(NamedTuple):
    """One page of the list."""

    section: str
    title: str
    path: str  # in the address, and as the wall's figures name it
    file: str
    period: str = ""  # the page's own, where nobody chose another; "" where no part of the page has one


ENTRIES = (
    NavigationEntry("", "Command Center", HOME, "command_center.py"),
    NavigationEntry("Bots", "Seller qualification", "qualification", "seller_qualification.py", "30 d"),
    NavigationEntry("Bots", "Lead sequences", "sequences", "lead_sequences.py", "30 d"),
    NavigationEntry("Bots", "ML confidence", "ml", "ml_confidence.py", "7 d"),
    NavigationEntry("Business", "Revenue", "revenue", "revenue.py", "This quarter"),
    NavigationEntry("Business", "Response", "response", "response.py", "30 d"),
    NavigationEntry("Business", "Conversations", "conversations", "conversations.py", "7 d"),
    NavigationEntry("Business", "Properties", "properties", "properties.py", "30 d"),
    NavigationEntry("Analyse", "Explore", "explore", "explore.py", "7 d"),
    NavigationEntry("Analyse", "System", "system", "system.py", "24 h"),
    NavigationEntry("Analyse", "Connect", "connect", "connect.py"),
    NavigationEntry("Analyse", "Audit log", "audit", "audit.py", "30 d"),
)
WITH_PERIOD = tuple(entry.path for entry in ENTRIES if entry.period)


def pages(role: Person) -> dict[str, Any]:
    """Return the pages that this role may open, by their path."""
    return {entry.path: page(entry) for entry in ENTRIES if may_see_page(role, entry.path)}


def page(entry: NavigationEntry) -> Any:
    """Return the entry as Streamlit's page."""
    return st.Page(PAGES / entry.file, title=entry.title, url_path=entry.path, default=entry.path == HOME)


def entry_at(path: str) -> NavigationEntry:
    """Return the entry of a page by its path in the address, where the first page has none."""
    return next(entry for entry in ENTRIES if entry.path == (path or HOME))


def carried(link: Mapping[str, str], today: date) -> dict[str, str]:
    """Return what a link says that goes along to every page: the office, the periods and how pages are refreshed."""
    return {name: link[name] for name in CARRIED if name in link} | carried_periods(link, WITH_PERIOD, today)


def sidebar(pages: dict[str, Any], path: str, today: date) -> None:
    """Draw the page list; st.navigation's own would drop what the link says.

    The link to the page that is open is the address as it stands.
    """
    link = st.query_params.to_dict()
    along = carried(link, today)
    with st.sidebar.container(key="navigation", gap=None):
        st.text("Jorge’s Command Center")
        for section, listed in sections(pages).items():
            if section:
                st.caption(section)
            for each in listed:
                st.page_link(each, query_params=link if each.url_path == path else along)


def sections(pages: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the pages under their headings, in order."""
    by_section: dict[str, list[Any]] = {}
    for entry in ENTRIES:
        if entry.path in pages:
            by_section.setdefault(entry.section, []).append(pages[entry.path])
    return by_section
