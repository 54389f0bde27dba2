"""The page of seller qualification: figures by contact, and marks that open as many as they show."""

from collections.abc import Iterator
from typing import Any

import pytest

from jorge_data.dashboard.context import AppContext
from tests.dashboard.app_context import context_with, metrics, past_event, texts
from tests.dashboard.chart_marks import bar_values, labels, marks, rows_behind
from tests.dashboard.test_pages import visit
from tests.served import Served


def answer(
    contact: str, minutes_ago: float, question: int, answered: int, temperature: str = "cold", stall: str | None = None
) -> dict[str, Any]:
    return past_event(
        "jorge_qualification_progress",
        minutes_ago,
        contact_id=contact,
        current_question=question,
        questions_answered=answered,
        seller_temperature=temperature,
        confrontational_effectiveness=25 * answered,
        stall_detected=stall is not None,
        stall_type=stall,
        next_step="Ask",
    )


def sellers() -> list[dict[str, Any]]:
    """Ann answers everything and is hot after half an hour, Bob stalls at Q3, Cy has just begun."""
    return [
        answer("ann", 50, 0, 0),
        answer("ann", 40, 2, 2, "warm"),
        answer("ann", 20, 3, 4, "hot"),
        answer("bob", 45, 0, 0),
        answer("bob", 30, 2, 2, stall="thinking"),
        answer("cy", 10, 0, 0),
    ]


@pytest.fixture
def context(served: Served) -> Iterator[AppContext]:
    with context_with(served, *sellers()) as context:
        yield context


@pytest.mark.usefixtures("context")
def test_contacts_count_and_not_their_events() -> None:
    app = visit("qualification", range="1 h")
    assert not app.exception
    figures = metrics(app)
    assert (figures["Sellers started"], figures["Answered all four"]) == ("3", "1")
    assert figures["Rated hot (silent ones too)"] == "1"
    assert (figures["Became hot"], figures["Stall rate"]) == ("33.3 %", "16.7 %")
    assert (figures["Effectiveness"], figures["Changes of temperature"]) == ("33", "5")


@pytest.mark.usefixtures("context")
def test_the_time_to_hot_counts_those_who_are_not_hot_yet() -> None:
    # Of the two who are known for half an hour one is hot by then: Cy is not known for so long.
    assert metrics(visit("qualification", range="1 h"))["Time to hot"].startswith(("29 m 5", "30 m"))


@pytest.mark.usefixtures("context")
def test_a_chart_says_what_it_finds_and_of_what() -> None:
    shown = texts(visit("qualification", range="1 h"))
    assert "Sellers by temperature" in shown, "one of one: chance alone"
    assert any(text.startswith("changes of a seller's temperature, last 1 h, n = 5") for text in shown)


def test_7f_title_tile_and_chart_tell_one_change(served: Served) -> None:
    hot = [answer(f"early {at}", 90, 3, 4, "hot") for at in range(3)]
    hot += [answer(f"late {at}", 59 - 2 * at, 3, 4, "hot") for at in range(20)]
    hot += [answer("early 0", 30, 3, 4, "cold")]
    with context_with(served, *hot):
        app = visit("qualification", range="1 h")
        (tile,) = (metric for metric in app.metric if metric.label == "Rated hot (silent ones too)")
        assert (tile.value, tile.delta) == ("22", "+633 %")
        assert "Rated hot (silent ones too) rose from 3 to 22" in texts(app)
        stock = bar_values(app, "stock", "hot")
        assert (stock[0], stock[-1]) == (3, 22)


def test_7d_a_stall_without_a_type_has_a_name(served: Served) -> None:
    stalls = [answer(f"untyped {at}", 20, 1, 1, stall="") for at in range(18)]
    stalls += [answer(f"typed {at}", 20, 1, 1, stall="not_now") for at in range(6)]
    with context_with(served, *stalls):
        app = visit("qualification", range="1 h")
        assert "Without type is the most frequent: 75 % of stalls" in texts(app)
        assert labels(app, "stall_types") == ["Without type", "Not now"]


def test_a_mark_opens_as_many_as_it_shows(context: AppContext) -> None:
    app = visit("qualification", range="1 h")
    for chart in ("funnel", "moves", "stall_types", "effectiveness_spread", "stock"):
        drawn = marks(app, chart)
        assert drawn, chart
        assert [rows_behind(context, mark) for mark in drawn] == [mark.shows for mark in drawn], chart


@pytest.mark.parametrize(
    ("figure", "rows"), [("answered_all_four", 1), ("rated_hot__silent_ones_too_", 1), ("stall_rate", 6)]
)
@pytest.mark.usefixtures("context")
def test_a_figure_opens_what_it_is_made_of(figure: str, rows: int) -> None:
    app = visit("qualification", range="1 h")
    app.button(key=f"open_{figure}").click().run()
    assert not app.exception
    assert any(text.startswith(f"{rows} ") for text in texts(app))


@pytest.mark.usefixtures("context")
def test_sellers_are_listed_with_their_newest_standing() -> None:
    app = visit("qualification", range="1 h")
    frame = next(frame.value for frame in app.dataframe if "next_step" in frame.value.columns)
    newest = dict(zip(frame["contact_id"], zip(frame["temperature"], frame["answered"], strict=True), strict=True))
    assert newest == {"ann": ("▲ hot", 4), "bob": ("▼ cold", 2), "cy": ("▼ cold", 0)}


def test_without_a_seller_there_is_no_data(served: Served) -> None:
    with context_with(served):
        app = visit("qualification")
        assert not app.exception
        assert set(metrics(app).values()) == {"no data"}
        assert "○  No seller began in this period. Choose a longer one." in texts(app)
