"""Revenue: what will Jorge earn?"""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest, equals
from jorge_data.dashboard.revenue import data
from jorge_data.dashboard.revenue.charts import CHARTS, range_of
from jorge_data.dashboard.revenue.data import CLOSED, DEAL, OPEN, STATUSES, STAY, WON
from jorge_data.dashboard.revenue.forecast import DealForecasts, last_year, open_deals, this_quarter
from jorge_data.dashboard.ui import page_layout, time_in_stage
from jorge_data.dashboard.ui.data_table import data_table
from jorge_data.dashboard.ui.metric_card import metric_card
from jorge_data.dashboard.ui.page_data import Metric, PageData, ask
from jorge_data.dashboard.ui.row_choice import Columns
from jorge_data.dashboard.ui.states import part
from jorge_data.dashboard.ui.time_in_stage import age_questions
from jorge_data.errors import RequestRefused
from jorge_data.metrics import Targets
from jorge_data.metrics.definitions.revenue import FIGURES
from jorge_data.metrics.formatting import cents, joined, money

TARGETS = Targets(**AppContext.current().settings.targets)


def revenue(query: PageQuery) -> None:
    now = datetime.now(UTC)
    year, stage = last_year(query), ("stage",)
    page_data = ask(
        query,
        compare=("closed",),
        value=always(query.series(DEAL, "value", "sum", by=("status", "stage"))),
        commission=always(query.series(DEAL, "commission", "sum", by=("status", "stage"))),
        weighted=always(query.series(DEAL, "weighted", "sum", by=("status", "stage"))),
        won=query.series(DEAL, "commission", "sum", where=WON),
        closed=query.series(DEAL, by=("status",), where=CLOSED),
        heard=year.series("commission_update", step="1mo"),
        months=year.series(DEAL, "commission", "sum", where=WON, step="1mo"),
        quarter=this_quarter(query, now).series(DEAL, "commission", "sum", where=WON, step="1mo"),
        durations=year.series(STAY, "duration_s", "bins", by=stage, where=(equals("state", "done"),)),
        **age_questions(time_in_stage.OPEN, year, STAY, "stage", (equals("state", "open"),)),
        sources=year.series(DEAL, by=("lead_source", "status"), where=CLOSED),
        open=open_deals(query),
    )
    outlook = DealForecasts(page_data, query, TARGETS, now)
    tiles(page_data, query, outlook)
    page_layout.parts(CHARTS, page_data, query, year, outlook)


def always(question: SeriesRequest) -> SeriesRequest:
    return replace(question, start=None, end=None)


def tiles(page_data: PageData, query: PageQuery, outlook: DealForecasts) -> None:
    now, month = replace(query, label="now"), replace(query, label="this month")
    open_, won = partial(data.standing, page_data, query, outlook), data.won(page_data, query, outlook)
    with page_layout.tiles():
        metric_card(FIGURES["pipeline"], open_("value"), now, good="up", of="open")
        metric_card(FIGURES["commission"], open_("commission"), now, label="Commission", good="up", of="open")
        note = data.unweighted(page_data)
        metric_card(FIGURES["weighted"], open_("weighted"), now, label="Weighted", good="up", of="open", note=note)
        metric_card(FIGURES["won"], won, query, good="up", of="won")
        progress = data.progress(page_data, query, outlook)
        goal = "" if progress.now is None else f"of {money(cents(TARGETS.monthly_target))}"
        metric_card(FIGURES["progress"], progress, month, of="won", note=goal)
        metric_card(FIGURES["win_rate"], page_data.figure("closed", of=data.win_rate), query, good="up", of="closed")
        for at in (0, 1):
            forecast(query, outlook, at)


def forecast(query: PageQuery, outlook: DealForecasts, at: int) -> None:
    try:
        horizon = outlook.horizons[at]
    except RequestRefused as refusal:
        metric_card(FIGURES["forecast"], Metric(None, refusal=refusal), query, label=("Month", "Quarter")[at])
        return
    found = horizon.found
    rows = TableRequest(query.location, DEAL, OPEN)
    middle = Metric(found.p50 / 100 if found else None, n=outlook.deals, rows=rows)
    note = joined("P50", range_of(found) if found else "", f"target {money(horizon.target)}")
    label = f"Forecast {horizon.name[:3]}"
    metric_card(FIGURES["forecast"], middle, replace(query, label="now"), label=label, of="open", note=note)


def below(query: PageQuery) -> None:
    with part("deals"):
        status = st.segmented_control(
            "Status",
            ("open", *STATUSES),
            default="open",
            required=True,
            key="deal_status",
            label_visibility="collapsed",
        )
        data_table(
            data.listed(query, status),
            query,
            COLUMNS,
            key="deals",
            title="Deals",
            what=f"{status}, the greatest first; choose one to open its contact's timeline",
            nothing=f"No deal is {status}.",
            shaped=partial(data.aged, datetime.now(UTC)),
        )


DOLLARS = "dollar"
COLUMNS: Columns = {
    "name": "Deal",
    "stage": "Stage",
    "stage_age": st.column_config.NumberColumn("At its stage", format="%.1f d"),
    "value": st.column_config.NumberColumn("Value", format=DOLLARS),
    "commission": st.column_config.NumberColumn("Commission", format=DOLLARS),
    "probability": st.column_config.NumberColumn("Probability", format="percent"),
    "expected_close": "Expected close",
    "closed_at": st.column_config.DatetimeColumn("Closed", format="D MMM YYYY"),
    "lead_source": "Lead source",
    "opened_at": st.column_config.DatetimeColumn("Opened", format="D MMM YYYY"),
}
page_layout.show("revenue", revenue, below=below)
