"""The page of properties: who was shown what, and whether they answered."""

from collections.abc import Iterator
from typing import Any

import pytest

from jorge_data.dashboard.context import AppContext
from tests.dashboard.app_context import context_with, metrics, past_event, texts
from tests.dashboard.test_pages import visit
from tests.served import Served


def alert(number: int, minutes_ago: float, **data: Any) -> dict[str, Any]:
    fields = {"alert_id": f"a{number}", "property_id": f"p{number}", "match_score": 80.0, "alert_type": "new_match"}
    return past_event("property_alert", minutes_ago, **{"contact_id": f"c{number}", **fields, **data})


def answer(number: int, minutes_ago: float) -> dict[str, Any]:
    fields = {"conversation_id": f"v{number}", "contact_id": f"c{number}", "kind": "message", "direction": "inbound"}
    return past_event("conversation_event", minutes_ago, **fields)


@pytest.fixture
def context(served: Served) -> Iterator[AppContext]:
    """Four alerts, of which three were answered ten minutes later."""
    alerts = [alert(number, 30) for number in range(3)] + [alert(3, 30, match_score=100, alert_type="price_drop")]
    with context_with(served, *alerts, *(answer(number, 20) for number in range(3))) as context:
        yield context


@pytest.mark.usefixtures("context")
def test_the_figures_are_those_of_the_alerts() -> None:
    app = visit("properties", range="1 h")
    assert not app.exception
    figures = metrics(app)
    assert (figures["Alerts"], figures["Match"], figures["Answered"]) == ("4", "85", "75 %")
    assert figures["Time to the answer"].startswith(("9 m 5", "10 m"))  # right to the 1 % of its sketch


@pytest.mark.usefixtures("context")
def test_what_a_share_is_made_of_counts_as_the_share_does() -> None:
    app = visit("properties", range="1 h")
    app.button(key="open_answered").click().run()
    assert any(text.startswith("4 alerts and their answers") for text in texts(app))


@pytest.mark.usefixtures("context")
def test_a_filter_narrows_alerts_and_answers_alike() -> None:
    figures = metrics(visit("properties", range="1 h", properties_type="price_drop"))
    assert (figures["Alerts"], figures["Answered"]) == ("1", "0 %")
    assert figures["Time to the answer"] == "no data"


@pytest.mark.usefixtures("context")
def test_every_alert_is_listed_with_its_contact_and_property() -> None:
    app = visit("properties", range="1 h")
    frame = next(frame.value for frame in app.dataframe if "why" in frame.value.columns)
    assert sorted(frame["property_id"]) == ["p0", "p1", "p2", "p3"]


def test_an_alert_is_listed_with_the_name_of_its_contact_however_long_nothing_was_heard_of_it(served: Served) -> None:
    named = past_event("contact_update", 40 * 24 * 60, contact_id="c0", name="Ann Lee", changed={})
    with context_with(served, named, alert(0, 30)):
        app = visit("properties", range="1 h")
    (frame,) = (frame.value for frame in app.dataframe if "why" in frame.value.columns)
    assert list(frame["contact"]) == ["Ann Lee"]


def test_without_an_alert_there_is_no_data(served: Served) -> None:
    with context_with(served):
        app = visit("properties")
        assert not app.exception
        assert set(metrics(app).values()) == {"no data"}
