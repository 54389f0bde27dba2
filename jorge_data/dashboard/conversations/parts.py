"""The parts of one contact's page: a summary, the conversation, all events in order, and the changes in the CRM.

Text of contacts is drawn by `st.text` and tables alone, which read neither markup nor Markdown in it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import pandas as pd
import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.conversations import transcript
from jorge_data.dashboard.conversations.transcript import Mark, Side, TranscriptEvent, TranscriptMessage
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest, equals
from jorge_data.dashboard.ui import drill_down, export, page_layout, states, timeline
from jorge_data.dashboard.ui.rows import Columns
from jorge_data.dashboard.ui.timeline import Timeline
from jorge_data.errors import Unavailable
from jorge_data.events import Event
from jorge_data.events.timestamps import moment
from jorge_data.metrics.formatting import (
    NO_DATA,
    SIGNS,
    Unit,
    joined,
    line,
    number,
    plural,
    write,
    write_clock,
    write_moment,
    write_weekday,
)
from jorge_data.metrics.names import title_words, value_words

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
    "task": (":material/task_alt:", "orange"),
    "note": (":material/note:", "gray"),
    "opt-in": (":material/check_circle:", "green"),
    "after opt-out": (":material/report:", "red"),
}


def summary(contact: str, query: PageQuery) -> None:
    """Draw the contact's name and its current state; raise RequestRefused."""
    context = UserContext.current()
    table = context.client.table(TableRequest(query.location, "contacts", (equals("contact_id", contact),), limit=1))
    record: dict[str, Any] = next(table.records(), {})
    name = line(record.get("name") or contact)
    page_layout.heading("contact", name, joined(line(contact) if name != contact else "", _state(record)))
    if not record:
        return
    with page_layout.tiles():
        st.metric("Temperature", SIGNS.get(record["temperature"], NO_DATA))
        st.metric("Answered", NO_DATA if record["answered"] is None else f"{record['answered']} of 4")
        st.metric("Effectiveness", write(record["effectiveness"], Unit.SCORE))
        st.metric("Messages", f"{number(record['messages'])}")


def told(card: Mapping[str, Any], query: PageQuery) -> None:
    """Draw what the contact told us of each question, and what people of the office noted; nothing where there is none.

    Its parts are those of the card that the live wall paints at the head of the page.
    """
    if answers := card.get("told"):
        page_layout.heading(
            "told", f"What {card['name'].partition(' ')[0]} told us", "the newest answer of each question"
        )
        with st.container(key="told", gap=None):
            for each in answers:
                _pair(each["question"], each["answer"])
    if notes := card.get("notes"):
        page_layout.heading("notes", "Notes", "of the team, newest first")
        with st.container(key="notes", gap=None):
            for each in notes:
                at = moment(each["at_ms"] * 1000).astimezone(query.zone)
                _pair(write_moment(at), joined(line(each["by"]["name"]), each["note"]))


def _pair(label: str, text: str) -> None:
    name, value = st.columns((2, 5), gap="small")
    name.caption(label)
    value.text(text)


def read_timeline(contact: str, query: PageQuery) -> Timeline:
    """Return the contact's newest events; where the server does not answer, those last shown, with a warning.

    Raise RequestRefused where none were shown yet.
    """
    about = query.location, contact
    context = UserContext.current()
    shown = about, context.locations.get(query.location).generation  # noted first: who goes meanwhile is in it
    try:
        current = timeline.read(context.api_at(query.location), *about, pages_of(contact))
    except Unavailable as refusal:
        last: tuple[Any, Timeline] | None = st.session_state.get(SHOWN)
        if last is None or last[0] != shown:
            st.session_state.pop(SHOWN, None)
            raise
        st.warning(f"Stale: the events on this page are those last read. {refusal}", icon=":material/history:")
        return last[1]
    st.session_state[SHOWN] = shown, current
    return current


def conversation(history: Timeline, query: PageQuery) -> None:
    """Draw the newest turns as a chat, the newest last."""
    turns = transcript.turns(history.events)
    shown = turns[-TURNS:]
    older = f"; the newest {TURNS} of {number(len(turns))}" if len(turns) > TURNS else ""
    page_layout.heading("transcript", "Conversation", f"oldest first, with what happened between messages{older}")
    if not shown:
        states.empty("Nothing was said yet.")
    day = ""
    for position, turn in enumerate(shown):
        at = turn.at.astimezone(query.zone)
        if (today := f"{write_weekday(at)} {at.year}") != day:
            day = today
            st.caption(day, text_alignment="center")
        if isinstance(turn, TranscriptMessage):
            _message(turn, at, position)
        else:
            _event(turn, at, position)


