"""Seller qualification: where do sellers drop out, and what turns them hot?"""

from dataclasses import replace

import streamlit as st

from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import among, equals
from jorge_data.dashboard.seller_qualification import data
from jorge_data.dashboard.seller_qualification.charts import CHARTS, FIRST_CHARTS, NOBODY
from jorge_data.dashboard.seller_qualification.data import COHORT, EVENT, MOVE, SPREAD, STALL, STEP
from jorge_data.dashboard.ui import page_layout, time_in_stage
from jorge_data.dashboard.ui.data_table import data_table
from jorge_data.dashboard.ui.metric_card import metric_card
from jorge_data.dashboard.ui.page_data import PageData, fetch_page_data
from jorge_data.dashboard.ui.rows import Columns
from jorge_data.dashboard.ui.states import part
from jorge_data.dashboard.ui.time_in_stage import age_requests
from jorge_data.metrics.definitions.seller_qualification import FIGURES
from jorge_data.metrics.statistics.temperature_stock import TEMPERATURES

DONE, OPEN, STALLED = (equals("state", "done"),), (equals("state", "open"),), (equals("stalled", "yes"),)
EFFECTIVENESS = "confrontational_effectiveness"


def qualification(query: PageQuery) -> None:
    moved = query.series(MOVE, by=("from", "to"))
    page_data = fetch_page_data(
        query,
        compare=("cohort", time_in_stage.DONE, time_in_stage.OPEN, "trend"),
        started=query.series(COHORT),
        cohort=query.series(COHORT, by=("reached", "hot")),
        durations=query.series(STEP, "duration_s", "bins", by=("step",), where=DONE),
        **age_requests(time_in_stage.OPEN, query, STEP, "step", OPEN),
        effectiveness=query.series(EVENT, EFFECTIVENESS, "mean"),
        effectiveness_bins=query.series(EVENT, EFFECTIVENESS, "bins"),
        trend=query.series(EVENT, EFFECTIVENESS, "mean", step=query.step),
        questions=query.series(EVENT, EFFECTIVENESS, "mean", by=("current_question",)),
        spread=query.series(SPREAD, by=("bin",)),
        stalled=query.series(STALL, "stalled", "share"),
        stalls=query.series(STALL, by=("question", "stalled")),
        types=query.series(STALL, by=("stall_type",), where=STALLED),
        moves=query.series(MOVE),
        moved=moved,
        changes=query.series(MOVE, by=("from", "to"), step=query.step),
        opened=replace(moved, start=None, end=query.start),
        hot=data.hot_request(query),
        **data.touch_requests(query),
    )
    first(page_data, query)
    page_layout.first_charts(FIRST_CHARTS, page_data, query)
    with page_layout.details("how long each question takes, how sellers stall, how well the questions work") as is_open:
        if is_open:
            tiles(page_data, query)
            page_layout.parts(CHARTS, page_data, query)


def first(page_data: PageData, query: PageQuery) -> None:
    with page_layout.first_tiles():
        metric_card(FIGURES["started"], page_data.figure("started"), query, of="sellers")
        all_four = data.answered_all(page_data, query)
        metric_card(FIGURES["funnel"], all_four, query, label="Answered all four", good="up", of="sellers")
        now = replace(query, label="now")
        hot = data.hot_sellers(page_data, query)
        metric_card(FIGURES["hot"], hot, now, good="up", of="sellers", note="heard of in the last 30 days")


def tiles(page_data: PageData, query: PageQuery) -> None:
    with page_layout.tiles():
        metric_card(FIGURES["hot_share"], page_data.figure("cohort", of=data.hot_share), query, good="up", of="sellers")
        at_its_end = replace(query, label="now") if query.period else query
        for q, name in ((0.5, "Half are tried within"), (0.9, "9 in 10 are tried within")):
            speed = data.speed_to_lead(page_data, query, q)
            metric_card(FIGURES["speed_to_lead"], speed, query, label=name, good="down", of="times hot")
        hot, note = data.rated_hot(page_data, query), "by the last rating, also those silent for more than 30 days"
        metric_card(FIGURES["stock"], hot, at_its_end, good="up", of="sellers", note=note)
        to_hot = time_in_stage.median(page_data, query, STEP, "step", "hot")
        metric_card(FIGURES["time_to_hot"], to_hot, query, good="down", of="sellers")
        metric_card(FIGURES["effectiveness"], page_data.figure("effectiveness"), query, good="up", of="steps")
        metric_card(FIGURES["stall_rate"], page_data.figure("stalled"), query, good="down", of="sellers at a question")
        metric_card(FIGURES["moves"], page_data.figure("moves"), query, of="changes")


def below(query: PageQuery) -> None:
    with part("sellers"):
        data_table(
            query.rows("contacts", among("temperature", TEMPERATURES)),
            query,
            COLUMNS,
            key="sellers",
            title="Sellers",
            what=f"heard of {query.during}, newest first",
            nothing=NOBODY,
        )


COLUMNS: Columns = {
    "name": "Seller",
    "phone": "Phone",
    "temperature": "Temperature",
    "answered": st.column_config.ProgressColumn("Answered", min_value=0, max_value=4, format="%d of 4"),
    "effectiveness": st.column_config.NumberColumn("Effectiveness", format="%d"),
    "stalled": st.column_config.CheckboxColumn("Stalled"),
    "next_step": "Next step",
    "at": st.column_config.DatetimeColumn("Last event", format="D MMM HH:mm"),
}
page_layout.show("qualification", qualification, below=below)
