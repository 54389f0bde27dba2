"""The audit log, filtered and by pages, with files of it and the proof that nobody has changed it."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from jorge_data.dashboard.audit.words import (
    GROUPS,
    WORDS,
    contact_of,
    role_words,
    state_words,
    subject_words,
    who_words,
)
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.dashboard.query.page_query import Scope
from jorge_data.dashboard.ui import drill_down, export, states
from jorge_data.dashboard.ui.contact_names import contact_names
from jorge_data.dashboard.ui.controls import control_key
from jorge_data.dashboard.ui.filters import write_choice
from jorge_data.dashboard.ui.rows import read_rows
from jorge_data.events import parse_moment
from jorge_data.events.timestamps import micros, rfc3339
from jorge_data.metrics.formatting import number

SHOWN = 100
PAGES = "audit_pages"
NAMES = "audit_names"
FILES = (("CSV", "csv", "text/csv"), ("JSON lines", "ndjson", "application/x-ndjson"))
COLUMNS = ("when", "who", "did", "before", "after", "office", "from", "role")
WIDTHS = {"who": 165, "did": 380, "before": 150, "after": 200, "office": 90, "from": 110, "role": 80}

Wanted = dict[str, str]
"""The query of the entries that are asked for, by the names of the API."""


def audit_log(api: ApiClient, scope: Scope) -> None:
    """Draw the filters, the entries of the period that they leave, and the files; raise RequestRefused."""
    wanted = _filters(st.session_state.get(NAMES, [])) | _period(scope)
    question = {name: value for name, value in wanted.items() if name != "from"}  # that moves on with the clock
    question["office"] = scope.location
    before = _cursors(question)
    body = api.get("/api/audit", **wanted, limit=str(SHOWN), **({"before": before[-1]} if before else {}))
    if st.session_state.get(NAMES) != body["names"]:
        st.session_state[NAMES] = body["names"]
        st.rerun()
    entries = body["entries"]
    if not entries:
        states.empty("Nobody did anything like that in this period. Choose a longer one, or fewer filters.")
    else:
        here = (contact_of(each) for each in entries if each["location"] == scope.location)
        name = contact_names(scope.location, filter(None, here))
        rows = [_row(each, scope, name if each["location"] == scope.location else str) for each in entries]
        frame = pd.DataFrame(rows, columns=COLUMNS)
        when = st.column_config.DatetimeColumn(format="D MMM YYYY HH:mm:ss", width=150)
        widths = {name: st.column_config.TextColumn(width=width) for name, width in WIDTHS.items()}
        columns = {"when": when, **widths}
        # Another page is another table: the position chosen in one would be another entry in the next.
        index = read_rows(frame, columns, key=f"audit_{entries[0]['id']}", alt="Who did what, newest first")
        chosen = None if index is None else entries[index]
        contact = contact_of(chosen) if chosen and chosen["location"] == scope.location else None
        if contact and st.button("Open the contact", icon=":material/person:"):
            drill_down.open_contact(contact)
    with st.container(horizontal=True):
        if before:
            st.button("Newer", icon=":material/arrow_back:", on_click=_turn, args=(question, before[:-1]))
        if len(entries) == SHOWN:
            st.button(
                "Older",
                icon=":material/arrow_forward:",
                on_click=_turn,
                args=(question, [*before, str(entries[-1]["id"])]),
            )
    with st.container(horizontal=True, gap="small"):
        for label, ending, mime in FILES:
            export.download(label, _file(api, wanted | {"format": ending}), f"audit.{ending}", mime, f"audit_{ending}")


def verification(api: ApiClient) -> None:
    """Draw the check that no entry was changed, removed or put in; raise RequestRefused."""
    st.text("Nobody can change this log, an admin neither. Whoever changes its file is found out here.")
    if not st.button("Check that nothing was changed", icon=":material/verified_user:"):
        return
    found = api.get("/api/audit/verify")
    if found["fault"]:
        st.error("The audit log was changed behind the server's back.", icon=":material/error:")
        st.text(found["fault"])
    else:
        st.success(f"All {number(found['entries'])} entries are as they were written.", icon=":material/check:")
        st.text("Note this fingerprint of the newest one somewhere else; it holds for all before it:")
        st.code(f"{found['entries']} {found['head']}", language=None, wrap_lines=True)


def _filters(names: list[str]) -> Wanted:
    with st.container(border=True, key="audit_filters"), st.grid(3, min_column_width=200):
        who = _who(names)
        did = st.multiselect("What", list(GROUPS), placeholder="Everything", key="did", bind="query-params")
        text = st.text_input("Search", placeholder="A contact's id, an address …", key="find", bind="query-params")
    acts = ",".join(act for group in did for act in GROUPS[group])
    return {name: value for name, value in {"by": who, "act": acts, "q": text.strip()[:200]}.items() if value}


def _who(names: list[str]) -> str | None:
    """Draw the choice of a name and return it; the link has it, also before the names are known."""
    named = {who_words(name): name for name in names} | {name: name for name in names}
    who = named.get(st.query_params.get("who", ""))
    control = control_key("who", who)
    if who is not None:
        st.session_state.setdefault(control, who)  # no index: what has one cannot be cleared
    st.selectbox(
        "Who",
        names,
        index=None,
        format_func=who_words,
        placeholder="Everybody",
        key=control,
        on_change=write_choice,
        args=("who", control),
    )
    return who


def _period(scope: Scope) -> Wanted:
    end = {} if scope.rolling else {"to": rfc3339(micros(scope.end))}  # what is done now is in it
    return {"from": rfc3339(micros(scope.start))} | end


def _row(entry: dict[str, Any], scope: Scope, name: Callable[[str], str]) -> tuple[Any, ...]:
    return (
        parse_moment(entry["at"]).astimezone(scope.zone),
        who_words(entry["by"]),
        ": ".join(filter(None, (WORDS.get(entry["act"], entry["act"]), subject_words(entry, name)))),
        state_words(entry["before"], scope.zone),
        state_words(entry["after"], scope.zone),
        entry["location"],
        entry["address"],
        role_words(entry["role"], entry["session"]),
    )


def _file(api: ApiClient, wanted: Wanted) -> Callable[[], bytes]:
    return lambda: api.file("/api/audit/export", **wanted)


def _cursors(question: Wanted) -> list[str]:
    """Return the cursor of each page after the first, up to the one on screen; another question begins at its first."""
    paged, cursors = st.session_state.get(PAGES, (None, []))
    return list(cursors) if paged == question else []


def _turn(question: Wanted, cursors: list[str]) -> None:
    st.session_state[PAGES] = question, cursors
