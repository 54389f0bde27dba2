"""Revenue: what will Jorge earn?"""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from jorge_data.errors import RequestRefused
from jorge_data.live import deals, page, stays
from jorge_data.live.ages import age_questions
from jorge_data.live.data_table import Columns
from jorge_data.live.deals import CLOSED, DEAL, OPEN, STATUSES, STAY, WON
from jorge_data.live.figure import figure
from jorge_data.live.house import House
from jorge_data.live.listing import listing
from jorge_data.live.looks import part
from jorge_data.live.outlook import Outlook, last_year, open_deals, this_quarter
from jorge_data.live.query import Query
from jorge_data.live.question import Question, Rows, equals
from jorge_data.live.revenue_charts import CHARTS, range_of
from jorge_data.live.told import Told, Value, ask
from jorge_data.metrics import Targets
from jorge_data.metrics.definitions.revenue import FIGURES
from jorge_data.metrics.wording import cents, joined, money

TARGETS = Targets(**House.current().settings.targets)


def revenue(query: Query) -> None:
    now = datetime.now(UTC)
    year, stage = last_year(query), ("stage",)
    told = ask(
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
        **age_questions(stays.OPEN, year, STAY, "stage", (equals("state", "open"),)),
        sources=year.series(DEAL, by=("lead_source", "status"), where=CLOSED),
        open=open_deals(query),
    )
    outlook = Outlook(told, query, TARGETS, now)
    tiles(told, query, outlook)
    page.parts(CHARTS, told, query, year, outlook)


def always(question: Question) -> Question:
    return replace(question, start=None, end=None)


def tiles(told: Told, query: Query, outlook: Outlook) -> None:
    now, month = replace(query, label="now"), replace(query, label="this month")
    open_, won = partial(deals.standing, told, query, outlook), deals.won(told, query, outlook)
    with page.tiles():
        figure(FIGURES["pipeline"], open_("value"), now, good="up", of="open")
        figure(FIGURES["commission"], open_("commission"), now, label="Commission", good="up", of="open")
        note = deals.unweighted(told)
        figure(FIGURES["weighted"], open_("weighted"), now, label="Weighted", good="up", of="open", note=note)
        figure(FIGURES["won"], won, query, good="up", of="won")
        progress = deals.progress(told, query, outlook)
        goal = "" if progress.now is None else f"of {money(cents(TARGETS.monthly_target))}"
        figure(FIGURES["progress"], progress, month, of="won", note=goal)
        figure(FIGURES["win_rate"], told.figure("closed", of=deals.win_rate), query, good="up", of="closed")
        for at in (0, 1):
            forecast(query, outlook, at)


def forecast(query: Query, outlook: Outlook, at: int) -> None:
    try:
        horizon = outlook.horizons[at]
    except RequestRefused as refusal:
        figure(FIGURES["forecast"], Value(None, refusal=refusal), query, label=("Month", "Quarter")[at])
        return
    found = horizon.found
    rows = Rows(query.location, DEAL, OPEN)
    middle = Value(found.p50 / 100 if found else None, n=outlook.deals, rows=rows)
    note = joined("P50", range_of(found) if found else "", f"target {money(horizon.target)}")
    label = f"Forecast {horizon.name[:3]}"
    figure(FIGURES["forecast"], middle, replace(query, label="now"), label=label, of="open", note=note)


def below(query: Query) -> None:
    with part("deals"):
        status = st.segmented_control(
            "Status",
            ("open", *STATUSES),
            default="open",
            required=True,
            key="deal_status",
            label_visibility="collapsed",
        )
        listing(
            deals.listed(query, status),
            query,
            COLUMNS,
            key="deals",
            title="Deals",
            what=f"{status}, the greatest first; choose one to open its contact's timeline",
            nothing=f"No deal is {status}.",
            shaped=partial(deals.aged, datetime.now(UTC)),
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
page.show("revenue", revenue, below=below)
