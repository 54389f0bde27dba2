"""The page of lead sequences: what was promised and kept, what became of contacts, and marks that open."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jorge_data.dashboard.context import AppContext
from tests.dashboard.app_context import context_with, metrics, past_event, texts
from tests.dashboard.chart_marks import marks, rows_behind
from tests.dashboard.test_pages import visit
from tests.served import Served

DAY = 24 * 60
AUSTIN = ZoneInfo("America/Chicago")


def step(contact: str, minutes_ago: float, day: int = 3, action: str = "sms_sent", **data: Any) -> dict[str, Any]:
    fields = {"contact_id": contact, "sequence_day": day, "action_type": action, "success": True}
    return past_event("lead_bot_sequence_update", minutes_ago, **(fields | data))


def booked(contact: str, minutes_ago: float) -> dict[str, Any]:
    fields = {"conversation_id": f"v-{contact}", "contact_id": contact, "kind": "appointment_booked"}
    return past_event("conversation_event", minutes_ago, **fields)


def office_day(days: int) -> str:
    """Return the office's date so many days from today."""
    return (datetime.now(AUSTIN).date() + timedelta(days=days)).isoformat()


def leads() -> list[dict[str, Any]]:
    """Ann's promise is kept early, she is called and books, day 7 promises more; Bob waits; Cy's number is wrong."""
    return [
        step("ann", 3 * DAY, next_action_date=office_day(-1)),
        step("ann", 2 * DAY, 7, "call_completed", retell_call_duration_seconds=95.0, next_action_date=office_day(2)),
        booked("ann", 2 * DAY - 10),
        step("bob", 3 * DAY, next_action_date=office_day(-1)),
        step("cy", 3 * DAY, success=False, failure_reason="number not in service"),
    ]


@pytest.fixture
def context(served: Served) -> Iterator[AppContext]:
    with context_with(served, *leads()) as context:
        yield context


@pytest.mark.usefixtures("context")
def test_promises_attempts_and_outcomes_are_those_of_the_events() -> None:
    app = visit("sequences", range="7 d")
    assert not app.exception
    figures = metrics(app)
    assert (figures["Steps"], figures["Success rate"], figures["Came in"]) == ("4", "75 %", "3")
    assert (figures["Steps due"], figures["Promises kept"], figures["Overdue"]) == ("2", "50 %", "1")
    assert figures["Appointments"] == "1"
    assert figures["Half of the calls are over within"] in (
        "1 m 34 s",
        "1 m 35 s",
        "1 m 36 s",
    )  # right to the 1 % of its sketch
    assert "33.3 % of the contacts who came in" in texts(app)


@pytest.mark.usefixtures("context")
def test_what_is_overdue_is_told_first() -> None:
    assert "Of 2 steps promised for the period, 1 is overdue" in texts(visit("sequences", range="7 d"))


def test_a_mark_opens_as_many_as_it_shows(context: AppContext) -> None:
    app = visit("sequences", range="7 d")
    for chart in ("promises_by_step", "due", "next_stops", "outcomes", "cohorts", "calls", "failures"):
        drawn = marks(app, chart)
        assert drawn, chart
        assert [rows_behind(context, mark) for mark in drawn] == [mark.shows for mark in drawn], chart


def test_what_is_promised_for_the_days_ahead_is_drawn_and_opens(context: AppContext) -> None:
    assert sum(mark.shows for mark in marks(visit("sequences", range="7 d"), "due")) == 3


@pytest.mark.parametrize(
    ("figure", "rows"),
    [("steps_due", 2), ("overdue", 1), ("appointments", 1), ("half_of_the_calls_are_over_within", 1)],
)
@pytest.mark.usefixtures("context")
def test_a_figure_opens_what_it_is_made_of(figure: str, rows: int) -> None:
    app = visit("sequences", range="7 d")
    app.button(key=f"open_{figure}").click().run()
    assert not app.exception
    assert any(text.startswith(f"{rows} ") for text in texts(app))


@pytest.mark.usefixtures("context")
def test_a_filter_narrows_attempts_and_promises() -> None:
    figures = metrics(visit("sequences", range="7 d", sequences_day="7"))
    assert (figures["Steps"], figures["Steps due"]) == ("1", "no data")


@pytest.mark.usefixtures("context")
def test_leads_are_listed_with_what_became_of_them() -> None:
    app = visit("sequences", range="7 d")
    frame = next(frame.value for frame in app.dataframe if "sequence_day" in frame.value.columns)
    outcomes = dict(zip(frame["contact_id"], frame["outcome"], strict=True))
    assert outcomes == {"ann": "Appointment", "bob": "In progress", "cy": "In progress"}


def test_without_a_lead_there_is_no_data(served: Served) -> None:
    with context_with(served):
        app = visit("sequences")
        assert not app.exception
        assert set(metrics(app).values()) == {"no data"}
