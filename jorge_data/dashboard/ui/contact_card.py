"""The card of the contact whose page is open: read once a run; the live wall paints it, the page tells the rest."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.errors import RequestRefused

CARD = "contact_card"
PAGE, PARAMETER = "conversations", "contact"


def contact_of(path: str, link: Mapping[str, str]) -> str:
    """Return the contact whose page the address names, "" where it is another page."""
    return link.get(PARAMETER, "") if path == PAGE else ""


def read(context: UserContext, location: str, contact: str) -> dict[str, Any] | None:
    """Read the contact's card for this run; None where there is none to see: the page says why."""
    card: dict[str, Any] | None = None
    if contact:
        try:
            card = context.api_at(location).get(f"/api/contacts/{quote(contact, safe='')}/card", location=location)
        except RequestRefused:
            card = None
    st.session_state[CARD] = card
    return card


def current() -> Mapping[str, Any]:
    """Return the card that was read in this run, empty where there was none."""
    return st.session_state.get(CARD) or {}
