"""Lead sequences: does 3-7-30 run, and does it work?"""

from dataclasses import replace
from datetime import timedelta

import streamlit as st

from jorge_data.live import dues, page, sequences
from jorge_data.live.data_table import Columns
from jorge_data.live.figure import figure
from jorge_data.live.filters import Filter
from jorge_data.live.listing import listing
from jorge_data.live.looks import part
from jorge_data.live.query import Query
from jorge_data.live.question import among, equals
from jorge_data.live.sequence_charts import CHARTS, NO_INTAKE
from jorge_data.live.sequences import ACTIONS, CALL, CONTACT, DAYS, EVENT, FLOW
from jorge_data.live.told import Told, ask
from jorge_data.metrics.definitions.lead_sequences import FIGURES

AHEAD = timedelta(days=7)
FAILED = (equals("success", "false"),)


def leads(query: Query) -> None:
    agenda = query.series(dues.KIND, by=("state",), step="1d")
    told = ask(
        query,
        compare=("due", "outcomes", "trend"),
        steps=query.series(EVENT),
        success=query.series(EVENT, "success", "share"),
        trend=query.series(EVENT, "success", "share", step=query.step),
        matrix=query.series(EVENT, "success", "share", by=("sequence_day", "action_type")),
        due=query.series(dues.KIND, by=("day", "state"), step="1d"),
        agenda=replace(agenda, end=query.end + AHEAD) if query.period else agenda,
        taken=query.series(CONTACT),
        outcomes=query.series(CONTACT, by=("outcome",)),
        cohorts=query.series(CONTACT, by=("outcome",), step="1w"),
        flow=query.series(FLOW, by=("from", "to")),
        calls=query.series(EVENT, CALL, "p50"),
        call_bins=query.series(EVENT, CALL, "bins"),
        failures=query.series(EVENT, by=("failure_reason",), where=FAILED),
    )
    tiles(told, query)
    page.parts(CHARTS, told, query)


def tiles(told: Told, query: Query) -> None:
    promised = "promised steps"
    with page.tiles():
        figure(FIGURES["steps"], told.figure("steps"), query, of="attempts")
        figure(FIGURES["success"], told.figure("success"), query, good="up", of="attempts")
        figure(FIGURES["due"], dues.figure_of(told, query, lambda all_: all_.due), query, of=promised)
        figure(FIGURES["kept"], dues.figure_of(told, query, lambda all_: all_.kept), query, good="up", of=promised)
        overdue = dues.figure_of(told, query, lambda all_: all_.overdue, "overdue")
        figure(FIGURES["overdue"], overdue, query, good="down", of=promised)
        figure(FIGURES["cohorts"], told.figure("taken"), query, label="Contacts taken", good="up", of="contacts")
        appointments, share = sequences.appointments(told, query), sequences.appointment_share(told)
        figure(FIGURES["outcome"], appointments, query, label="Appointments", good="up", of="contacts", note=share)
        figure(FIGURES["calls"], sequences.calls(told, query), query, label="Call duration p50", of="calls")


def below(query: Query) -> None:
    with part("leads"):
        listing(
            query.rows("contacts", among("sequence_day", DAYS)),
            query,
            COLUMNS,
            key="leads",
            title="Leads in the sequence",
            what=f"heard of in the {query.label}, newest first; choose one to open the timeline",
            nothing=NO_INTAKE,
            shaped=sequences.in_words,
        )


COLUMNS: Columns = {
    "name": "Lead",
    "sequence_day": st.column_config.NumberColumn("Day", format="day %d"),
    "sequence_due": st.column_config.DatetimeColumn("Next step due", format="D MMM"),
    "outcome": "Outcome",
    "waiting": st.column_config.CheckboxColumn("Waits for us"),
    "messages": st.column_config.NumberColumn("Messages"),
    "at": st.column_config.DatetimeColumn("Last event", format="D MMM HH:mm"),
}
page.show(
    "sequences",
    leads,
    Filter("day", "Day", DAYS, {EVENT: "sequence_day", dues.KIND: "day"}),
    Filter("action", "Action", tuple(ACTIONS), {EVENT: "action_type"}),
    below=below,
)
