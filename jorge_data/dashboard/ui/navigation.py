"""The page list: its sections, addresses and who may open which."""

from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from jorge_data.permissions import Person, may_see_page

PAGES = Path(__file__).parents[3] / "pages"
HOME = "command-center"


class NavigationEntry(NamedTuple):
    """One page of the list."""

    section: str
    title: str
    path: str  # in the address, and as the wall's figures name it
    file: str


ENTRIES = (
    NavigationEntry("", "Command Center", HOME, "command_center.py"),
    NavigationEntry("Bots", "Seller qualification", "qualification", "seller_qualification.py"),
    NavigationEntry("Bots", "Lead sequences", "sequences", "lead_sequences.py"),
    NavigationEntry("Bots", "ML confidence", "ml", "ml_confidence.py"),
    NavigationEntry("Business", "Revenue", "revenue", "revenue.py"),
    NavigationEntry("Business", "Conversations", "conversations", "conversations.py"),
    NavigationEntry("Business", "Properties", "properties", "properties.py"),
    NavigationEntry("Analyse", "Explore", "explore", "explore.py"),
    NavigationEntry("Analyse", "System", "system", "system.py"),
    NavigationEntry("Analyse", "Connect", "connect", "connect.py"),
)


def pages(role: Person) -> dict[str, Any]:
    """Return the pages that this role may open, by their path."""
    return {entry.path: page(entry) for entry in ENTRIES if may_see_page(role, entry.path)}


def page(entry: NavigationEntry) -> Any:
    """Return the entry as Streamlit's page."""
    return st.Page(PAGES / entry.file, title=entry.title, url_path=entry.path, default=entry.path == HOME)


def sections(pages: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the pages under their headings, in order."""
    by_section: dict[str, list[Any]] = {}
    for entry in ENTRIES:
        if entry.path in pages:
            by_section.setdefault(entry.section, []).append(pages[entry.path])
    return by_section
