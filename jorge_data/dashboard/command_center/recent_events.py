"""The last 1,000 events under the live wall: searched, filtered, exported; each row opens its contact.

What is searched is what is shown: the sentence of the wall's feed, and the contact. All of it is about the events of
the session's window and of no others, so the count, the rows and the files are of the same events.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, get_args
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.push.connection_status import shown_state
from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.dashboard.ui import drill_down, export, page_layout, states, timeline
from jorge_data.dashboard.ui.event_window import drop_window, fill_window
from jorge_data.dashboard.ui.filters import choose_values
from jorge_data.dashboard.ui.rows import Columns, choose_row, chosen_row
from jorge_data.dashboard.ui.shell import scope
from jorge_data.events import Event
from jorge_data.metrics.entities.event_subject import contact_of
from jorge_data.metrics.formatting import line, number, write_clock, write_day
from jorge_data.metrics.wall.event_sentences import BOT_LABELS
from jorge_data.metrics.wall.view import Group
from jorge_data.permissions import Caller, may_see_kind

OPEN, SEARCH, KINDS, SOURCES = "events", "events_search", "events_kind", "events_source"
KIND_OPTIONS = tuple(group.capitalize() for group in get_args(Group))
"""The chips of the wall's feed, in their order."""
CONTACTS = "contacts"
"""Whoever may not read this list is shown no contact here either."""
SEARCH_LABEL = "Search names and words"
COLUMNS: Columns = {
    "time": st.column_config.DatetimeColumn("Time", format="D MMM HH:mm:ss", width=115),
    "event": st.column_config.TextColumn("What happened", width=340),
    "contact": st.column_config.TextColumn("Contact", width=130),
    "detail": st.column_config.TextColumn("Detail", width=250),
    "kind": st.column_config.TextColumn("Kind", width=110),
    "source": st.column_config.TextColumn("Source", width=110),
}


class Row(NamedTuple):
    """One event as it is listed and exported, in the words of the feed."""

    time: datetime
    kind: str
    contact: str
    event: str
    detail: str
    source: str
    contact_id: str | None
    seq: int
    id: str


@dataclass(frozen=True)
class Criteria:
    """A search: all of the words in any order; one of the kinds and one of the sources, or any where none is given."""

    words: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()

    def matches(self, row: Row) -> bool:
        """Return whether a row matches: each word is in its sentence, its detail or its contact's name, in any case."""
        if (self.kinds and row.kind not in self.kinds) or (self.sources and row.source not in self.sources):
            return False
        text = " ".join((row.contact, row.contact_id or "", row.event, row.detail)).casefold()
        return all(word in text for word in self.words)


def recent_events() -> None:
    """Draw the list, closed until it is wanted; a wall screen has none."""
    page_scope, title, box = scope(), "Last 1,000 events: search and export", None
    if not page_scope.kiosk:
        box = st.expander(title, icon=":material/search:", key=OPEN, bind="query-params")
    if box is None or not box.open:
        drop_window(st.session_state)
        return
    with box:
        st.fragment(_list, run_every=None if page_scope.paused else page_scope.refresh_s, key="recent_events")()


def rows(events: Iterable[Event], location_state: LocationState, sees_contacts: bool) -> Iterator[Row]:
    """Yield each event as the wall words it; without contacts, steps and errors are left out too, for they name one."""
    for event in events:
        feed_line = location_state.feed_line(event)
        entry, contact = timeline.entry(event, feed_line), contact_of(event) if sees_contacts else None
        yield Row(
            event.time,
            feed_line["group"].capitalize(),
            line(location_state.contact_name(contact)) if contact else "",
            entry.what,
            entry.detail if sees_contacts else "",
            BOT_LABELS.get(event.source, event.source),
            contact,
            event.seq,
            event.id,
        )


def frame_of(listed: Iterable[Row], zone: ZoneInfo) -> pd.DataFrame:
    """Return rows as a table, their times in a zone."""
    frame = pd.DataFrame(listed, columns=Row._fields)
    return frame.assign(time=pd.to_datetime(frame["time"], utc=True).dt.tz_convert(zone))


def _list() -> None:
    context, page_scope = UserContext.current(), scope()
    location_state, rights = context.locations.get(page_scope.location), context.rights_at(page_scope.location)
    role = rights.role
    sees_contacts = may_see_kind(role, CONTACTS)
    criteria = _criteria(location_state, role)
    # Another search is another table: the position chosen in one would be another row in the next. So it is where a
    # contact had to be forgotten.
    table_key = f"events_rows_{hash((criteria, location_state.generation))}"
    # What is chosen is a position in the rows as they were listed, so nothing moves while a row is chosen.
    chosen = chosen_row(table_key)
    events = fill_window(st.session_state, location_state, rights, hold=chosen is not None).events
    if not events:
        _nothing_yet(location_state)
        return
    listed = zip(events, rows(events, location_state, sees_contacts), strict=True)
    matches = [(event, row) for event, row in listed if criteria.matches(row)]
    matching = [event for event, _ in matches]
    _heading(len(matching), events, page_scope.zone, sees_contacts)
    if not matching:
        states.empty("None of these events is like that. Search for less, or show more kinds and sources.")
        return
    shown = frame_of((row for _, row in matches), page_scope.zone)
    alt = f"The last events, newest first: {number(len(matching))} rows"
    index = choose_row(shown, COLUMNS, key=table_key, alt=alt, order=COLUMNS)

    # The file is made when a button is pressed: the rows would cost a session half a megabyte until then.
    def exported() -> pd.DataFrame:
        return frame_of(rows(matching, location_state, sees_contacts), page_scope.zone)

    export.buttons("last_events", "events", exported, parquet=True)
    if index is not None:
        drill_down.open_contact(contact_of(matching[index]) if sees_contacts else None)


def _heading(count: int, events: Sequence[Event], zone: ZoneInfo, opens: bool) -> None:
    first = events[-1].time.astimezone(zone)
    since = f"since {write_clock(first, seconds=True)} on {write_day(first)}"
    what = f"{number(count)} of the last {number(len(events))} events, {since}, newest first; times in {zone.key}"
    with st.container(key="heading_events", gap=None):
        st.text(what)
    if opens:
        page_layout.choosing("events", "Choose one to open its contact.")


def _criteria(location_state: LocationState, role: Caller) -> Criteria:
    """Draw the search and its filters and return them; the link has each of them."""
    sources = {
        BOT_LABELS.get(event.source, event.source)
        for event in location_state.recent()
        if may_see_kind(role, event.type)
    }
    # A source that was chosen stays an option when its last event has left the buffer.
    sources |= set(st.query_params.get_all(SOURCES))
    with st.container(horizontal=True, key="filters_events"):
        words = st.text_input(
            SEARCH_LABEL,
            key=SEARCH,
            type="search",
            live=True,
            bind="query-params",
            placeholder=SEARCH_LABEL,
            label_visibility="collapsed",
        )
        kinds = choose_values("Kind", KIND_OPTIONS, KINDS, "All kinds")
        chosen = choose_values("Source", sorted(sources), SOURCES, "All sources")
    return Criteria(tuple(sorted(set((words or "").casefold().split()))), frozenset(kinds), frozenset(chosen))


def _nothing_yet(location_state: LocationState) -> None:
    if shown_state(location_state.status) == "connecting":
        states.loading(120)
    else:
        states.empty("No event that you may see has come yet. The Connect page has a line to paste.")
