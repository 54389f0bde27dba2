"""A server that dies under open pages: each stands, with the figures that it had, and says that they are old."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import DEMO, newest_contact, publish_history
from tests.browser.loaded_pages import ADDRESSES, LIGHT, query
from tests.browser.visitor import PATIENCE_MS, Visitor, wait_until_drawn
from tests.dashboard_process import before
from tests.served import Served

pytestmark = pytest.mark.browser

OPEN = [name.path for name in LIGHT]
MESSAGES = {"command-center": "what is shown is as of then", "connect": "Users and roles", "audit": "Who did what"}
"""What pages say that ask no questions of the past: the wall as a whole, and a page without figures."""

OF_THIS_MOMENT = ("System", "Unknown time", "Rejected events", "Webhook deliveries", "Live connections")
"""Figures of now, and of the event server itself: while it does not answer, they say so."""

WITHOUT_FIGURES = ("explore", "connect", "audit", "contact")
"""Pages that show no tile at first; a contact's stand beneath its closed details."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path) as server:
        publish_history(server, days=2)
        yield server


@pytest.mark.slow
def test_every_open_page_stands_with_its_last_figures_marked_stale(
    server: Served, chromium: Browser, tmp_path: Path
) -> None:
    with before(server, tmp_path, JORGE_LOCATION="browser") as dashboard:
        visitor = Visitor(chromium, dashboard.url, shares_contexts=True)
        contact = newest_contact(server, DEMO)
        # Whole days: nothing leaves the period between two looks, so whatever differs was made up.
        links = {path: query(path, DEMO, contact, range="7 d", refresh="5 s") for path in OPEN}
        pages = {path: visitor.follow(ADDRESSES.get(path, path), links[path], visitor.tab()) for path in OPEN}
        for path, page in pages.items():
            wait_until_drawn(page)
            if path not in WITHOUT_FIGURES:
                expect(figures(page), f"figures of {path}").not_to_have_count(0, timeout=PATIENCE_MS)
        shown = {path: figures(page).all_inner_texts() for path, page in pages.items()}
        server.kill()
        for path, page in pages.items():
            expect(page.get_by_text(MESSAGES.get(path, "Stale: the ")).first).to_be_visible(timeout=2 * PATIENCE_MS)
            expect(page.locator("[data-testid=stException]")).to_have_count(0)
            expect(figures(page)).to_have_text(shown[path], use_inner_text=True, timeout=PATIENCE_MS)
        visitor.close()


def figures(page: Page) -> Locator:
    """Return the figures of a page that are of the past."""
    others = re.compile("|".join(OF_THIS_MOMENT))
    return page.locator("[data-testid=stMetric]:visible, .kpi:visible").filter(has_not_text=others)
