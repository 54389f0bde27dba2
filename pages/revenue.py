"""Revenue: what will Jorge earn?"""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import equals
from jorge_data.dashboard.revenue import data
from jorge_data.dashboard.revenue.charts import CHARTS, FIRST_CHARTS, likely_words, range_words
from jorge_data.dashboard.revenue.data import CLOSED, DEAL, STATUSES, STAY, WON
from jorge_data.dashboard.revenue.deal_forecasts import DealForecasts, forecast_months, last_year, open_deals
from jorge_data.dashboard.ui import page_layout, time_in_stage
from jorge_data.dashboard.ui.data_table import data_table
from jorge_data.dashboard.ui.metric_card import metric_card
from jorge_data.dashboard.ui.page_data import PageData, fetch_page_data
from jorge_data.dashboard.ui.rows import Columns
from jorge_data.dashboard.ui.states import part
from jorge_data.dashboard.ui.time_in_stage import age_requests
from jorge_data.events.money import cents
from jorge_data.metrics import Targets
from jorge_data.metrics.definitions.revenue import FIGURES
from jorge_data.metrics.formatting import joined, money

TARGETS = Targets(**AppContext.current().settings.targets)


def revenue(query: PageQuery) -> None:
    now = datetime.now(UTC)
    year, stage = last_year(query), ("stage",)
    page_data = fetch_page_data(
        query,
        compare=("closed",),
        **data.deal_sums(query),
        commissions=data.commissions(query),
        won=query.series(DEAL, "commission", "sum", where=WON),
        closed=query.series(DEAL, by=("status",), where=CLOSED),
        reports=year.series("commission_update", step="1mo"),
        months=year.series(DEAL, "commission", "sum", where=WON, step="1mo"),
        won_by_month=forecast_months(query, now).series(DEAL, "commission", "sum", where=WON, step="1mo"),
        durations=year.series(STAY, "duration_s", "bins", by=stage, where=(equals("state", "done"),)),
        **age_requests(time_in_stage.OPEN, year, STAY, "stage", (equals("state", "open"),)),
        sources=year.series(DEAL, by=("lead_source", "status"), where=CLOSED),
        open=open_deals(query),
    )
    forecasts = DealForecasts(page_data, query, TARGETS, now)
    first(page_data, query, forecasts)
    page_layout.first_charts(FIRST_CHARTS, page_data, query, year, forecasts)
    with page_layout.details("how the range is made, chance and days by stage, how past ranges did") as is_open:
        if is_open:
            tiles(page_data, query, forecasts)
            page_layout.parts(CHARTS, page_data, query, year, forecasts)


def first(page_data: PageData, query: PageQuery, forecasts: DealForecasts) -> None:
    now, as_of = replace(query, label="now"), data.as_of(query, forecasts)
    commission = data.pipeline(page_data, query, forecasts, "commission")
    with page_layout.first_tiles():
        won = data.won(page_data, query, forecasts)
        metric_card(FIGURES["won"], won, query, good="up", of="won", note=data.of_target(won, query, forecasts))
        label, note = "Commission in the pipeline", data.pipeline_words(page_data, query, forecasts)
        metric_card(FIGURES["commission"], commission, as_of, label=label, good="up", of="open", note=note)
        likely_end(now, forecasts)


def likely_end(now: PageQuery, forecasts: DealForecasts) -> None:
    """Draw where the current quarter will likely end, whatever the period: a range, and how sure it is."""
    median, label = data.forecast(now, forecasts, 1), f"{forecasts.quarter} will likely end at"
    if median.refusal or not (made := forecasts.horizons[1].forecast):
        metric_card(FIGURES["forecast"], median, now, label=label)
        return
    shown, note = likely_words(made, forecasts.horizons[1].target)
    metric_card(FIGURES["forecast"], median, now, label=label, of="open", note=note, shown=shown)


def tiles(page_data: PageData, query: PageQuery, forecasts: DealForecasts) -> None:
    now, month, as_of = replace(query, label="now"), replace(query, label="this month"), data.as_of(query, forecasts)
    pipeline = partial(data.pipeline, page_data, query, forecasts)
    with page_layout.tiles():
        metric_card(FIGURES["pipeline"], pipeline("value"), as_of, good="up", of="open")
        note = "" if data.is_over(query, forecasts) else data.unweighted(page_data)
        metric_card(FIGURES["weighted"], pipeline("weighted"), as_of, label="Weighted", good="up", of="open", note=note)
        progress = data.progress(page_data, query, forecasts)
        target = "" if progress.now is None else f"of {money(cents(TARGETS.monthly_target))}"
        metric_card(FIGURES["progress"], progress, month, of="won", note=target)
        metric_card(FIGURES["win_rate"], page_data.figure("closed", of=data.win_rate), query, good="up", of="closed")
        for at in (0, 1):
            forecast(now, forecasts, at)


def forecast(now: PageQuery, forecasts: DealForecasts, at: int) -> None:
    median = data.forecast(now, forecasts, at)
    if median.refusal:
        metric_card(FIGURES["forecast"], median, now, label=("Month", "Quarter")[at])
        return
    horizon = forecasts.horizons[at]
    note = joined(
        "best guess", range_words(horizon.forecast) if horizon.forecast else "", f"target {money(horizon.target)}"
    )
    metric_card(FIGURES["forecast"], median, now, label=f"Forecast {horizon.name[:3]}", of="open", note=note)


def below(query: PageQuery) -> None:
    with part("deals"):
        all_ = ("open", *STATUSES)
        status = st.segmented_control(
            "Status", all_, default="open", required=True, key="deal_status", label_visibility="collapsed"
        )
        data_table(
            data.deals(query, status),
            query,
            COLUMNS,
            key="deals",
            title="Deals",
            what=f"{status}{' now' if status == 'open' else ''}, of any time, the greatest first",
            nothing=f"No deal is {status}.",
            shaped=partial(data.with_stage_age, datetime.now(UTC)),
        )


DOLLARS = "dollar"
COLUMNS: Columns = {
    "name": "Deal",
    "stage": "Stage",
    "stage_age": st.column_config.NumberColumn("In this stage", format="%.1f d"),
    "value": st.column_config.NumberColumn("Value", format=DOLLARS),
    "commission": st.column_config.NumberColumn("Commission", format=DOLLARS),
    "probability": st.column_config.NumberColumn("Chance", format="percent"),
    "expected_close": "Expected close",
    "closed_at": st.column_config.DatetimeColumn("Closed", format="D MMM YYYY"),
    "lead_source": "Source",
    "opened_at": st.column_config.DatetimeColumn("Opened", format="D MMM YYYY"),
}
page_layout.show("revenue", revenue, below=below)
