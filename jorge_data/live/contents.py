"""The page list: its sections, addresses and who may open which."""

from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from jorge_data.permissions import Person, may_see_page

PAGES = Path(__file__).parents[2] / "pages"
HOME = "command-center"


class Entry(NamedTuple):
    """One page of the list."""

    section: str
    title: str
    path: str  # in the address, and as the wall's figures name it
    file: str


ENTRIES = (
    Entry("", "Command Center", HOME, "command_center.py"),
    Entry("Bots", "Seller qualification", "qualification", "seller_qualification.py"),
    Entry("Bots", "Lead sequences", "sequences", "lead_sequences.py"),
    Entry("Bots", "ML confidence", "ml", "ml_confidence.py"),
    Entry("Business", "Revenue", "revenue", "revenue.py"),
    Entry("Business", "Conversations", "conversations", "conversations.py"),
    Entry("Business", "Properties", "properties", "properties.py"),
    Entry("Analyse", "Explore", "explore", "explore.py"),
    Entry("Analyse", "System", "system", "system.py"),
    Entry("Analyse", "Connect", "connect", "connect.py"),
)


def pages(role: Person) -> dict[str, Any]:
    """Return the pages that this role may open, by their path."""
    return {entry.path: page(entry) for entry in ENTRIES if may_see_page(role, entry.path)}


def page(entry: Entry) -> Any:
    """Return the entry as Streamlit's page."""
    return st.Page(PAGES / entry.file, title=entry.title, url_path=entry.path, default=entry.path == HOME)


def sections(pages: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the pages under their headings, in order."""
    found: dict[str, list[Any]] = {}
    for entry in ENTRIES:
        if entry.path in pages:
            found.setdefault(entry.section, []).append(pages[entry.path])
    return found
