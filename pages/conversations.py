"""Conversations: what happened with this person?"""

from functools import partial

import pandas as pd
import streamlit as st

from jorge_data import charts
from jorge_data.live import contact_parts, contents, overlaps, page
from jorge_data.live.chart import chart
from jorge_data.live.data_table import Columns
from jorge_data.live.figure import figure
from jorge_data.live.filters import Filter
from jorge_data.live.listing import listing
from jorge_data.live.looks import part
from jorge_data.live.query import Query
from jorge_data.live.question import among, equals
from jorge_data.live.ranked import ranked
from jorge_data.live.told import Told, ask
from jorge_data.metrics.analysis.stock import TEMPERATURES
from jorge_data.metrics.definitions.conversations import EVENT, FIGURES

CHANGE, LIST = "contact_update", "contacts"
OUTCOMES = ("appointment", "opted_out", "replied", "finished", "in_progress")
MESSAGE = equals("kind", "message")
SENTIMENTS = ("positive", "neutral", "negative")


def conversations(query: Query) -> None:
    told = ask(
        query,
        compare=("sentiment",),
        contacts=query.rows(LIST, limit=1),
        waiting=query.rows(LIST, equals("waiting", "true"), limit=1),
        **overlaps.questions(query),
        messages=query.series(EVENT, where=(MESSAGE,)),
        stalls=query.series(EVENT, where=(equals("kind", "stall_detected"),)),
        handoffs=query.series(EVENT, where=(equals("kind", "handoff"),)),
        changes=query.series(CHANGE),
        ways=query.series(EVENT, by=("direction",), where=(MESSAGE,), step=query.step),
        sentiment=query.series(EVENT, by=("sentiment",), where=(among("sentiment", SENTIMENTS),)),
    )
    with page.tiles():
        for name in ("contacts", "waiting"):
            figure(FIGURES[name], told.total(name), query, of="contacts")
        figure(FIGURES["active"], overlaps.active(told, query), query)
        for name in ("messages", "stalls", "handoffs", "changes"):
            figure(FIGURES[name], told.figure(name), query)
        share = told.figure("sentiment", of=positive)
        figure(FIGURES["sentiment"], share, query, label="Positive sentiment", good="up")
    page.parts((messages, sentiment), told, query)


def positive(frame: pd.DataFrame) -> float | None:
    total = frame["value"].sum()
    return float(frame.loc[frame["sentiment"] == "positive", "value"].sum() / total) if total else None


def messages(told: Told, query: Query) -> None:
    what = f"messages by direction, by {query.each}, {query.label}, n = {told.series('ways').n:,}"
    build = partial(charts.bars, split="direction", order=("inbound", "outbound"))
    chart(told.frame("ways"), build, key="ways", finding="Messages", what=what)


def sentiment(told: Told, query: Query) -> None:
    what = f"events that carry a sentiment, and share, {query.label}, n = {told.series('sentiment').n:,}"
    build = partial(charts.ranking, label="sentiment")
    frame, nothing = ranked(told.frame("sentiment")), FIGURES["sentiment"].absent
    chart(frame, build, key="sentiment", finding="How contacts feel", what=what, nothing=nothing)


def contacts(query: Query) -> None:
    with part("contacts"):
        listing(
            query.rows(LIST),
            query,
            COLUMNS,
            key="contacts",
            title="Contacts",
            what=f"heard of in the {query.label}, newest first; choose one to read the conversation",
            nothing=FIGURES["contacts"].absent,
        )


def one(query: Query) -> None:
    with part("contact"):
        contact_parts.who(contact, query)
    with part("conversation"):
        told = contact_parts.read(contact, query)
        with page.columns():
            with st.container():
                contact_parts.conversation(told, query)
            with st.container():
                contact_parts.order(contact, told, query)
                contact_parts.changes(told, query)


COLUMNS: Columns = {
    "name": "Contact",
    "at": st.column_config.DatetimeColumn("Last event", format="D MMM HH:mm"),
    "waiting": st.column_config.CheckboxColumn("Waits for us"),
    "messages": st.column_config.NumberColumn("Messages", format="%d"),
    "temperature": "Temperature",
    "answered": st.column_config.ProgressColumn("Answered", min_value=0, max_value=4, format="%d of 4"),
    "stalled": st.column_config.CheckboxColumn("Stalled"),
    "next_step": "Next step",
    "sequence_day": st.column_config.NumberColumn("Day", format="%d"),
    "outcome": "Outcome",
    "alerts": st.column_config.NumberColumn("Alerts", format="%d"),
}
FILTERS = (
    Filter("temperature", "Temperature", TEMPERATURES, {LIST: "temperature"}),
    Filter("outcome", "Outcome", OUTCOMES, {LIST: "outcome"}),
    Filter("waiting", "Waits for us", ("true", "false"), {LIST: "waiting"}),
    Filter("stalled", "Stalled", ("true", "false"), {LIST: "stalled"}),
)
contact = st.query_params.get("contact", "")
if contact:
    entry = next(entry for entry in contents.ENTRIES if entry.path == "conversations")
    st.page_link(contents.page(entry), label="All contacts", icon=":material/arrow_back:")
    page.show("contact", one)
else:
    page.show("conversations", conversations, *FILTERS, below=contacts)
