"""The warning that somebody is guessing a password, for admins of every office; it goes by itself."""

from typing import Any

import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.metrics.formatting import number
from jorge_data.permissions import Right

FRESH_S = 5.0


def warnings(context: UserContext, location: str) -> None:
    """Draw who is guessed, how often and from where, to an admin of every office; the event server need not answer."""
    if not context.may_at(location, Right.AUDIT) or context.grant_at(location).location is not None:
        return
    api = context.api_at(location)
    found = context.client.aside(location, "warnings", lambda: api.get("/api/audit/warnings")["warnings"], FRESH_S)
    for position, warning in enumerate(found or ()):
        with st.container(key=f"guessing_{position}"):
            st.warning("Somebody tries one password after another. Each has to wait.", icon=":material/gpp_maybe:")
            st.text(sentence(warning))


def sentence(warning: dict[str, Any]) -> str:
    """Write a warning of `/api/audit/warnings` as a sentence."""
    tries = f"{number(warning['tries'])} wrong tries in {warning['minutes']} minutes"
    first, *others = warning["addresses"] or ["an address that is not known"]
    more = f" and {len(others)} other address{'es' if len(others) > 1 else ''}" if others else ""
    if warning["name"] is None:
        return f"Somebody tries to log in under names that are not known here: {tries} from {first}{more}."
    return f"Somebody is guessing the password of {warning['name']}: {tries} from {first}{more}."
