"""Conversations: what happened with this person?"""

from contextlib import nullcontext

import streamlit as st

from jorge_data.dashboard.conversations import data, parts
from jorge_data.dashboard.conversations.charts import CHARTS
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import among, equals
from jorge_data.dashboard.ui import contact_card, page_layout
from jorge_data.dashboard.ui.data_table import data_table
from jorge_data.dashboard.ui.filters import Filter
from jorge_data.dashboard.ui.metric_card import metric_card
from jorge_data.dashboard.ui.page_data import fetch_page_data
from jorge_data.dashboard.ui.rows import Columns
from jorge_data.dashboard.ui.states import part
from jorge_data.metrics.definitions.conversations import EVENT, FIGURES
from jorge_data.metrics.statistics.temperature_stock import TEMPERATURES

CHANGE, LIST, STATE = "contact_update", "contacts", "contact_state"
OUTCOMES = ("appointment", "opted_out", "replied", "finished", "in_progress")
MESSAGE = equals("kind", "message")
SENTIMENTS = ("positive", "neutral", "negative")


def conversations(query: PageQuery) -> None:
    page_data = fetch_page_data(
        query,
        compare=("sentiment",),
        contacts=query.rows(LIST, limit=1),
        waiting=query.rows(LIST, equals("waiting", "true"), limit=1),
        **data.active_questions(query),
        messages=query.series(EVENT, where=(MESSAGE,)),
        stalls=query.series(EVENT, where=(equals("kind", "stall_detected"),)),
        handoffs=query.series(EVENT, where=(equals("kind", "handoff"),)),
        changes=query.series(CHANGE),
        outcomes=query.series(STATE, by=("outcome",)),
        directions=query.series(EVENT, by=("direction",), where=(MESSAGE,), step=query.step),
        sentiment=query.series(EVENT, by=("sentiment",), where=(among("sentiment", SENTIMENTS),)),
    )
    with page_layout.first_tiles():
        metric_card(FIGURES["waiting"], page_data.total("waiting"), query, of="contacts")
        metric_card(FIGURES["contacts"], page_data.total("contacts"), query, of="contacts")
        metric_card(FIGURES["active"], data.active(page_data, query), query, of="turns")
    page_layout.first_charts(CHARTS, page_data, query)
    with page_layout.details("messages, stalls, handoffs, changes in the CRM, how contacts feel") as is_open:
        if is_open:
            with page_layout.tiles():
                for name in ("messages", "stalls", "handoffs", "changes"):
                    metric_card(FIGURES[name], page_data.figure(name), query, of=name)
                share = page_data.figure("sentiment", of=data.positive)
                metric_card(
                    FIGURES["sentiment"], share, query, label="In a good mood", good="up", of="turns with a mood"
                )


def contacts(query: PageQuery) -> None:
    with part("contacts"):
        data_table(
            query.rows(LIST),
            query,
            COLUMNS,
            key="contacts",
            title="Contacts",
            what=f"heard of {query.during}, newest first",
            nothing=FIGURES["contacts"].absent,
            opens="read the conversation",
        )


def one_contact(query: PageQuery) -> None:
    card = contact_card.current()
    with st.expander("Details") if card else nullcontext(), part("contact"):
        parts.summary(contact, query)
    with part("conversation"):
        history = parts.read_timeline(contact, query)
        with page_layout.columns():
            with st.container():
                parts.conversation(history, query)
            with st.container():
                parts.told(card, query)
                parts.all_events(contact, history, query)
                parts.changes(history, query)


def show_all() -> None:
    # A link to the page that is open would leave the contact in the address.
    st.query_params.pop("contact", None)


COLUMNS: Columns = {
    "name": "Contact",
    "phone": "Phone",
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
    st.button("All contacts", type="tertiary", icon=":material/arrow_back:", on_click=show_all)
    page_layout.show("contact", one_contact, says_period=False)
else:
    page_layout.show("conversations", conversations, *FILTERS, below=contacts)
