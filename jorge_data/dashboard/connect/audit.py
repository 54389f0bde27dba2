"""The audit log of the Connect page."""

from typing import Any

import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.errors import RequestRefused
from jorge_data.events import parse_moment

SHOWN = 100
WORDS = {
    "token.make": "made a token",
    "token.revoke": "revoked a token",
    "location.remove": "removed an office",
    "deliveries.retranslate": "had deliveries translated again",
    "rollups.rebuild": "had rollups rebuilt",
    "epoch.begin": "began a log anew for its readers",
    "store.restore": "restored a backup",
}


def audit(context: UserContext, location: str, zone: str) -> None:
    """Draw the newest SHOWN entries, newest first."""
    try:
        entries = context.api_at(location).get("/api/audit", limit=str(SHOWN))["entries"]
    except RequestRefused as refusal:
        st.error(f"The audit log could not be read: {refusal}")
        return
    if not entries:
        st.text("Nobody has made or revoked a token, or removed or rebuilt anything yet.")
        return
    config = {"when": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss", timezone=zone)}
    st.dataframe(
        [_row(each) for each in entries], hide_index=True, column_config=config, alt="Who did what, newest first"
    )
    if len(entries) == SHOWN:
        st.text(f"The newest {SHOWN}; GET /api/audit has all.")


def _row(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "when": parse_moment(entry["at"]),
        "who": entry["by"],
        "did": WORDS.get(entry["act"], entry["act"]),
        "what": entry["what"],
    }
