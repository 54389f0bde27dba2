"""Annotations: which of them stand, that every page draws them on its charts of time, and who marks."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.ui.annotations import COLUMNS, Marked, standing
from jorge_data.errors import RequestRefused
from jorge_data.permissions import Person, may_see_page
from tests.dashboard.app_context import context_before, context_with, here, past_event
from tests.dashboard.seller_qualification.test_page import sellers
from tests.dashboard.test_pages import visit
from tests.served import Served

AUSTIN = ZoneInfo("America/Chicago")
NOON = "2026-11-23T18:00:00.000000Z"


def record(seq: int, **data: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("from", "to", "by", "annotation_id", "deleted"))
    return {"id": f"e{seq}", "seq": seq, "time": NOON, "label": "Campaign", **empty, **data}


def test_days_begin_and_end_by_the_offices_clock() -> None:
    (campaign,) = standing([record(1, **{"from": "2026-11-01", "to": "2026-11-20"})], AUSTIN)
    assert campaign.mark.start == datetime(2026, 11, 1, tzinfo=AUSTIN)
    assert campaign.mark.end == datetime(2026, 11, 21, tzinfo=AUSTIN)


def test_without_a_beginning_it_is_at_the_events_time_and_an_end_before_it_is_none() -> None:
    deploy, moment = standing([record(1), record(2, **{"from": NOON, "to": "2026-11-01T00:00:00Z"})], AUSTIN)
    assert {deploy.mark.start, moment.mark.start} == {datetime(2026, 11, 23, 18, tzinfo=UTC)}
    assert (deploy.mark.end, moment.mark.end) == (None, None)


def test_the_one_received_last_holds_whatever_the_order() -> None:
    told = [record(3, annotation_id="e1", label="Open house"), record(1), record(2, label="Deploy", by="ann")]
    told.append(record(4, annotation_id="e2", deleted=True))
    assert [(each.id, each.by, each.mark.label) for each in standing(told, AUSTIN)] == [("e1", "", "Open house")]


def marked(app: AppTest) -> list[list[str]]:
    """Return the words that are marked on each chart of time."""
    layouts = [json.loads(chart.proto.spec)["layout"] for chart in app.get("plotly_chart")]
    return [
        [note["text"] for note in layout.get("annotations", ()) if str(note.get("name")).startswith("mark")]
        for layout in layouts
        if (layout.get("meta") or {}).get("zone")
    ]


@pytest.fixture
def context(served: Served) -> Iterator[AppContext]:
    with context_with(served, *sellers(), past_event("annotation", 30, label="New script")) as context:
        yield context


@pytest.mark.parametrize("path", ["qualification", "explore"])
@pytest.mark.usefixtures("context")
def test_every_chart_of_time_has_it(path: str) -> None:
    app = visit(path, range="1 h", x_kind="jorge_qualification_progress")
    assert not app.exception
    drawn = marked(app)
    assert drawn
    assert all(words == ["New script"] for words in drawn)


@pytest.mark.usefixtures("context")
def test_what_was_before_the_period_is_not_drawn() -> None:
    drawn = marked(visit("qualification", range="15 m"))
    assert drawn
    assert not any(drawn)


def test_who_sees_no_contacts_sees_no_words_of_people(served: Served) -> None:
    with context_with(served, past_event("annotation", 30, label="New script")) as office:
        location = office.settings.location
        role: Person = "viewer"
        assert may_see_page(role, "system")
        with context_before(served, served.token(role, location), location=location, role=role):
            assert not any(marked(visit("system", range="1 h")))


def beside_a_chart(location: str) -> None:
    """Be the script of what opens beside a chart."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from jorge_data.dashboard.ui import annotations

    zone = ZoneInfo("America/Chicago")
    annotations.form(
        "trend", location, zone, datetime(2026, 11, 1, 5, tzinfo=UTC), datetime(2026, 11, 8, 6, tzinfo=UTC)
    )
    for week in (1, 8):
        start = datetime(2026, 11, week, 6, tzinfo=UTC)
        annotations.marked(f"week_{week}", location, zone, (start, start.replace(day=week + 7)))


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_marking_begins_with_the_chosen_time_is_in_ones_name_and_can_be_taken_back(served: Served) -> None:
    with context_with(served, *sellers()) as office:
        location = office.settings.location
        app = AppTest.from_function(beside_a_chart, args=(location,)).run()
        assert not app.exception
        assert [each.value for each in app.datetime_input] == [datetime(2026, 11, 1), datetime(2026, 11, 8)]
        app.text_input(key="annotate_label_trend").input("  Autumn campaign ")
        app = press(app.run(), "Mark it on every chart")
        assert not app.exception
        (campaign,) = listed_at(location)
        assert campaign.mark.label == "Autumn campaign"
        assert campaign.mark.start == datetime(2026, 11, 1, tzinfo=AUSTIN)
        assert campaign.mark.end == datetime(2026, 11, 8, tzinfo=AUSTIN)
        assert campaign.by == here(office).user.name
        app = press(app, "Remove")
        assert not app.exception
        assert listed_at(location) == ()


def listed_at(location: str) -> tuple[Marked, ...]:
    table = here().client.table(TableRequest(location, "annotation", columns=COLUMNS))
    return standing(table.records(), AUSTIN)


def test_a_refusal_is_told_where_it_was_marked(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise RequestRefused("the disk is full")

    with context_with(served, *sellers()) as office:
        app = AppTest.from_function(beside_a_chart, args=(office.settings.location,)).run()
        app.text_input(key="annotate_label_trend").input("Campaign")
        monkeypatch.setattr(ApiClient, "post", refuse)
        app = press(app.run(), "Mark it on every chart")
        assert [error.value for error in app.error] == ["Not saved."]
        assert any(text.value == "the disk is full" for text in app.text)


@pytest.mark.usefixtures("context")
def test_each_chart_of_time_has_its_way_to_mark_and_a_wall_screen_has_none() -> None:
    assert "annotate_effectiveness_trend" in visit("qualification", range="1 h").session_state
    assert "annotate_effectiveness_spread" not in visit("qualification", range="1 h").session_state
    assert "annotate_effectiveness_trend" not in visit("qualification", range="1 h", kiosk="1").session_state


@pytest.mark.usefixtures("context")
def test_a_chart_has_its_numbers_beside_it_and_on_a_wall_screen_nothing_to_press() -> None:
    assert "numbers_effectiveness_trend" in visit("qualification", range="1 h").session_state
    on_the_wall = visit("qualification", range="1 h", kiosk="1")
    assert "numbers_effectiveness_trend" not in on_the_wall.session_state
    assert json.loads(on_the_wall.get("plotly_chart")[0].proto.config)["displayModeBar"] is False


def test_who_may_not_publish_is_offered_no_mark(served: Served) -> None:
    reports = (
        past_event("system_health_update", n, component="redis", status="healthy", response_time_ms=3)
        for n in range(1, 9)
    )
    with context_with(served, *reports) as office:
        location = office.settings.location
        assert "annotate_rate" in visit("system", range="1 h").session_state
        with context_before(served, served.token("viewer", location), location=location, role="viewer"):
            assert "annotate_rate" not in visit("system", range="1 h").session_state
