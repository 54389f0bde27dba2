"""The drawer with what a figure or a mark is made of."""

import re
from contextlib import suppress

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.visitor import PATIENCE_MS

CLICKS = 6


def drawer(page: Page) -> Locator:
    return page.locator("[data-testid=stDialog]")


def expect_rows(page: Page, count: str) -> None:
    """Wait until the drawer says that there are so many rows."""
    expect(drawer(page).get_by_text(re.compile(rf"^{count} \w"))).to_be_visible(timeout=PATIENCE_MS)


def open_by_click(page: Page, mark: Locator) -> None:
    """Click a mark of a chart until its rows open: a chart that is drawn anew takes no click in that moment."""
    for _ in range(CLICKS):
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 4, box["y"] + box["height"] / 2)
        page.mouse.click(box["x"] + 8, box["y"] + box["height"] / 2)
        with suppress(PlaywrightTimeoutError):
            drawer(page).wait_for(timeout=PATIENCE_MS / CLICKS)
            return
    raise AssertionError("no click on the mark opened its rows")


def choose_row(page: Page) -> None:
    """Choose a row by the keyboard."""
    drawer(page).locator("[data-testid=data-grid-canvas]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")


def close(page: Page) -> None:
    """Leave the drawer by the keyboard."""
    page.keyboard.press("Escape")
    expect(drawer(page)).to_have_count(0, timeout=PATIENCE_MS)
