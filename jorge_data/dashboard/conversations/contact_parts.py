"""The parts of one contact's page: who it is, the conversation, everything in order, and what the CRM changed.

Text of contacts goes through `st.text` and tables alone: neither markup nor Markdown is read in it.
"""

from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.conversations import transcript
from jorge_data.dashboard.conversations.transcript import Mark, Side, TranscriptEvent, TranscriptMessage
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest, equals
from jorge_data.dashboard.ui import export, page_layout, states, timeline
from jorge_data.dashboard.ui.timeline import Timeline
from jorge_data.errors import Unavailable
from jorge_data.metrics.formatting import NO_DATA, SIGNS, joined, line

PAGES, SHOWN = "timeline_pages", "timeline_shown"
TURNS = 100
"""Turns of the conversation that are drawn: the newest."""

AVATARS: dict[Side, str] = {
    "contact": ":material/person:",
    "bot": ":material/smart_toy:",
    "agent": ":material/support_agent:",
}
Colour = Literal["red", "orange", "blue", "green", "violet", "gray"]
MARKS: dict[Mark, tuple[str, Colour]] = {
    "stall": (":material/pause_circle:", "orange"),
    "hand-off": (":material/swap_horiz:", "violet"),
    "call": (":material/call:", "blue"),
    "score": (":material/speed:", "gray"),
    "intent": (":material/psychology:", "gray"),
    "stage": (":material/flag:", "gray"),
    "appointment": (":material/event_available:", "green"),
    "opt-out": (":material/block:", "red"),
}


def who(contact: str, query: PageQuery) -> None:
    """Draw the contact's name and where it stands now; raise RequestRefused."""
    context = AppContext.current()
    table = context.client.table(TableRequest(query.location, "contacts", (equals("contact_id", contact),), limit=1))
    known: dict[str, Any] = dict(zip(table.columns, table.rows[0], strict=True)) if table.rows else {}
    name = line(known.get("name") or context.locations.get(query.location).contact_name(contact))
    page_layout.heading("contact", name, joined(line(contact) if name != contact else "", _standing(known)))
    if not known:
        return
    with page_layout.tiles():
        st.metric("Temperature", SIGNS.get(known["temperature"], NO_DATA))
        st.metric("Answered", NO_DATA if known["answered"] is None else f"{known['answered']} of 4")
        st.metric("Effectiveness", _score(known["effectiveness"]))
        st.metric("Messages", f"{known['messages']:,}")


def read(contact: str, query: PageQuery) -> Timeline:
    """Return the contact's newest events; where the server does not answer, those last shown, and say that they are.

    Raise RequestRefused where none were shown yet.
    """
    about = query.location, contact
    try:
        page_data = timeline.read(AppContext.current().api, *about, pages_of(contact))
    except Unavailable as refusal:
        last: tuple[tuple[str, str], Timeline] | None = st.session_state.get(SHOWN)
        if last is None or last[0] != about:
            raise
        st.warning(f"Stale: the events on this page are those last read. {refusal}", icon=":material/history:")
        return last[1]
    st.session_state[SHOWN] = about, page_data
    return page_data


def conversation(page_data: Timeline, query: PageQuery) -> None:
    """Draw the newest turns as a chat, the newest last."""
    found = transcript.turns(page_data.events)
    shown = found[-TURNS:]
    older = f"; the newest {TURNS} of {len(found):,}" if len(found) > TURNS else ""
    page_layout.heading("transcript", "Conversation", f"oldest first, with what happened between messages{older}")
    if not shown:
        states.empty("Nothing was said yet.")
    day = ""
    for number, turn in enumerate(shown):
        at = turn.at.astimezone(query.zone)
        if (today := f"{at:%a} {at.day} {at:%b %Y}") != day:
            day = today
            st.caption(day, text_alignment="center")
        if isinstance(turn, TranscriptMessage):
            _said(turn, at, number)
        else:
            _happened(turn, at, number)


def order(contact: str, page_data: Timeline, query: PageQuery) -> None:
    """Draw everything that happened, of all kinds, newest first."""
    location_state = AppContext.current().locations.get(query.location)
    n = len(page_data.events)
    what = f"{n:,} {'event' if n == 1 else 'events'}, newest first; times in {query.zone.key}"
    page_layout.heading("timeline", "Timeline", what)
    if not page_data.events:
        states.empty("No event names this contact. It may belong to another office.")
        return
    rows = [timeline.entry(event, location_state.feed_line(event))._asdict() for event in page_data.events]
    _table(pd.DataFrame(rows), "timeline", query.zone)
    if page_data.has_older:
        st.button("Older events", key="older", icon=":material/history:", on_click=_read_on, args=(contact,))


def changes(page_data: Timeline, query: PageQuery) -> None:
    """Draw what changed in the CRM, newest first."""
    rows = transcript.changes(page_data.events)
    page_layout.heading("changes", "What changed in the CRM", f"{len(rows):,} changes of fields and tags, newest first")
    if rows:
        _table(pd.DataFrame(rows), "changes", query.zone)
    else:
        states.empty("The CRM has told of no change of this contact.")


def pages_of(contact: str) -> int:
    """Return how many pages of this contact's timeline the viewer has asked for."""
    held: tuple[str, int] = st.session_state.get(PAGES, ("", 1))
    return held[1] if held[0] == contact else 1


def _read_on(contact: str) -> None:
    st.session_state[PAGES] = contact, pages_of(contact) + 1


def _said(turn: TranscriptMessage, at: datetime, number: int) -> None:
    with st.container(key=f"said_{turn.side}_{number}"), st.chat_message(turn.side, avatar=AVATARS[turn.side]):
        st.text(turn.body)
        st.text(joined(turn.side, f"{at:%H:%M}", turn.detail))


def _happened(turn: TranscriptEvent, at: datetime, number: int) -> None:
    icon, colour = MARKS[turn.mark]
    with st.container(horizontal=True, gap="small", key=f"mark_{number}"):
        st.badge(turn.mark, icon=icon, color=colour)
        st.text(joined(f"{at:%H:%M}", turn.text))


def _standing(known: dict[str, Any]) -> str:
    if not known:
        return ""
    scores = [
        f"{name[:3].upper()} {_score(known[name])}" for name in ("frs_score", "pcs_score") if known[name] is not None
    ]
    return joined(
        "waits for an answer" if known["waiting"] else "",
        "stalled" if known["stalled"] else "",
        f"next: {line(known['next_step'])}" if known["next_step"] else "",
        *scores,
        f"sequence day {known['sequence_day']}, {known['outcome'].replace('_', ' ')}" if known["outcome"] else "",
        f"{known['alerts']:,} property alerts" if known["alerts"] else "",
    )


def _score(value: float | None) -> str:
    return NO_DATA if value is None else f"{value:.0f}"


def _table(frame: pd.DataFrame, key: str, zone: ZoneInfo) -> None:
    at = st.column_config.DatetimeColumn(format="D MMM YYYY HH:mm:ss", timezone=zone.key, width=150)
    st.dataframe(frame, hide_index=True, column_config={"at": at}, alt=f"{key}, newest first")
    export.buttons(key, f"contact_{key}", lambda: frame)
