"""The drawer with the rows behind a figure or a mark; the link names them, so that it can be shared."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest, among
from jorge_data.dashboard.query.responses import TableResponse
from jorge_data.dashboard.query.whole_table import whole_table
from jorge_data.dashboard.ui import export, states
from jorge_data.dashboard.ui.cell_words import Writers, readable
from jorge_data.dashboard.ui.contact_names import AT_ONCE, contact_details, people_named
from jorge_data.dashboard.ui.rows import MOMENTS, Columns, as_values, choose_row, value_columns
from jorge_data.errors import RequestRefused
from jorge_data.metrics.formatting import line, number, write_moment
from jorge_data.metrics.names import rows_words
from jorge_data.permissions import Person, may_see_field, may_see_kind, visible_fields

PARAMETER = "drill"
OPEN_REQUESTED = "drill_asked"
CLOSED = "drill_closed"
CONTACT_REQUESTED = "contact_wanted"
ITSELF = frozenset({"id", "deal_id"})
"""Fields by which a link names one row itself: the row says who it is, and an id says nothing to anybody."""

PAGE = 200
FETCHED = 5000
"""Most rows that are read to learn whose the listed ones are."""
CONTACTS = ("contact_id", "subject", "entity")
"""Columns that may name the contact of a row, the surest first."""


class ContactSource(NamedTuple):
    """The kind whose rows name the contact of another kind's entity."""

    kind: str
    equal: dict[str, str]
    """Which of its fields are equal to which columns, the entity first; an empty one, the unknown source of an old
    label, is equal to any."""

    names: tuple[str, ...] = ("contact_id", "subject")
    """Its columns that name the contact."""


CONTACT_SOURCES = {
    "deal_state": ContactSource("deals", {"deal_id": "entity"}, ("contact_id",)),
    "deal_stage": ContactSource("deals", {"deal_id": "entity"}, ("contact_id",)),
    **dict.fromkeys(
        ("conversation_edge", "bot_answer"), ContactSource("conversation_event", {"conversation_id": "entity"})
    ),
    "intent_label": ContactSource("intent_analysis_complete", {"id": "entity", "source": "analysis_source"}),
}
"""Kinds whose entity is something else than a contact."""
NOT_CONTACTS = frozenset({"component_time", "component_newest", *CONTACT_SOURCES})
"""Kinds whose entities are no contacts."""


def open_rows(token: str) -> None:
    """Open the drawer with these rows; a callback of buttons and marks."""
    st.query_params[PARAMETER] = token
    st.session_state[OPEN_REQUESTED] = True


def rows_behind(
    frame: pd.DataFrame,
    columns: Columns,
    tokens: Sequence[str | None],
    *,
    key: str,
    alt: str,
    printed: bool = True,
    writers: Writers | None = None,
) -> None:
    """Draw a table whose rows each open the drawer with what they are made of; without tokens, none does."""
    index = choose_row(frame, columns, key=f"{key}_{generation()}", alt=alt, printed=printed, writers=writers)
    if index is not None and tokens and (token := tokens[index]) and not is_open():
        open_rows(token)
        st.rerun()  # only the whole page draws the drawer


def take_open_request() -> bool:
    """Return whether a part of the page requested the drawer, and clear that request; only the whole page draws it."""
    return bool(st.session_state.pop(OPEN_REQUESTED, False))


def is_open() -> bool:
    return PARAMETER in st.query_params


def generation() -> int:
    """Return how often the drawer was closed: charts get new keys then, so that the same mark can be clicked again."""
    return int(st.session_state.get(CLOSED, 0))


def drawer(query: PageQuery) -> None:
    """Draw the drawer where the link names rows."""
    if is_open():
        st.dialog("What this is made of", width="large", position="right", on_dismiss=_close)(_contents)(query)


def _close() -> None:
    st.query_params.pop(PARAMETER, None)
    st.session_state[CLOSED] = generation() + 1


def _contents(query: PageQuery) -> None:
    try:
        link = TableRequest.read(st.query_params.get(PARAMETER, ""), query.location)
        context = UserContext.current()
        rows = visible_rows(replace(link, limit=PAGE), context.grant_at(query.location).role)
        if rows is None:
            states.empty("Your role may not open these rows.")
            return
        with st.spinner("Reading …"):
            table = context.client.table(rows)
        _draw(rows, table, query)
    except RequestRefused as refusal:
        states.failed(refusal)


def visible_rows(rows: TableRequest, role: Person) -> TableRequest | None:
    """Return the request for what a role may see of rows; None where these rows or a field of `where` are hidden."""
    fields = [condition.partition(":")[0] for condition in rows.where]
    if not may_see_kind(role, rows.kind) or not all(may_see_field(role, rows.kind, field) for field in fields):
        return None
    limited = visible_fields(role)
    if limited is None or rows.kind not in limited.by_kind:
        return rows
    default = ("id", "time", "source", *sorted(limited.by_kind[rows.kind]))
    columns = tuple(column for column in rows.columns if may_see_field(role, rows.kind, column))
    return replace(rows, columns=columns or default)


