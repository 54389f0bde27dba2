"""A mark that is clicked opens its rows, and a row its contact; office and range go along."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.drawer import choose_row, expect_rows, open_by_click
from tests.browser.visitor import PATIENCE_MS, Visitor, wait_until_drawn
from tests.served import Served

pytestmark = pytest.mark.browser

OFFICE = "analytics"
KIND = "intent_analysis_complete"
CATEGORIES = {"x_kind": KIND, "x_by": "intent_category", "x_shape": "Ranking"}
"""What Explore is asked; the page of the intent decoder shows the same of itself."""


def analysis(number: int) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(minutes=number)
    data = {
        "processing_time_ms": 20.0 + number,
        "confidence_score": 0.9,
        "intent_category": "seller" if number % 4 else "buyer",
        "urgency_level": "active",
        "ml_features_triggered": ["timeline", "<b>price</b>"],
        "contact_id": f"contact-{number}",
    }
    attributes = {"id": f"browser-analysis-{number}", "source": "tests", "locationid": OFFICE, "time": at.isoformat()}
    return {"type": KIND, "data": data, **attributes}


@pytest.fixture(autouse=True, scope="module")
def _analyses(served: Served) -> None:
    assert served.post([analysis(number) for number in range(1, 41)]).status_code == 200


@pytest.mark.parametrize(("path", "chart"), [("ml", "categories"), ("explore", "explore")])
def test_a_mark_opens_its_rows_and_a_row_its_contact_in_the_same_office_and_range(
    visitor: Visitor, path: str, chart: str
) -> None:
    page = visitor.follow(path, {"location": OFFICE, "range": "1 h", "refresh": "5 min"} | CATEGORIES, visitor.tab())
    wait_until_drawn(page)
    open_by_click(page, page.locator(f"[class*=st-key-chart_{chart}] .barlayer .point path").first)
    expect_rows(page, "30")
    choose_row(page)
    expect(page).to_have_url(
        re.compile(rf"/conversations\?(?=.*contact=contact-)(?=.*location={OFFICE})(?=.*range=1)"), timeout=PATIENCE_MS
    )


def test_a_part_that_a_filter_does_not_narrow_says_so_until_the_filter_is_taken_off(visitor: Visitor) -> None:
    link = {"location": OFFICE, "range": "1 h", "refresh": "5 min", "ml_urgency": "active"}
    page = visitor.follow("ml", link, visitor.tab())
    wait_until_drawn(page)
    for part in ("tile_accuracy", "heading_distribution", "heading_features", "heading_matrix"):
        expect(page.locator(f".st-key-{part}")).to_contain_text("not by urgency", timeout=PATIENCE_MS)
    for part in ("tile_95_of_100_answers_within", "heading_latency", "heading_urgency"):
        expect(page.locator(f".st-key-{part}")).not_to_contain_text("not by")
    page.locator(".st-key-filters_ml").get_by_label("Clear all").click()
    expect(page.locator(".st-key-tile_accuracy")).not_to_contain_text("not by", timeout=PATIENCE_MS)
    expect(page.locator(".st-key-heading_distribution")).not_to_contain_text("not by", timeout=PATIENCE_MS)
