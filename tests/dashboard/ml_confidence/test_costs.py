"""What the bots cost: a lower bound where some told nothing, and never 0 where nobody told anything."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from jorge_data.dashboard.ml_confidence import costs
from jorge_data.dashboard.query.page_query import ChosenFilter, PageQuery
from jorge_data.dashboard.query.responses import SeriesResponse
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.events import Cursor
from jorge_data.metrics.definitions.questions import BOT_EVENTS, BOT_WORK, FURTHER_COSTS

CHICAGO = ZoneInfo("America/Chicago")
START, END = (datetime(2026, 11, day, 6, tzinfo=UTC) for day in (2, 9))
CHOSEN = ChosenFilter("category", (("intent_analysis_complete", "intent_category"),), ("seller",))
QUERY = PageQuery("default", START, END, CHICAGO, CHICAGO, "last 7 d", (CHOSEN,))
SCRIPT = ["source", "script_version"]
MESSAGE = "conversation_event"


def page_data(told: dict[str, list[tuple[str, str, float, int]]], events: dict[str, int], hot: int = 0) -> PageData:
    """Return responses in which each kind told costs (source, script, dollars, events) and has so many bot events."""
    requests = costs.requests(QUERY)
    responses: dict[str, Any] = {}
    for name, request in requests.items():
        kind = request.kind
        if name.startswith(costs.COST):
            rows = [[None, *row] for row in told.get(kind, [])]
        elif name.startswith(costs.EVENTS):
            rows = [[None, events[kind], events[kind]]] if events.get(kind) else []
        else:
            rows = [[None, hot, hot]] if hot and name == "cost_per_hot" else []
        frame = pd.DataFrame(rows, columns=["t", *request.by, "value", "n"])
        frame["value"] = pd.to_numeric(frame["value"])
        responses[name] = SeriesResponse(Cursor("one", 9), END, None, request, frame, exact=True)
    return PageData(requests, responses)


def test_the_cost_over_what_came_of_it_is_a_lower_bound_where_some_told_none() -> None:
    told = {MESSAGE: [("jorge-seller", "4.2", 1.5, 150)], "intent_analysis_complete": [("intent-decoder", "", 0.5, 50)]}
    shown = page_data(told, {MESSAGE: 200, "intent_analysis_complete": 50}, hot=4)
    per_hot = costs.per("cost_per_hot", shown)
    assert (per_hot.now, per_hot.n, per_hot.at_least) == (0.5, 4, True)
    assert costs.known(shown) == "cost known for 80 % of 250 bot events"


def test_where_every_bot_told_its_cost_the_figure_is_exact() -> None:
    shown = page_data({MESSAGE: [("jorge-seller", "4.2", 1.5, 3)]}, {MESSAGE: 3}, hot=2)
    assert (costs.per("cost_per_hot", shown).now, costs.per("cost_per_hot", shown).at_least) == (0.75, False)
    assert costs.known(shown) == "cost known for all 3 bot events"


def test_where_no_cost_was_ever_told_there_is_no_figure() -> None:
    shown = page_data({}, {MESSAGE: 200}, hot=4)
    assert costs.per("cost_per_hot", shown).now is None
    assert costs.known(shown) == "cost known for 0 % of 200 bot events"
    assert costs.by_script(shown).empty


def test_where_nothing_came_of_it_there_is_no_figure() -> None:
    shown = page_data({MESSAGE: [("jorge-seller", "4.2", 1.5, 3)]}, {MESSAGE: 3})
    assert costs.per("cost_per_hot", shown).now is None
    assert costs.known(page_data({}, {})) == ""


def test_each_script_stands_with_its_cost_the_dearest_first() -> None:
    told = {
        MESSAGE: [("jorge-seller", "4.1", 0.02, 2), ("jorge-seller", "4.2", 1.5, 150)],
        "property_alert": [("own-bot", "", 0.5, 10)],
    }
    frame = costs.by_script(page_data(told, {MESSAGE: 152, "property_alert": 10}))
    assert frame[["script", "words"]].to_numpy().tolist() == [
        ["Seller bot 4.2, chats", "$1.50 · 150"],
        ["own-bot, alerts", "$0.50 · 10"],
        ["Seller bot 4.1, chats", "$0.02 · 2"],
    ]


@pytest.mark.parametrize("kind", BOT_WORK)
def test_each_kind_of_a_bots_work_is_counted_once_in_full(kind: str) -> None:
    assert (kind in BOT_EVENTS) or (kind in FURTHER_COSTS)


def test_no_filter_of_the_page_narrows_a_part_of_the_sum() -> None:
    assert all("intent_category" not in " ".join(each.where) for each in costs.requests(QUERY).values())
