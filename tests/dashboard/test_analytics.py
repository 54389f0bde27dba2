"""Analytics pages over a real event server: the figures are those of the events, and stay when the server goes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.ui.drill_down import contacts_of_rows
from jorge_data.errors import RequestRefused
from tests.dashboard.app_context import context_before, here, metrics
from tests.dashboard.test_pages import visit
from tests.served import Served

_locations = count(1)


def analysis(number: int, **data: Any) -> dict[str, Any]:
    figures = {
        "processing_time_ms": 20.0 + number,
        "confidence_score": 0.9,
        "intent_category": "seller",
        "urgency_level": "active",
        "ml_features_triggered": ["timeline"],
        "contact_id": f"c{number}",
    }
    at = datetime.now(UTC) - timedelta(minutes=number)
    return {"type": "intent_analysis_complete", "source": "tests", "time": at.isoformat(), "data": figures | data}


@pytest.fixture
def location(served: Served) -> str:
    """An office of its own with twenty analyses, a minute apart, the newest the quickest."""
    location = f"analytics-{next(_locations)}"
    events = [
        {**analysis(number), "id": f"{location}-{number}", "locationid": location} for number in range(1, 21)
    ]  # fmt: skip
    assert served.post(events).status_code == 200
    return location


@pytest.fixture
def context(served: Served, location: str) -> Iterator[AppContext]:
    with context_before(served, location=location) as context:
        yield context


@pytest.mark.usefixtures("context")
def test_the_figures_of_ml_confidence_are_those_of_the_events() -> None:
    app = visit("ml", range="1 h")
    assert not app.exception
    figures = metrics(app)
    assert figures["Half of the answers within"] == "30 ms"
    assert figures["Within the target"] == "100 %"
    assert figures["Average confidence"] == "90 %"
    assert figures["Accuracy"] == "no data"


@pytest.mark.usefixtures("context")
def test_a_filter_that_matches_nothing_is_no_data_and_no_zero() -> None:
    app = visit("ml", range="1 h", ml_category="investor")
    assert metrics(app)["Half of the answers within"] == "no data"


@pytest.mark.usefixtures("context")
def test_what_a_figure_is_made_of_counts_as_the_figure_does() -> None:
    app = visit("ml", range="1 h")
    app.button(key="open_half_of_the_answers_within").click().run()
    assert not app.exception
    assert any(text.value.startswith("20 messages read for intent, ") for text in app.text)


@pytest.mark.usefixtures("context")
def test_rows_whose_contacts_the_server_refuses_to_tell_are_rows_of_nobody_known() -> None:
    rows = TableRequest("no location", "deal_state")
    with pytest.raises(RequestRefused):
        here().client.table(rows)
    assert contacts_of_rows(rows, [{"entity": "elm"}, {}]) == [None, None]


@pytest.mark.usefixtures("context")
def test_explore_answers_what_its_link_asks() -> None:
    app = visit("explore", range="1 h", x_kind="intent_analysis_complete", x_by="intent_category", x_shape="Ranking")
    assert not app.exception
    frame = next(frame.value for frame in app.dataframe if "value" in frame.value.columns)
    assert frame[["Category", "value"]].to_numpy().tolist() == [["Seller", 20]]


@pytest.mark.usefixtures("context")
def test_a_question_that_the_server_refuses_is_told_in_its_own_words() -> None:
    app = visit("explore", range="1 h", x_kind="intent_analysis_complete", x_where="nothing:eq:1")
    assert not app.exception
    assert any("where is 'nothing'" in text.value for text in app.text)


def test_the_last_figures_stay_marked_stale_when_the_server_goes(tmp_path: Path) -> None:
    with Served(tmp_path) as server:
        events = [analysis(number) for number in range(1, 21)]
        assert server.post(events).status_code == 200
        with context_before(server) as context:
            app = visit("ml", range="1 h")
            before = metrics(app)
            server.kill()
            here(context).client.invalidate("default")
            app.run()
    assert not app.exception
    assert metrics(app) == before
    assert any(warning.value.startswith("Stale: the figures on this page are as of") for warning in app.warning)