def all_events(contact: str, history: Timeline, query: PageQuery) -> None:
    """Draw the events of all kinds, newest first."""
    location_state = UserContext.current().locations.get(query.location)
    n = len(history.events)
    what = f"{number(n)} {'event' if n == 1 else 'events'}, newest first; times in {query.zone.key}"
    page_layout.heading("timeline", "Timeline", what)
    if not n:
        states.empty("No event names this contact. It may belong to another office.")
        return
    rows = [timeline.entry(event, location_state.feed_line(event))._asdict() for event in history.events]
    frame = pd.DataFrame(rows)
    untold = [name for name in ("cost", "tokens", "script") if not frame[name].any()]
    _table(frame.drop(columns=untold), "timeline", query, history.events)
    if history.has_older:
        st.button("Older events", key="older", icon=":material/history:", on_click=_read_more, args=(contact,))


def changes(history: Timeline, query: PageQuery) -> None:
    """Draw what changed in the CRM, newest first."""
    listed = transcript.changes(history.events)
    rows = [{name: value for name, value in row.items() if name != "event"} for row in listed]
    page_layout.heading(
        "changes", "What changed in the CRM", f"{plural(len(rows), 'change')} of fields and tags, newest first"
    )
    if rows:
        _table(pd.DataFrame(rows), "changes", query, [row["event"] for row in listed])
    else:
        states.empty("The CRM has told of no change of this contact.")


def pages_of(contact: str) -> int:
    """Return how many pages of this contact's timeline the viewer has opened."""
    opened: tuple[str, int] = st.session_state.get(PAGES, ("", 1))
    return opened[1] if opened[0] == contact else 1


def _read_more(contact: str) -> None:
    st.session_state[PAGES] = contact, pages_of(contact) + 1


def _message(turn: TranscriptMessage, at: datetime, number: int) -> None:
    with st.container(key=f"said_{turn.side}_{number}"), st.chat_message(turn.side, avatar=AVATARS[turn.side]):
        st.text(turn.body)
        st.text(joined(turn.side, write_clock(at), turn.detail))


def _event(turn: TranscriptEvent, at: datetime, number: int) -> None:
    icon, colour = MARKS[turn.mark]
    with st.container(horizontal=True, gap="small", key=f"mark_{number}"):
        st.badge(turn.mark, icon=icon, color=colour)
        st.text(joined(write_clock(at), turn.text))


def _state(record: dict[str, Any]) -> str:
    if not record:
        return ""
    scores = [transcript.score_words(name, record[name]) for name in transcript.SCORES if record[name] is not None]
    return joined(
        "waits for an answer" if record["waiting"] else "",
        "stalled" if record["stalled"] else "",
        f"next: {line(record['next_step'])}" if record["next_step"] else "",
        *scores,
        f"sequence day {record['sequence_day']}, {value_words(record['outcome'])}" if record["outcome"] else "",
        plural(record["alerts"], "property alert") if record["alerts"] else "",
    )


def _table(frame: pd.DataFrame, key: str, query: PageQuery, events: Sequence[Event]) -> None:
    """Draw rows that each were told by one of these events; a row opens the event itself."""
    at = st.column_config.DatetimeColumn("When", format="D MMM YYYY HH:mm:ss", timezone=query.zone.key, width=150)
    titles: Columns = {str(name): title_words(str(name)) for name in frame}
    known: Columns = {"at": at, "cost": st.column_config.TextColumn("Cost", width=90)}
    columns = {name: known.get(name, title) for name, title in titles.items()}
    tokens = [_itself(event, query.location).token() for event in events]
    drill_down.rows_behind(frame, columns, tokens, key=f"contact_{key}", alt=f"{key}, newest first")
    export.buttons(key, f"contact_{key}", lambda: frame, columns=columns)


def _itself(event: Event, location: str) -> TableRequest:
    """Return the request for one event as it was told, by its moment: for that there is an index."""
    after = event.time + timedelta(microseconds=1)
    return TableRequest(location, event.type, (equals("id", event.id),), event.time, after)
