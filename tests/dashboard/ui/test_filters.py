"""A filter narrows every part of its page, or the part says in its line that it does not."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Node

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.lead_sequences.data import ACTIONS, DAYS
from jorge_data.dashboard.ml_confidence.charts import URGENCIES
from jorge_data.dashboard.ml_confidence.labels import CATEGORIES
from jorge_data.dashboard.properties.data import TYPES
from jorge_data.dashboard.ui import navigation
from jorge_data.metrics.statistics.temperature_stock import TEMPERATURES
from tests.dashboard.app_context import context_with, metrics
from tests.dashboard.test_pages import visit
from tests.served import Served

NOON = datetime.now(ZoneInfo("America/Chicago")).replace(hour=12, minute=0, second=0, microsecond=0)
"""Of today, in the office."""

SAID = re.compile(r"(?:^|; )not by ([a-z ]+)$")


def event(kind: str, days_ago: float, /, **data: Any) -> dict[str, Any]:
    return {"type": kind, "source": "tests", "time": (NOON - timedelta(days=days_ago)).isoformat(), "data": data}


def message(contact: str, days_ago: float, direction: str = "inbound", **data: Any) -> dict[str, Any]:
    fields = {"conversation_id": f"v-{contact}", "contact_id": contact, "kind": "message", "direction": direction}
    return event("conversation_event", days_ago, **fields, **data)


def analyses() -> Iterator[dict[str, Any]]:
    """One for each category and urgency, each quicker and surer than the last; two of three labels are right."""
    for i, (category, urgency) in enumerate(product(CATEGORIES, URGENCIES)):
        figures = {"processing_time_ms": 60 - 2.5 * i, "confidence_score": 0.6 + 0.025 * i}
        dims = {"intent_category": category, "urgency_level": urgency}
        features = [f"feature {i % 5}"]
        analysis = event("intent_analysis_complete", 3, **figures, **dims, ml_features_triggered=features)
        yield analysis | {"id": f"analysis-{i}"}
        if i % 4:
            right = category if i % 3 else CATEGORIES[0]
            yield event("intent_feedback", 2, analysis_id=f"analysis-{i}", actual_category=right, labelled_by="ann")


def sequence_steps() -> Iterator[dict[str, Any]]:
    """One contact for each day and action, each promised a step; some attempts fail, some contacts answer."""
    for i, (day, action) in enumerate(product(DAYS, ACTIONS)):
        dims = {"sequence_day": int(day), "action_type": action, "retell_call_duration_seconds": 90 - 5.0 * i}
        outcome = {"success": i % 3 > 0} | ({} if i % 3 else {"failure_reason": f"reason {i}"})
        due = (NOON - timedelta(days=2)).date().isoformat()
        contact = f"lead-{i}"
        yield event("lead_bot_sequence_update", 3, contact_id=contact, next_action_date=due, **dims, **outcome)
        if i % 5 == 1:
            yield message(contact, 2.5)


def alerts() -> Iterator[dict[str, Any]]:
    """Three alerts of each type, the later types matching better and answered more often and sooner."""
    for i, (number, kind) in enumerate(product(range(3), TYPES)):
        at = TYPES.index(kind)
        ids = {"alert_id": f"alert-{i}", "property_id": f"home-{i}", "contact_id": f"buyer-{i}"}
        yield event("property_alert", 3, **ids, alert_type=kind, match_score=30.0 + 12 * at + number)
        if number < at:
            yield message(f"buyer-{i}", 2.9 - 0.1 * at)


def sellers() -> Iterator[dict[str, Any]]:
    """One for each temperature, stalled or not, half of whom were answered; they write with a sentiment."""
    for i, (temperature, stalled) in enumerate(product(TEMPERATURES, (True, False))):
        dims = {"seller_temperature": temperature, "stall_detected": stalled, "current_question": 1}
        scores = {"questions_answered": 2, "confrontational_effectiveness": 50, "next_step": "call"}
        yield event("jorge_qualification_progress", 3, contact_id=f"seller-{i}", **dims, **scores)
        yield message(f"seller-{i}", 2, sentiment=("positive", "negative")[i % 2])
        if i % 3:
            yield message(f"seller-{i}", 1.9, "outbound")


@pytest.fixture(scope="module")
def context(served: Served) -> Iterator[AppContext]:
    with context_with(served, *analyses(), *sequence_steps(), *alerts(), *sellers()) as context:
        yield context


def visit_days(path: str, **filters: str) -> AppTest:
    """Open a page about whole days that are over: what it shows does not move with the clock."""
    first, last = ((NOON - timedelta(days=days)).date().isoformat() for days in (6, 1))
    app = visit(path, range="Custom", **{"from": first, "to": last}, **filters)
    assert not app.exception
    return app


def named(app: AppTest, *prefixes: str) -> dict[str, Block]:
    """Return the containers of a page whose keys begin so."""
    keys = {block.proto.id.rpartition("-")[2]: block for block in blocks(app.main) if hasattr(block.proto, "id")}
    return {key: block for key, block in keys.items() if key.startswith(prefixes)}


def parts(app: AppTest) -> dict[str, Block]:
    return named(app, "tile_", "part_")


def blocks(node: Node) -> Iterator[Block]:
    if isinstance(node, Block):
        yield node
        for child in node.children.values():
            yield from blocks(child)


def said(part: Block) -> str:
    """Return the names of the filters that a part says not to be narrowed by."""
    return " or ".join(match[1] for text in part.text if (match := SAID.search(text.value)))


def shown(part: Block) -> list[Any]:
    """Return what a part shows: its figures, marks, rows and words, but for what it says of filters."""
    charts = [json.loads(each.proto.spec)["data"] for each in part.get("plotly_chart")]
    marks = [{**trace, "customdata": None} for data in charts for trace in data]
    rows = [frame.value.to_csv() for frame in part.dataframe]
    words = [SAID.sub("", text.value) for text in part.text]
    figures = [(metric.value, metric.delta) for metric in part.metric]
    return [marks, rows, list(filter(None, words)), figures, [button.label for button in part.button]]


@pytest.mark.parametrize("path", [entry.path for entry in navigation.ENTRIES])
@pytest.mark.usefixtures("context")
def test_a_filter_narrows_each_part_of_its_page_or_the_part_says_that_it_does_not(path: str) -> None:
    app = visit_days(path)
    everything = parts(app)
    assert [key for key, part in everything.items() if said(part)] == []
    for choice in (choice for row in named(app, "filters_").values() for choice in row.multiselect):
        narrowed = parts(visit_days(path, **{str(choice.key): choice.options[-1]}))
        assert narrowed.keys() == everything.keys()
        changed = {key for key in everything if shown(narrowed[key]) != shown(everything[key])}
        silent = {key for key in everything if not said(narrowed[key])}
        assert (choice.key, sorted(silent - changed)) == (choice.key, []), "not narrowed, without a word"
        assert (choice.key, sorted(changed - silent)) == (choice.key, []), "narrowed, though it says that it is not"


def lines(app: AppTest, key: str) -> list[str]:
    return [text.value for text in parts(app)[key].text]


def count(app: AppTest, key: str) -> str:
    """Return what a tile says that its figure is made of."""
    return str(parts(app)[key].button[0].label.replace("\N{NO-BREAK SPACE}", " ").partition(",")[0])


@pytest.mark.usefixtures("context")
def test_6_urgency_and_category_narrow_what_has_them_and_the_rest_says_so() -> None:
    app = visit_days("ml", ml_urgency="future", ml_category="curious")
    assert count(app, "tile_half_of_the_answers_within") == "1 message read"
    assert count(app, "tile_accuracy") == "3 labels"
    assert "not by urgency" in lines(app, "tile_accuracy")
    assert lines(app, "part_matrix")[1].endswith("n = 3; not by urgency")
    assert "n = 4" in lines(app, "part_distribution")[1]
    assert lines(app, "part_distribution")[1].endswith("; not by urgency")
    assert lines(app, "part_features")[1].endswith("; not by category or urgency")
    assert not [text for text in lines(app, "part_latency") if "not by" in text]


@pytest.mark.usefixtures("context")
def test_6b_an_action_narrows_steps_and_what_counts_promises_and_contacts_says_so() -> None:
    app = visit_days("sequences", sequences_action="call_completed")
    assert (metrics(visit_days("sequences"))["Steps"], metrics(app)["Steps"]) == ("16", "4")
    for figure in ("steps_due", "promises_kept", "overdue", "came_in", "appointments"):
        assert "not by action" in lines(app, f"tile_{figure}")
    assert not [text for text in lines(app, "tile_steps") if "not by" in text]


@pytest.mark.usefixtures("context")
def test_a_list_says_by_which_filter_it_is_not_narrowed_also_while_it_is_searched() -> None:
    app = visit_days("sequences", sequences_day="7", sequences_action="sms_sent")
    assert lines(app, "part_leads")[1].endswith("4 in all; not by action")
    app.text_input(key="search_leads").set_value("lead-4").run()
    assert lines(app, "part_leads")[1] == "found, of any time, 1; not by action"


@pytest.mark.usefixtures("context")
def test_an_option_is_in_words_on_screen_and_as_it_is_in_the_link() -> None:
    app = visit_days("properties", properties_type="price_drop")
    (choice,) = app.multiselect
    assert (choice.options[:2], choice.values) == (["New match", "Price drop"], ["Price drop"])
    choice.set_value(["new_match", "price_drop"]).run()
    assert app.query_params["properties_type"] == ["new_match", "price_drop"]
    app.multiselect[0].set_value([]).run()
    assert "properties_type" not in app.query_params
    (choice,) = visit_days("properties", properties_type="Price drop").multiselect
    assert choice.value == ["price_drop"], "a link that was written in words"
    assert visit_days("sequences", sequences_day="7").multiselect[0].values == ["Day 7"]
    assert visit_days("conversations", conversations_stalled="false").multiselect[-1].values == ["Stalled: no"]


@pytest.mark.usefixtures("context")
def test_a_filter_renews_what_is_to_be_labelled() -> None:
    app = visit_days("ml")
    app.button(key="label_skip").click().run()
    app.multiselect(key="ml_category").set_value(["buyer"]).run()
    assert not app.exception
    (said,) = (text for text in lines(app, "part_labelling") if text.startswith("The decoder said"))
    assert said.startswith("The decoder said Buyer, ")
