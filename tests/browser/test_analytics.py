"""Analytics pages in a real browser: widths and themes, a click followed to its end, a link that says it all."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.served import Served

pytestmark = pytest.mark.browser

PAGES = ("ml", "explore")
OFFICE = "analytics"
PATIENCE_MS = 30_000
KIND = "intent_analysis_complete"
SERIOUS = ("serious", "critical")


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


def settle(page: Page) -> None:
    """Wait until the page has drawn what it asked for."""
    page.locator(".js-plotly-plot").first.wait_for()
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_and_complains_of_nothing(visitor: Visitor, path: str, width: int, dark: bool) -> None:
    page = visitor.open(path, width=width, dark=dark, location=OFFICE, range="1 h", x_kind=KIND)
    settle(page)
    wide, seen = page.evaluate("(m => [m.scrollWidth, m.clientWidth])(document.querySelector('[data-testid=stMain]'))")
    assert wide <= seen


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_serious_fault_of_access(visitor: Visitor, path: str) -> None:
    page = visitor.open(path, location=OFFICE, range="1 h", x_kind=KIND)
    settle(page)
    found = Axe().run(
        page, context={"include": [["[data-testid=stMain]"]], "exclude": [["[data-testid=stBidiComponentIsolated]"]]}
    )
    ours = [each for each in found.response["violations"] if each["impact"] in SERIOUS]
    assert [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in ours] == []


def test_a_mark_opens_its_rows_and_a_row_its_contact_in_the_same_office_and_range(visitor: Visitor) -> None:
    page = visitor.open("ml", location=OFFICE, range="1 h", refresh="5 min")
    settle(page)
    bar = page.locator("[class*=st-key-chart_categories] .barlayer .point path").first
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + 8, box["y"] + box["height"] / 2)
    drawer = page.locator("[data-testid=stDialog]")
    expect(drawer.get_by_text("30 in all")).to_be_visible(timeout=PATIENCE_MS)
    table = drawer.locator("canvas").first.bounding_box()
    assert table is not None
    page.mouse.click(table["x"] + 15, table["y"] + 55)
    expect(page).to_have_url(
        re.compile(rf"/conversations\?(?=.*contact=contact-1)(?=.*location={OFFICE})(?=.*range=1)"), timeout=PATIENCE_MS
    )


def test_a_figure_opens_by_keyboard_alone_and_its_link_opens_it_elsewhere(visitor: Visitor) -> None:
    page = visitor.open("ml", location=OFFICE, range="1 h", refresh="5 min")
    settle(page)
    page.locator("[class*=st-key-open_latency_p50] button").focus()
    page.keyboard.press("Enter")
    words = page.locator("[data-testid=stDialog]").get_by_text("40 in all")
    expect(words).to_be_visible(timeout=PATIENCE_MS)
    other = visitor.browser.new_context().new_page()
    other.goto(page.url)
    expect(other.locator("[data-testid=stDialog]").get_by_text("40 in all")).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    expect(words).to_have_count(0, timeout=PATIENCE_MS)
    page.wait_for_url(lambda url: "drill=" not in url)
