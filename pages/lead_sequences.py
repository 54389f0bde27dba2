"""Lead sequences: does 3-7-30 run, and does it work?"""

from dataclasses import replace
from datetime import timedelta

import streamlit as st

from jorge_data.dashboard.lead_sequences import data, due_steps
from jorge_data.dashboard.lead_sequences.charts import CHARTS, FIRST_CHARTS, NO_INTAKE
from jorge_data.dashboard.lead_sequences.data import ACTIONS, CALL, CONTACT, DAYS, EVENT, FLOW
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import among, equals
from jorge_data.dashboard.ui import page_layout
from jorge_data.dashboard.ui.data_table import data_table
from jorge_data.dashboard.ui.filters import Filter
from jorge_data.dashboard.ui.metric_card import metric_card
from jorge_data.dashboard.ui.page_data import PageData, fetch_page_data
from jorge_data.dashboard.ui.rows import Columns
from jorge_data.dashboard.ui.states import part
from jorge_data.metrics.definitions.lead_sequences import FIGURES

LEADS = "contacts"
AHEAD = timedelta(days=7)
FAILED = (equals("success", "false"),)


def leads(query: PageQuery) -> None:
    agenda = query.series(due_steps.KIND, by=("state",), step="1d")
    page_data = fetch_page_data(
        query,
        compare=("due", "outcomes", "trend"),
        steps=query.series(EVENT),
        success=query.series(EVENT, "success", "share"),
        trend=query.series(EVENT, "success", "share", step=query.step),
        matrix=query.series(EVENT, "success", "share", by=("sequence_day", "action_type")),
        due=query.series(due_steps.KIND, by=("day", "state"), step="1d"),
        agenda=replace(agenda, end=query.end + AHEAD) if query.period else agenda,
        overdue=due_steps.overdue_request(query),
        taken=query.series(CONTACT),
        outcomes=query.series(CONTACT, by=("outcome",)),
        cohorts=query.series(CONTACT, by=("outcome",), step="1w"),
        flow=query.series(FLOW, by=("from", "to")),
        calls=query.series(EVENT, CALL, "p50"),
        call_bins=query.series(EVENT, CALL, "bins"),
        failures=query.series(EVENT, by=("failure_reason",), where=FAILED),
    )
    first(page_data, query)
    page_layout.first_charts(FIRST_CHARTS, page_data, query)
    with page_layout.details("success by step, the way from day to day, calls, why tries fail") as is_open:
        if is_open:
            tiles(page_data, query)
            page_layout.parts(CHARTS, page_data, query)


def first(page_data: PageData, query: PageQuery) -> None:
    promised = "promised steps"
    with page_layout.first_tiles():
        share = due_steps.figure_of(page_data, query, lambda promises: promises.kept)
        metric_card(FIGURES["kept"], share, query, good="up", of=promised)
        overdue = due_steps.overdue_now(page_data, query)
        metric_card(FIGURES["overdue"], overdue, replace(query, label="now"), good="down", of=promised)
        appointments, note = data.appointments(page_data, query), data.appointment_share(page_data)
        metric_card(FIGURES["outcome"], appointments, query, label="Appointments", good="up", of="contacts", note=note)


def tiles(page_data: PageData, query: PageQuery) -> None:
    promised = "promised steps"
    with page_layout.tiles():
        metric_card(FIGURES["steps"], page_data.figure("steps"), query, of="attempts")
        metric_card(FIGURES["success"], page_data.figure("success"), query, good="up", of="attempts")
        due = due_steps.figure_of(page_data, query, lambda promises: promises.due)
        metric_card(FIGURES["due"], due, query, of=promised)
        taken = page_data.figure("taken")
        metric_card(FIGURES["cohorts"], taken, query, label="Came in", good="up", of="contacts")
        metric_card(
            FIGURES["calls"], data.calls(page_data, query), query, label="Half of the calls are over within", of="calls"
        )


def below(query: PageQuery) -> None:
    with part("leads"):
        data_table(
            query.rows(LEADS, among("sequence_day", DAYS)),
            query,
            COLUMNS,
            key="leads",
            title="Leads in the sequence",
            what=f"heard of {query.during}, newest first",
            nothing=NO_INTAKE,
            shaped=data.in_words,
        )


COLUMNS: Columns = {
    "name": "Lead",
    "phone": "Phone",
    "sequence_day": st.column_config.NumberColumn("Day", format="day %d"),
    "sequence_due": st.column_config.DatetimeColumn("Next step due", format="D MMM"),
    "outcome": "Outcome",
    "waiting": st.column_config.CheckboxColumn("Waits for us"),
    "messages": st.column_config.NumberColumn("Messages"),
    "at": st.column_config.DatetimeColumn("Last event", format="D MMM HH:mm"),
}
page_layout.show(
    "sequences",
    leads,
    Filter("day", "Day", DAYS, {EVENT: "sequence_day", due_steps.KIND: "day", LEADS: "sequence_day"}),
    Filter("action", "Action", tuple(ACTIONS), {EVENT: "action_type"}),
    below=below,
)
