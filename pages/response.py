"""Response: how soon do hot sellers hear from a person?"""

from functools import partial

import streamlit as st

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.response import charts, data, parts
from jorge_data.dashboard.response.data import Waits
from jorge_data.dashboard.ui import page_layout
from jorge_data.dashboard.ui.contact_names import contact_names
from jorge_data.dashboard.ui.metric_card import at_least, metric_card
from jorge_data.dashboard.ui.page_data import fetch_page_data
from jorge_data.dashboard.ui.shell import scope
from jorge_data.dashboard.ui.states import part
from jorge_data.errors import RequestRefused
from jorge_data.metrics import Targets
from jorge_data.metrics.definitions.response import FIGURES, NOBODY
from jorge_data.metrics.formatting import plural, portion
from jorge_data.metrics.statistics.speed_to_lead import LATER_S, share_within

TARGETS = Targets(**AppContext.current().settings.targets)


def response(query: PageQuery) -> None:
    page_data = fetch_page_data(query, touches=data.touches(query), bot_answers=data.bot_answers(query))
    waits = Waits(page_data, query, data.people(query.location))
    if scope().kiosk:  # nobody scrolls there, or opens the rows of a list
        first(waits, query)
        page_layout.parts((charts.hear, charts.week), waits, query)
        return
    lead(waits, query)
    first(waits, query)
    with page_layout.columns():
        for draw in (charts.hear, parts.agents, charts.week):
            with part(draw.__name__):
                draw(waits, query)
        with st.container():
            with part("slowest"):
                parts.slowest(waits, query)
            with part("bots"):
                parts.bots(page_data, query)
    with page_layout.details("how waiting is counted, by source, week by week, office hours") as is_open:
        if is_open:
            page_layout.parts((parts.sources, charts.by_week), waits, query)
            with part("counting"):
                parts.counting(waits, TARGETS.hours.words(), charts.range_words(waits))


def lead(waits: Waits, query: PageQuery) -> None:
    """Draw the answer to the page's question, in a sentence."""
    try:
        n, finding = len(waits.current), charts.headline(waits)
    except RequestRefused:  # each part says so
        return
    heard = "“Hear” is the first call that was answered or the first text a person wrote."
    turned = plural(n, "seller turned hot", "sellers turned hot")
    page_layout.heading("lead", finding, f"{turned}, {query.dates}. {heard} Those who still wait count as waiting.")


def first(waits: Waits, query: PageQuery) -> None:
    with page_layout.first_tiles():
        half = data.half(waits)
        nobody = NOBODY if half.n == 0 else ""  # else fewer than half have heard
        metric_card(FIGURES["half"], half, query, good="down", of="sellers", absent=nobody)
        target, note = at_least(TARGETS.response_target), later(waits)
        metric_card(FIGURES["soon"], data.soon(waits), query, good="up", target=target, of="sellers", note=note)
        open_ = data.still_waiting(waits)
        metric_card(FIGURES["waiting"], open_, query, of="sellers", note=who_waits(waits, query))


def later(waits: Waits) -> str:
    """Write which share of office hours hears within 15 minutes."""
    try:
        share = share_within(data.in_office_hours(waits), LATER_S)
    except RequestRefused:
        return ""
    return "" if share is None else f"{portion(share)} within 15 minutes"


def who_waits(waits: Waits, query: PageQuery) -> str:
    """Write who waits longest, and whose they are."""
    try:
        return data.longest_waiting(waits, partial(contact_names, query.location))
    except RequestRefused:
        return ""


page_layout.show("response", response)
