"""What a viewer may not see is not on the wall: an empty list would say that there is nothing."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitor import Visitor
from tests.dashboard_process import before
from tests.served import Served, bot_status

pytestmark = pytest.mark.browser


def test_a_viewers_wall_has_bots_and_no_part_that_is_withheld(
    chromium: Browser, served: Served, tmp_path: Path
) -> None:
    served.post([bot_status(locationid="viewers")])
    with before(served, tmp_path, JORGE_LOCATION="viewers", JORGE_ROLE="viewer") as dashboard:
        visitor = Visitor(chromium, dashboard.url)
        page = visitor.open()
        expect(page.locator(".fleet .bots > *").first).to_be_visible()
        for part in (".needs", ".board", ".bell"):
            expect(page.locator(part)).to_be_hidden()
        chips = [chip.inner_text() for chip in page.locator(".chips button:visible").all()]
        assert chips == ["News", "All", "Health", "Bots"]
        visitor.close()
