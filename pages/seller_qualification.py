"""Seller qualification: where do sellers drop out, and what turns them hot?"""

from dataclasses import replace

import streamlit as st

from jorge_data.live import page, sellers, stays
from jorge_data.live.ages import age_questions
from jorge_data.live.data_table import Columns
from jorge_data.live.figure import figure
from jorge_data.live.listing import listing
from jorge_data.live.looks import part
from jorge_data.live.query import Query
from jorge_data.live.question import among, equals
from jorge_data.live.seller_charts import CHARTS, NOBODY
from jorge_data.live.sellers import COHORT, EVENT, MOVE, SPREAD, STALL, STEP
from jorge_data.live.told import Told, ask
from jorge_data.metrics.analysis.stock import TEMPERATURES
from jorge_data.metrics.definitions.seller_qualification import FIGURES

DONE, OPEN, STALLED = (equals("state", "done"),), (equals("state", "open"),), (equals("stalled", "yes"),)
EFFECTIVENESS = "confrontational_effectiveness"


def qualification(query: Query) -> None:
    moved = query.series(MOVE, by=("from", "to"))
    told = ask(
        query,
        compare=("cohort", stays.DONE, stays.OPEN, "trend"),
        started=query.series(COHORT),
        cohort=query.series(COHORT, by=("reached", "hot")),
        durations=query.series(STEP, "duration_s", "bins", by=("step",), where=DONE),
        **age_questions(stays.OPEN, query, STEP, "step", OPEN),
        effectiveness=query.series(EVENT, EFFECTIVENESS, "mean"),
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
    )
    tiles(told, query)
    page.parts(CHARTS, told, query)


def tiles(told: Told, query: Query) -> None:
    with page.tiles():
        figure(FIGURES["started"], told.figure("started"), query, of="sellers")
        all_four = sellers.answered_all(told, query)
        figure(FIGURES["funnel"], all_four, query, label="Answered all four", good="up", of="sellers")
        figure(FIGURES["hot_share"], told.figure("cohort", of=sellers.hot_share), query, good="up", of="sellers")
        at_its_end = replace(query, label="now") if query.period else query
        figure(
            FIGURES["stock"],
            sellers.hot_now(told, query),
            at_its_end,
            label="Hot sellers",
            good="up",
            of="sellers",
            note="also those silent for more than 30 days, whom the wall leaves out",
        )
        figure(FIGURES["time_to_hot"], stays.median(told, query, STEP, "step", "hot"), query, good="down", of="sellers")
        figure(FIGURES["effectiveness"], told.figure("effectiveness"), query, good="up")
        figure(FIGURES["stall_rate"], told.figure("stalled"), query, good="down", of="sellers at a question")
        figure(FIGURES["moves"], told.figure("moves"), query, of="moves")


def below(query: Query) -> None:
    with part("sellers"):
        listing(
            query.rows("contacts", among("temperature", TEMPERATURES)),
            query,
            COLUMNS,
            key="sellers",
            title="Sellers",
            what=f"heard of in the {query.label}, newest first; choose one to open the timeline",
            nothing=NOBODY,
        )


COLUMNS: Columns = {
    "name": "Seller",
    "temperature": "Temperature",
    "answered": st.column_config.ProgressColumn("Answered", min_value=0, max_value=4, format="%d of 4"),
    "effectiveness": st.column_config.NumberColumn("Effectiveness", format="%d"),
    "stalled": st.column_config.CheckboxColumn("Stalled"),
    "next_step": "Next step",
    "frs_score": st.column_config.NumberColumn("FRS", format="%.0f"),
    "pcs_score": st.column_config.NumberColumn("PCS", format="%.0f"),
    "at": st.column_config.DatetimeColumn("Last event", format="D MMM HH:mm"),
}
page.show("qualification", qualification, below=below)
