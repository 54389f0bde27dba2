"""The page Explore: what its link says is asked, whatever is calculated, and filters are added in words."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from subprocess import run
from typing import Any

import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.explore.exploration import KINDS
from jorge_data.dashboard.explore.question_builder import conditions_of, seen_values
from jorge_data.dashboard.query.page_query import PageQuery
from tests.dashboard.app_context import context_with, past_event, texts
from tests.dashboard.test_pages import visit
from tests.served import Served


def message(minutes_ago: float, author: str, direction: str = "outbound") -> dict[str, object]:
    said = {"conversation_id": "v1", "contact_id": "ann", "kind": "message", "author": author, "direction": direction}
    return past_event("conversation_event", minutes_ago, **said)


@pytest.fixture
def context(served: Served) -> Iterator[AppContext]:
    said = [message(10, "bot"), message(9, "bot"), message(8, "agent"), message(7, "contact", "inbound")]
    alerts = [
        past_event("bot_status_update", 5, bot_type="lead-bot", status="idle", processing_time_ms=took)
        for took in (20, 45)
    ]
    with context_with(served, *said, *alerts) as context:
        yield context


def numbers(app: AppTest) -> list[list[object]]:
    assert not app.exception, app.exception
    frame = next(frame.value for frame in app.dataframe if "value" in frame.value.columns)
    return sorted(frame.drop(columns=["n", "t"], errors="ignore").to_numpy().tolist(), key=str)


ASKED = {"range": "1 h", "x_kind": "conversation_event", "x_step": "all"}


@pytest.mark.usefixtures("context")
def test_a_share_is_of_all_that_the_filter_leaves_out_too() -> None:
    app = visit("explore", x_where="author:eq:bot", x_calc="share", **ASKED)
    assert numbers(app) == [[0.5]]
    assert [metric.value for metric in app.metric] == ["50 %"]


@pytest.mark.usefixtures("context")
def test_a_ratio_is_to_a_second_series_of_any_kind() -> None:
    app = visit("explore", x_calc="ratio", y_kind="bot_status_update", **ASKED)
    assert numbers(app) == [[2.0]]
    assert any("Divided by" in caption.value for caption in app.caption)


@pytest.mark.usefixtures("context")
def test_two_series_are_drawn_on_one_chart_and_both_asked_elsewhere() -> None:
    app = visit("explore", x_calc="beside", y_kind="bot_status_update", **ASKED | {"x_step": "auto"})
    assert len(app.get("plotly_chart")) == 1
    assert [sum(row[at] for row in numbers(app)) for at in (0, 1)] == [4, 2]  # type: ignore[misc]
    assert any(re.fullmatch(r"\d+ rows, from 4 and 2 counted, exact", text) for text in texts(app))


@pytest.mark.parametrize("shape", ["Heat map", "Ranking", "Table", "Bars", "Lines"])
@pytest.mark.usefixtures("context")
def test_each_chart_draws_two_splits(shape: str) -> None:
    app = visit("explore", x_by=["author", "direction"], x_shape=shape, **ASKED | {"x_step": "auto"})  # type: ignore[arg-type]
    assert len(numbers(app)) >= 3
    assert bool(app.get("plotly_chart")) is (shape != "Table")


@pytest.mark.usefixtures("context")
def test_filters_that_are_set_are_said_in_words_and_taken_away_one_by_one() -> None:
    app = visit("explore", x_where=["author:in:bot,agent", "direction:ne:inbound"], **ASKED)  # type: ignore[arg-type]
    assert numbers(app) == [[3]]
    filters = next(each for each in app.multiselect if each.label == "Filters")
    assert filters.options[1] == "Direction is not from the contact"
    filters.set_value(["author:in:bot,agent"]).run()
    assert app.query_params["x_where"] == "author:in:bot,agent"


@pytest.mark.usefixtures("context")
def test_another_kind_takes_away_what_was_asked_of_the_first() -> None:
    app = visit("explore", x_by="author", x_where="author:eq:bot", **ASKED)
    kind = next(each for each in app.selectbox if each.label == "What")
    assert len(kind.options) == len(KINDS)
    assert not [option for option in kind.options if "_" in option]
    kind.set_value("property_alert").run()
    assert app.query_params["x_kind"] == "property_alert"
    assert not {"x_by", "x_where"} & set(app.query_params)
    assert not app.exception


@pytest.mark.usefixtures("context")
def test_what_a_link_says_that_is_not_offered_is_what_fits_first() -> None:
    app = visit("explore", x_shape="Sankey", x_agg="p99", x_calc="share", **ASKED)
    assert numbers(app) == [[4]]
    assert any("Turns of conversations, altogether" in text for text in texts(app))


@pytest.mark.parametrize(
    ("operator", "values", "conditions"),
    [
        ("in", ["a"], ("stage:eq:a",)),
        ("in", ["a", "b"], ("stage:in:a,b",)),
        ("in", [], ()),
        ("ne", ["a", "b"], ("stage:ne:a", "stage:ne:b")),
        ("ge", ["42"], ("stage:ge:42",)),
    ],
)
def test_what_is_chosen_is_a_condition(operator: str, values: list[str], conditions: tuple[str, ...]) -> None:
    assert conditions_of("stage", operator, values) == conditions


def test_the_values_to_choose_are_those_of_the_period_the_most_frequent_first(context: AppContext) -> None:
    now = datetime.now(UTC)
    zone = context.settings.timezone
    query = PageQuery(context.settings.location, now - timedelta(hours=1), now, zone, zone, "last 1 h")
    assert seen_values("conversation_event", "author", query) == {"bot": "2", "agent": "1", "contact": "1"}
    assert seen_values("conversation_event", "nothing", query) == {}


@pytest.mark.parametrize(
    "asked",
    [
        {"x_by": "author"},
        {"x_where": "author:eq:bot", "x_calc": "share"},
        {"x_by": "author", "x_calc": "share"},
        {"x_by": "source", "x_calc": "ratio", "y_kind": "bot_status_update", "x_step": "all"},
        {"x_calc": "ratio", "y_kind": "bot_status_update", "x_step": "all"},
        {"x_calc": "beside", "y_kind": "bot_status_update"},
        {"x_by": "author", "x_step": "all"},
        {"x_kind": "bot_status_update", "x_measure": "processing_time_ms", "x_step": "all"},
    ],
    ids=str,
)
def test_what_is_offered_to_paste_answers_what_the_page_shows(
    context: AppContext, served: Served, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    location = context.settings.location
    app = visit("explore", **{"range": "1 h", "x_kind": "conversation_event"} | asked)
    assert not app.exception, app.exception
    shown = values_of(next(frame.value for frame in app.dataframe if "value" in frame.value.columns))
    assert shown
    code = {block.language: block.value for block in app.code if block.language}
    monkeypatch.setenv("TOKEN", served.token())

    notebook: dict[str, Any] = {}
    exec(code["python"], notebook)
    assert values_of(notebook["frame"]) == shown

    with duckdb.connect() as warehouse:
        for kind in ("conversation_event", "bot_status_update"):
            answer = served.get("/api/table", location=location, kind=kind)
            events = pd.DataFrame(answer["rows"], columns=answer["columns"])
            events = events.assign(time=pd.to_datetime(events["time"], format="ISO8601"), locationid=location)
            warehouse.register(kind, events)
        assert values_of(warehouse.sql(code["sql"]).df()) == shown

    for command in code["shell"].split("\n\n"):
        answer = json.loads(run(["bash", "-c", f"{command} -sS"], check=True, capture_output=True).stdout)
        assert {"columns", "rows", "position"} <= answer.keys()
        assert answer["rows"]


def values_of(frame: pd.DataFrame) -> list[list[float]]:
    """Return the values of an answer's rows; those in which nothing happened are left out."""
    columns = [name for name in ("value", "value_2") if name in frame]
    rows = frame[columns].astype(float).fillna(0).round(9)
    return sorted(row for row in rows.to_numpy().tolist() if any(row))
