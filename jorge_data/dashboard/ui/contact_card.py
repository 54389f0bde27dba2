"""The card of the contact whose page is open: read once a run; the live wall paints it, the page tells the rest."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.errors import RequestRefused, Unavailable

CARD = "contact_card"
PAGE, PARAMETER = "conversations", "contact"


def contact_of(path: str, link: Mapping[str, str]) -> str:
    """Return the contact whose page the address names, "" where it is another page."""
    return link.get(PARAMETER, "") if path == PAGE else ""


def read(context: UserContext, location: str, contact: str) -> dict[str, Any] | None:
    """Read the contact's card for this run; where the server does not answer, it is the one last shown.

    None where there is none to see: the page says why.
    """
    # The generation is noted first: who is erased meanwhile is of an older one, and the card is not kept.
    about = location, contact, context.locations.get(location).generation
    last: tuple[Any, dict[str, Any] | None] | None = st.session_state.get(CARD)
    card: dict[str, Any] | None = None
    if contact:
        try:
            card = context.api_at(location).get(f"/api/contacts/{quote(contact, safe='')}/card", location=location)
        except Unavailable:
            card = last[1] if last is not None and last[0] == about else None
        except RequestRefused:
            card = None
    st.session_state[CARD] = about, card
    return card


def current() -> Mapping[str, Any]:
    """Return the card that was read in this run, empty where there was none."""
    _, card = st.session_state.get(CARD) or (None, None)
    return card or {}
