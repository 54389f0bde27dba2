"""Conversations: what happened with this person?"""

from functools import partial

import pandas as pd
import streamlit as st

from jorge_data import charts
from jorge_data.dashboard.conversations import active_conversations, contact_parts
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import among, equals
from jorge_data.dashboard.ui import navigation, page_layout
from jorge_data.dashboard.ui.chart_card import chart_card
from jorge_data.dashboard.ui.data_table import data_table
from jorge_data.dashboard.ui.filters import Filter
from jorge_data.dashboard.ui.metric_card import metric_card
from jorge_data.dashboard.ui.page_data import PageData, ask
from jorge_data.dashboard.ui.ranking import largest
from jorge_data.dashboard.ui.row_choice import Columns
from jorge_data.dashboard.ui.states import part
from jorge_data.metrics.definitions.conversations import EVENT, FIGURES
from jorge_data.metrics.statistics.temperature_stock import TEMPERATURES

CHANGE, LIST = "contact_update", "contacts"
OUTCOMES = ("appointment", "opted_out", "replied", "finished", "in_progress")
MESSAGE = equals("kind", "message")
SENTIMENTS = ("positive", "neutral", "negative")


def conversations(query: PageQuery) -> None:
    page_data = ask(
        query,
        compare=("sentiment",),
        contacts=query.rows(LIST, limit=1),
        waiting=query.rows(LIST, equals("waiting", "true"), limit=1),
        **active_conversations.questions(query),
        messages=query.series(EVENT, where=(MESSAGE,)),
        stalls=query.series(EVENT, where=(equals("kind", "stall_detected"),)),
        handoffs=query.series(EVENT, where=(equals("kind", "handoff"),)),
        changes=query.series(CHANGE),
        ways=query.series(EVENT, by=("direction",), where=(MESSAGE,), step=query.step),
        sentiment=query.series(EVENT, by=("sentiment",), where=(among("sentiment", SENTIMENTS),)),
    )
    with page_layout.tiles():
        for name in ("contacts", "waiting"):
            metric_card(FIGURES[name], page_data.total(name), query, of="contacts")
        metric_card(FIGURES["active"], active_conversations.active(page_data, query), query)
        for name in ("messages", "stalls", "handoffs", "changes"):
            metric_card(FIGURES[name], page_data.figure(name), query)
        share = page_data.figure("sentiment", of=positive)
        metric_card(FIGURES["sentiment"], share, query, label="Positive sentiment", good="up")
    page_layout.parts((messages, sentiment), page_data, query)


def positive(frame: pd.DataFrame) -> float | None:
    total = frame["value"].sum()
    return float(frame.loc[frame["sentiment"] == "positive", "value"].sum() / total) if total else None


def messages(page_data: PageData, query: PageQuery) -> None:
    what = f"messages by direction, by {query.each}, {query.label}, n = {page_data.series('ways').n:,}"
    build = partial(charts.bars, split="direction", order=("inbound", "outbound"))
    chart_card(page_data.frame("ways"), build, key="ways", finding="Messages", what=what)


def sentiment(page_data: PageData, query: PageQuery) -> None:
    what = f"events that carry a sentiment, and share, {query.label}, n = {page_data.series('sentiment').n:,}"
    build = partial(charts.ranking, label="sentiment")
    frame, nothing = largest(page_data.frame("sentiment")), FIGURES["sentiment"].absent
    chart_card(frame, build, key="sentiment", finding="How contacts feel", what=what, nothing=nothing)


def contacts(query: PageQuery) -> None:
    with part("contacts"):
        data_table(
            query.rows(LIST),
            query,
            COLUMNS,
            key="contacts",
            title="Contacts",
            what=f"heard of in the {query.label}, newest first; choose one to read the conversation",
            nothing=FIGURES["contacts"].absent,
        )


def one(query: PageQuery) -> None:
    with part("contact"):
        contact_parts.who(contact, query)
    with part("conversation"):
        page_data = contact_parts.read(contact, query)
        with page_layout.columns():
            with st.container():
                contact_parts.conversation(page_data, query)
            with st.container():
                contact_parts.order(contact, page_data, query)
                contact_parts.changes(page_data, query)


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
    entry = next(entry for entry in navigation.ENTRIES if entry.path == "conversations")
    st.page_link(navigation.page(entry), label="All contacts", icon=":material/arrow_back:")
    page_layout.show("contact", one)
else:
    page_layout.show("conversations", conversations, *FILTERS, below=contacts)
