"""The warning that somebody is guessing a password, for admins of every office; it goes by itself."""

from typing import Any

import streamlit as st

from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.errors import RequestRefused


def warnings(api: ApiClient) -> None:
    """Draw who is guessed, how often and from where; nothing where nobody is, or the event server does not say."""
    try:
        found = api.get("/api/audit/warnings")["warnings"]
    except RequestRefused:  # the page says in its own parts what is the matter
        return
    for warning in found:
        with st.container(key=f"guessing_{found.index(warning)}"):
            st.warning("A password is being guessed. Each further try has to wait.", icon=":material/gpp_maybe:")
            st.text(sentence(warning))


def sentence(warning: dict[str, Any]) -> str:
    """Write a warning of `/api/audit/warnings` as a sentence."""
    tries = f"{warning['tries']:,} wrong tries in {warning['minutes']} minutes"
    first, *others = warning["addresses"] or ["an address that is not known"]
    more = f" and {len(others)} other address{'es' if len(others) > 1 else ''}" if others else ""
    if warning["name"] is None:
        return f"Somebody tries to log in under names that are not known here: {tries} from {first}{more}."
    return f"Somebody is guessing the password of {warning['name']}: {tries} from {first}{more}."
