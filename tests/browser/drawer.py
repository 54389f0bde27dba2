"""The drawer with what a figure or a mark is made of."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import PATIENCE_MS


def drawer(page: Page) -> Locator:
    return page.locator("[data-testid=stDialog]")


def expect_rows(page: Page, count: str) -> None:
    """Wait until the drawer says that there are so many rows."""
    expect(drawer(page).get_by_text(re.compile(rf"^{count} in all"))).to_be_visible(timeout=PATIENCE_MS)


def choose_row(page: Page) -> None:
    """Choose a row by the keyboard."""
    drawer(page).locator("[data-testid=data-grid-canvas]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")


def close(page: Page) -> None:
    """Leave the drawer by the keyboard."""
    page.keyboard.press("Escape")
    expect(drawer(page)).to_have_count(0, timeout=PATIENCE_MS)
