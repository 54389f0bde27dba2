"""Tokens, made and revoked by an admin; a new one is shown once only."""

import base64
import json
from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.dashboard.ui import confirmation
from jorge_data.dashboard.ui.rows import choose_row
from jorge_data.errors import RequestRefused
from jorge_data.events import parse_moment
from jorge_data.metrics.formatting import write_moment
from jorge_data.permissions import AskedRole, Right

LASTS = {"1 hour": 3600, "1 day": 86_400, "30 days": 30 * 86_400, "1 year": 366 * 86_400}
NEW = "new_token"
COMMAND = "TOKEN=$(.venv/bin/python -m jorge_data token --role publisher)"
SOON_S = 60
"""By so much a token may end sooner than was asked for, and nothing is said of it."""
MOMENT = "YYYY-MM-DD HH:mm"
MOMENTS = ("made", "expires")


def tokens(context: UserContext, location: str, zone: str) -> None:
    """Draw the section: a form, the token that was just made, and all that were made here."""
    st.text(
        "Whoever publishes needs a token; GoHighLevel, Retell and Redis need none. One is printed at the start, and in"
        " the event server's own shell:"
    )
    st.code(COMMAND, language="shell", wrap_lines=True)
    if not context.may_at(location, Right.TOKENS):
        st.text("An admin makes them here as well.")
        return
    api, grant = context.api_at(location), context.grant_at(location)
    _form(context, location, grant.location)
    if NEW in st.session_state:
        _show(st.session_state[NEW], zone)
    try:
        _list(api, api.get("/api/tokens", limit="200")["tokens"], zone)
    except RequestRefused as refusal:
        st.error(f"The tokens could not be listed: {refusal}")


def jti_of(text: str) -> str:
    """Return the id in a token, or the text itself where it is none; the signature is not verified."""
    text = text.strip()
    try:
        _, claims, _ = text.split(".")
        return str(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["jti"])
    except (ValueError, LookupError, TypeError):
        return text


def _form(context: UserContext, location: str, bound_to: str | None) -> None:
    with st.form("make_token", border=False):
        first, second = st.columns(2)
        request: dict[str, Any] = {
            "subject": first.text_input("Whose", value=context.user.name, max_chars=128, key="token_subject"),
            "role": second.selectbox("Role", get_args(AskedRole), key="token_role"),
            "location": first.text_input(
                "Office",
                bound_to or context.settings.location,
                max_chars=128,
                key="token_office",
                help="Empty: every office.",
            ),
        }
        lasts = second.selectbox("Lasts", list(LASTS), index=2, key="token_lasts")
        if not st.form_submit_button("Make a token", icon=":material/key:"):
            return
    request |= {"location": request["location"] or None, "ttl_s": LASTS[lasts]}
    try:
        made = context.api_to_make(location, LASTS[lasts]).post("/api/tokens", request)
        st.session_state[NEW] = made | {"lasts": lasts}
    except RequestRefused as refusal:
        st.error(f"Not made: {refusal}")


def _show(made: dict[str, Any], zone: str) -> None:
    with st.container(border=True):
        st.text("Paste this where your bot runs. It is kept nowhere: once it is closed, nobody can see it again.")
        st.text(_end(made, zone))
        st.code(f"export TOKEN={made['token']}", language="shell", wrap_lines=True)
        st.button("I have it", key="token_taken", on_click=st.session_state.pop, args=(NEW, None))


def _end(made: dict[str, Any], zone: str) -> str:
    """Return until when a token lasts, and why where that is less than was asked for."""
    began, end = parse_moment(made["issued_at"]), parse_moment(made["expires_at"])
    until = f"It lasts until {write_moment(end.astimezone(ZoneInfo(zone)), year=True)}"
    if (end - began).total_seconds() >= LASTS[made["lasts"]] - SOON_S:
        return f"{until}."
    return f"{until}, and not {made['lasts']}: it ends with the token by which it was made, this dashboard's own."


def _list(api: ApiClient, tokens: list[dict[str, Any]], zone: str) -> None:
    columns: dict[str, ColumnConfig | str] = {
        name: st.column_config.DatetimeColumn(format=MOMENT, timezone=zone) for name in MOMENTS
    }
    columns["id"] = "Token's id"  # an id is an event's elsewhere
    frame = pd.DataFrame([_row(each) for each in tokens])
    alt = "The tokens made here, newest first"
    index = choose_row(frame, columns, key="tokens_made", alt=alt) if tokens else None
    with st.container(horizontal=True):
        if (
            st.button("Revoke the selected one", disabled=index is None, help="Select a row first.", key="revoke")
            and index is not None
        ):
            confirmation.request_confirmation("revoke", tokens[index]["jti"])
        with st.popover("Revoke another"):
            text = st.text_input("Its id, or the token itself", type="password", key="revoke_other", max_chars=4096)
            if st.button("Revoke it", key="revoke_by_id") and text:
                confirmation.request_confirmation("revoke", jti_of(text))
    confirmation.confirm(
        "revoke",
        "Revoke this token?",
        lambda jti: f"Whoever uses {jti[:40]} is refused from now on, and live connections end. It cannot be undone.",
        "Revoke it",
        lambda jti: api.delete(f"/api/tokens/{quote(jti, safe='')}"),
    )


def _row(token: dict[str, Any]) -> dict[str, Any]:
    return {
        "whose": token["subject"] or "not known: made elsewhere",
        "role": token["role"],
        "office": token["location"] or ("every office" if token["role"] else None),
        "made": parse_moment(token["issued_at"]),
        "by": token["issued_by"],
        "expires": token["expires_at"] and parse_moment(token["expires_at"]),
        "state": _state(token, datetime.now(UTC)),
        "id": token["jti"],
    }


def _state(token: dict[str, Any], now: datetime) -> str:
    if token["revoked_at"]:
        return "revoked"
    return "expired" if parse_moment(token["expires_at"]) <= now else "good"
