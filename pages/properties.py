"""Properties: what was matched to whom, and how well?"""

from dataclasses import replace
from functools import partial

import streamlit as st

from jorge_data.live import matches, page
from jorge_data.live.ages import age_questions
from jorge_data.live.data_table import Columns
from jorge_data.live.figure import figure
from jorge_data.live.filters import Filter
from jorge_data.live.house import House
from jorge_data.live.listing import listing
from jorge_data.live.looks import part
from jorge_data.live.match_charts import CHARTS, NOTHING
from jorge_data.live.matches import ANSWERED, EVENT, MOST, RESPONSE, TYPES, WAITING
from jorge_data.live.query import Query
from jorge_data.live.question import equals
from jorge_data.live.told import Told, ask
from jorge_data.metrics.definitions.properties import FIGURES

DONE, OPEN = (equals("state", "answered"),), (equals("state", "waiting"),)
COLUMNS: Columns = {
    "time": st.column_config.DatetimeColumn("Alert", format="D MMM HH:mm"),
    "contact": "Contact",
    "alert_type": "Type",
    "match_score": st.column_config.ProgressColumn("Match", min_value=0, max_value=100, format="%d"),
    "home": "Property",
    "property_id": "Number",
    "why": "Why it matches",
}


def properties(query: Query) -> None:
    told = ask(
        query,
        compare=("states", ANSWERED, WAITING),
        alerts=query.series(EVENT),
        match=query.series(EVENT, "match_score", "mean"),
        types=query.series(EVENT, by=("alert_type",), step=query.step),
        scores=query.series(EVENT, by=("score_bin", "alert_type")),
        states=query.series(RESPONSE, by=("state",)),
        answered_after=query.series(RESPONSE, "duration_s", "bins", by=("alert_type",), where=DONE),
        **age_questions(WAITING, query, RESPONSE, "alert_type", OPEN),
        contacts=replace(query.series(EVENT, by=("contact_id",)), top=MOST),
        properties=replace(query.series(EVENT, by=("property_id",)), top=MOST),
    )
    tiles(told, query)
    page.parts(CHARTS, told, query)


def tiles(told: Told, query: Query) -> None:
    with page.tiles():
        figure(FIGURES["alerts"], told.figure("alerts"), query, of="alerts")
        figure(FIGURES["match"], told.figure("match"), query, good="up", of="alerts")
        share = told.figure("states", of=matches.answered_share)
        note = "" if share.refusal else matches.interval(told.frame("states"))
        figure(FIGURES["answered"], share, query, good="up", of="alerts", note=note)
        figure(FIGURES["answer_time"], matches.answer_time(told, query), query, good="down", of="alerts")


def below(query: Query) -> None:
    with part("alert_list"):
        listing(
            query.rows(EVENT),
            query,
            COLUMNS,
            key="alert_list",
            title="Alerts",
            what=f"property alerts, {query.label}, newest first; choose one to open the contact's timeline",
            nothing=NOTHING,
            shaped=partial(matches.rows, name=House.current().offices.get(query.location).name),
        )


page.show(
    "properties",
    properties,
    Filter("type", "Type", TYPES, {EVENT: "alert_type", RESPONSE: "alert_type"}),
    below=below,
)
