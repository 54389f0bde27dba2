"""A disk that takes nothing more, on the wall: everybody is told, and told no more when there is room."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitor import PATIENCE_MS, Visitor
from tests.dashboard_process import before
from tests.served import Served
from tests.server.test_full_disk import fill_disk, make_room, publish_until_refused, ready
from tests.waiting import wait_until

pytestmark = pytest.mark.browser


def test_the_wall_says_that_events_cannot_be_stored_for_as_long_as_they_cannot(
    chromium: Browser, tmp_path: Path
) -> None:
    with Served(tmp_path) as served, before(served, tmp_path, JORGE_LOCATION="office") as dashboard:
        visitor = Visitor(chromium, dashboard.url)
        try:
            page = visitor.open(location="office")
            notice = page.locator(".notice.server")
            expect(notice).to_be_hidden()
            fill_disk(served)
            publish_until_refused(served)
            expect(notice).to_contain_text("Events cannot be stored: ", timeout=PATIENCE_MS)
            make_room(served)
            wait_until(lambda: ready(served).status_code == 200)
            expect(notice).to_be_hidden(timeout=PATIENCE_MS)
        finally:
            visitor.close()
