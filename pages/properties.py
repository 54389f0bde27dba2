"""Properties: what was matched to whom, and how well?"""

from dataclasses import replace
from functools import partial

import streamlit as st

from jorge_data.dashboard.properties import data
from jorge_data.dashboard.properties.charts import CHARTS, FIRST_CHARTS, NOTHING
from jorge_data.dashboard.properties.data import ANSWERED, EVENT, MOST, RESPONSE, TYPES, WAITING
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import equals
from jorge_data.dashboard.ui import page_layout
from jorge_data.dashboard.ui.contact_names import contact_names
from jorge_data.dashboard.ui.data_table import data_table
from jorge_data.dashboard.ui.filters import Filter
from jorge_data.dashboard.ui.metric_card import metric_card
from jorge_data.dashboard.ui.page_data import PageData, fetch_page_data
from jorge_data.dashboard.ui.rows import Columns
from jorge_data.dashboard.ui.states import part
from jorge_data.dashboard.ui.time_in_stage import age_requests
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


def properties(query: PageQuery) -> None:
    page_data = fetch_page_data(
        query,
        compare=("states", ANSWERED, WAITING),
        alerts=query.series(EVENT),
        match=query.series(EVENT, "match_score", "mean"),
        types=query.series(EVENT, by=("alert_type",), step=query.step),
        scores=query.series(EVENT, by=("score_bin", "alert_type")),
        states=query.series(RESPONSE, by=("state",)),
        answered_after=query.series(RESPONSE, "duration_s", "bins", by=("alert_type",), where=DONE),
        **age_requests(WAITING, query, RESPONSE, "alert_type", OPEN),
        contacts=replace(query.series(EVENT, by=("contact_id",)), top=MOST),
        properties=replace(query.series(EVENT, by=("property_id",)), top=MOST),
    )
    first(page_data, query)
    page_layout.first_charts(FIRST_CHARTS, page_data, query)
    with page_layout.details("how well homes match, how soon contacts answer, who got the most") as is_open:
        if is_open:
            with page_layout.tiles():
                metric_card(FIGURES["match"], page_data.figure("match"), query, good="up", of="alerts")
            page_layout.parts(CHARTS, page_data, query)


def first(page_data: PageData, query: PageQuery) -> None:
    with page_layout.first_tiles():
        metric_card(FIGURES["alerts"], page_data.figure("alerts"), query, of="alerts")
        share = page_data.figure("states", of=data.answered_share)
        note = "" if share.refusal else data.interval(page_data.frame("states"))
        metric_card(FIGURES["answered"], share, query, good="up", of="alerts", note=note)
        metric_card(FIGURES["answer_time"], data.answer_time(page_data, query), query, good="down", of="alerts")


def below(query: PageQuery) -> None:
    with part("alert_list"):
        data_table(
            query.rows(EVENT),
            query,
            COLUMNS,
            key="alert_list",
            title="Alerts",
            what=f"property alerts, {query.label}, newest first",
            nothing=NOTHING,
            shaped=partial(data.rows, names=partial(contact_names, query.location)),
        )


page_layout.show(
    "properties",
    properties,
    Filter("type", "Type", TYPES, {EVENT: "alert_type", RESPONSE: "alert_type"}),
    below=below,
)