def _draw(rows: TableRequest, table: TableResponse, query: PageQuery) -> None:
    sentence = _words(rows, table.total, query)
    st.text(sentence)
    if table.next:
        st.text(f"The first {number(len(table.rows))} are listed; the file has all.")
    if table.stale:
        states.stale(table.stale)
    if table.left_out:
        states.incomplete(table.left_out)
    if not table.rows:
        states.empty()
        return
    frame = table.frame
    contacts = contacts_of_rows(rows, frame.to_dict("records"))
    shown = _named(people_named(as_values(frame, query.zone), rows.location), contacts, query)
    index = choose_row(
        shown,
        value_columns(shown),
        key=f"drill_rows_{generation()}",
        alt=sentence,
        order=_order(readable(shown.columns)),
        printed=False,  # paper has the page, not the drawer over it
    )
    client = UserContext.current().client  # a file is made when it is asked for, which is outside of any script
    export.buttons(rows.kind, "drill", lambda: whole_table(client, rows).frame, columns=value_columns(shown))
    if index is not None:
        open_contact(contacts[index])


def contacts_of_rows(rows: TableRequest, listed: Sequence[dict[Any, Any]]) -> list[str | None]:
    """Return the contact of each row, None where none is known; fetch those of deals, conversations and analyses.

    Of conversations the newest FETCHED events of the rows' span are read: whose are all older is not known.
    """
    if rows.kind not in CONTACT_SOURCES:
        return [contact_of(rows.kind, row) for row in listed]
    kind, equal, names = CONTACT_SOURCES[rows.kind]
    field, *further = equal
    entities = sorted({name for row in listed if (name := row.get("entity", "")) and "," not in name})
    start = rows.start if CONTACT_SOURCES[rows.kind].kind == "conversation_event" else None
    context = UserContext.current()
    client, role = context.client, context.grant_at(rows.location).role
    found: dict[tuple[str, ...], str | None] = {}
    for first in range(0, len(entities), AT_ONCE):
        where = (among(field, entities[first : first + AT_ONCE]),)
        request = visible_rows(TableRequest(rows.location, kind, where, start, columns=(*equal, *names)), role)
        if request is None:
            break
        try:
            fetched = whole_table(client, request, FETCHED)
        except RequestRefused:  # the rows are listed without the names
            break
        for record in fetched.frame.to_dict("records"):
            contact, sources = contact_of(kind, record), tuple(record[name] for name in further)
            for key in ((record[field], *sources), (record[field], *("" for _ in sources))):
                found.setdefault(key, contact)
    return [found.get(tuple(row.get(column, "") for column in equal.values())) for row in listed]


def _named(frame: pd.DataFrame, contacts: Sequence[str | None], query: PageQuery) -> pd.DataFrame:
    """Put the contact's name and phone into each row, or its id where the name is unknown."""
    details = contact_details(query.location, filter(None, contacts))
    known = [details(contact) if contact else ("", "") for contact in contacts]
    named = frame.assign(contact=[name for name, _ in known])
    # An event of a call has a phone of its own, which may be another.
    if "phone" in named or not any(phone for _, phone in known):
        return named
    return named.assign(phone=[phone for _, phone in known])


def _order(columns: list[str]) -> list[str]:
    """Return the columns in the order of the drawer: times and names first, ids last."""
    first = [name for name in (*MOMENTS, "contact", "name", "phone") if name in columns]
    last = [name for name in ("source", "analysis_source", "subject", "contact_id", "entity", "id") if name in columns]
    return [*first, *(name for name in columns if name not in first and name not in last), *last]


def contact_of(kind: str, row: dict[Any, Any]) -> str | None:
    """Return the contact that a row is about; None where it names none."""
    for column in CONTACTS:
        contact = row.get(column)
        if isinstance(contact, str) and contact and not (column == "entity" and kind in NOT_CONTACTS):
            return contact
    return None


def open_contact(contact: str | None) -> None:
    """Open a contact's timeline; say so where the row is about no contact."""
    if contact is None:
        st.text("This row names no contact: there is no timeline to open.")
        return
    st.session_state[CONTACT_REQUESTED] = contact
    st.rerun()  # a part of a page would lose the link's office and range: only the whole page passes them on


def take_requested_contact() -> str | None:
    """Return the contact whose timeline a part of the page requested, else None, and clear that request."""
    contact = st.session_state.pop(CONTACT_REQUESTED, None)
    return None if contact is None else str(contact)


def _words(rows: TableRequest, total: int, query: PageQuery) -> str:
    """Return what is listed as a sentence: how many of what, which, and of which time."""
    first, last = (at and write_moment(at.astimezone(query.zone), year=True) for at in (rows.start, rows.end))
    if first and last:
        span = first if first == last else f"{first} to {last}"
    else:
        span = f"since {first}" if first else f"until {last}" if last else ""
    named = f", named {line(rows.q)}" if rows.q else ""
    where = [condition for condition in rows.where if condition.partition(":")[0] not in ITSELF]
    return f"{rows_words(rows.kind, where, total)}{named}{f', {span}' if span else ''}"
