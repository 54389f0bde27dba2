"""Charts are built once for the same answers, whoever looks and however often."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from jorge_data import charts
from jorge_data.charts import Palette
from jorge_data.dashboard.ui.chart_card import largest
from tests.dashboard.app_context import context_with, here
from tests.dashboard.seller_qualification.test_page import answer, sellers
from tests.dashboard.test_pages import visit
from tests.served import Served


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Hold the finding of each figure that is built from now on."""
    findings: list[str] = []
    headline = charts.headline

    def counted(finding: str, what: str, colours: Palette) -> dict[str, str]:
        findings.append(finding)
        return headline(finding, what, colours)

    monkeypatch.setattr(charts, "headline", counted)
    return findings


AGO = timedelta(days=3)
"""Days that are over: their end does not move while a test looks twice."""


def past(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "time": (datetime.fromisoformat(event["time"]) - AGO).isoformat()}


def three_days() -> AppTest:
    middle = (datetime.now(UTC) - AGO).date()
    first, last = middle - timedelta(days=1), middle + timedelta(days=1)
    return visit("qualification", range="Custom", **{"from": first.isoformat(), "to": last.isoformat()})


def drawn(app: AppTest) -> list[Any]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def test_a_refresh_that_was_told_nothing_new_builds_nothing_anew(served: Served, built: list[str]) -> None:
    with context_with(served, *map(past, sellers())):
        app = three_days()
        first = drawn(app)
        assert len(built) == len(first) > 5
        assert drawn(app.run()) == first
        assert drawn(three_days()) == first  # another viewer
        assert len(built) == len(first)


def test_what_is_told_anew_is_drawn_anew(served: Served, built: list[str]) -> None:
    with context_with(served, *map(past, sellers())) as context:
        app = three_days()
        first, before = drawn(app), len(built)
        event = {**past(answer("dee", 1, 2, 2, stall="price")), "locationid": context.settings.location}
        assert served.post([event]).status_code == 200
        here(context).client.invalidate(context.settings.location)
        assert drawn(app.run()) != first
        assert len(built) > before


def test_the_shares_of_a_ranking_are_of_all_that_there_is_and_add_up() -> None:
    frame = pd.DataFrame({"name": list("abcd"), "value": [1, 1, 1, 3]})
    assert largest(frame)["words"].tolist() == ["3 · 50 %", "1 · 17 %", "1 · 17 %", "1 · 16 %"]
    assert largest(frame, most=1)["words"].tolist() == ["3 · 50 %"]


def test_values_that_are_no_parts_of_a_whole_have_no_share() -> None:
    means = pd.DataFrame({"name": ["a", "b"], "value": [0.875, 1234.5]})
    assert largest(means, whole=False)["words"].tolist() == ["1,234", "0.88"]


def test_what_is_less_than_one_is_written_to_its_second_digit() -> None:
    assert largest(pd.DataFrame({"value": [0.75, 0.25]}))["words"].tolist() == ["0.75 · 75 %", "0.25 · 25 %"]
    assert largest(pd.DataFrame({"value": [0.00125]}), whole=False)["words"].tolist() == ["0.0012"]
