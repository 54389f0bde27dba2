"""A figure opened to its end: its rows, as many as it says, and the timeline of a contact; elsewhere by its link."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import serious_faults
from tests.browser.drawer import choose_row, close, drawer, expect_rows
from tests.browser.loaded_pages import WITH_FIGURES, LoadedPage
from tests.browser.visitor import PATIENCE_MS, Visitor, wait_until_drawn

pytestmark = pytest.mark.browser

NOBODYS = ("system",)
"""Pages whose rows are of components, which are nobody's."""

of_figures = pytest.mark.parametrize("loaded", WITH_FIGURES, indirect=True, ids=str, scope="package")


@of_figures
def test_the_keyboard_opens_a_figures_rows_as_many_as_it_says_and_leaves_them(loaded: LoadedPage) -> None:
    page = loaded.page
    count = open_figure(page)
    expect_rows(page, count)
    assert serious_faults(page) == []
    close(page)
    page.wait_for_url(lambda url: "drill=" not in url)
    wait_until_drawn(page)


@of_figures
def test_the_link_shows_the_same_figures_in_another_browser_and_goes_on_to_the_timeline(
    loaded: LoadedPage, visitor: Visitor
) -> None:
    count, figures = open_figure(loaded.page), tiles(loaded.page)
    other = visitor.tab()
    other.goto(loaded.page.url)
    expect_rows(other, count)
    wait_until_drawn(other)
    assert tiles(other) == figures
    follow(other)
    close(loaded.page)
    wait_until_drawn(loaded.page)


def open_figure(page: Page) -> str:
    """Open the first figure by the keyboard, until the link says so; return how many it says that it is made of."""
    button = page.locator("[class*=st-key-open_] button").first
    count = re.match(r"[\d,]+", button.inner_text())
    assert count is not None
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "drill=" in url, timeout=PATIENCE_MS)
    return count[0]


def tiles(page: Page) -> list[str]:
    return page.locator("[class*=st-key-tile_]").all_inner_texts()


def follow(page: Page) -> None:
    """Choose a row by the keyboard: its contact's timeline opens, or it is said that it names no contact."""
    choose_row(page)
    timeline = page.get_by_text(re.compile(r"[1-9][\d,]* events?, newest first"))
    nobody = drawer(page).get_by_text("This row names no contact: there is no timeline to open.")
    expect(timeline.or_(nobody)).to_be_visible(timeout=PATIENCE_MS)
    assert nobody.count() == (drawn_path(page) in NOBODYS)


def drawn_path(page: Page) -> str:
    return urlsplit(page.url).path.strip("/")
