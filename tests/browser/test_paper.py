"""On paper a page is whole: each of its charts, no sidebar, and which page, office, period and position it is of.

And so is the picture of a chart that is downloaded.
"""

import re
from typing import NamedTuple

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Page, expect

from tests.browser.loaded_pages import LIGHT, WITH_FIGURES, LoadedPage, PageName

pytestmark = pytest.mark.browser

LETTER = (792, 612)
"""Points: the office's paper, lengthwise."""
DRAWN_TEXTS = """() => [...document.querySelectorAll(".js-plotly-plot")].map((plot) => [...plot.querySelectorAll(
  ".xtick text, .ytick text, .bartext, .annotation-text, .node-label")].map((text) => text.textContent.trim()))"""

TITLE_WIDTH = """(title) => {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "15px 'Source Sans'";
  return pen.measureText(title.textContent).width;
}"""
"""How wide a title is in the page's letters, of the size that it has in a picture."""

CUT_CLOSED = """(box) => {
  const wasOpen = box.open;
  box.open = false;
  const cut = getComputedStyle(box).breakInside;
  box.open = wasOpen;
  return cut;
}"""
"""Whether a page may end within a box that is closed."""


class Paper(NamedTuple):
    """A page as it is printed: its sheets' size and all its text; spaces stand for what divides words."""

    sizes: list[tuple[float, float]]
    text: str


def printed(page: Page) -> Paper:
    """Print a page as the browser does when its person asks for a PDF."""
    with pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True)) as document:
        sheets = [(sheet.get_size(), sheet.get_textpage().get_text_bounded()) for sheet in document]
    return Paper([size for size, _ in sheets], squeezed(" ".join(text for _, text in sheets)))


def squeezed(text: str) -> str:
    """Return text without what a line's end makes of it."""
    return re.sub(r"[\s\u00ad]+", "", text)


@pytest.mark.parametrize("loaded", LIGHT, ids=str, indirect=True)
def test_paper_says_what_it_is_of_and_has_no_controls(loaded: LoadedPage) -> None:
    page = loaded.page
    title = page.locator(".st-key-paper [data-testid=stText]").first.evaluate("text => text.textContent")
    paper = printed(page)
    assert set(paper.sizes) == {LETTER}
    assert 0 <= paper.text.find(squeezed(title)) < 300  # over all else, but a contact's card
    assert " · demo" in title
    assert re.search(r"asof.+?\d\d:\d\d.*?\(.+?\).*?position[0-9a-f]+:\d+", paper.text)
    for control in ("Jorge’s Command Center", "Views", "⌕", "Print or save"):
        assert squeezed(control) not in paper.text


@pytest.mark.parametrize("loaded", WITH_FIGURES, ids=str, indirect=True)
def test_each_chart_is_whole_on_paper(loaded: LoadedPage) -> None:
    page = loaded.page
    charts = page.evaluate(DRAWN_TEXTS)
    assert len(charts) > 1
    paper = printed(page)
    for texts in charts:
        assert [each for each in texts if squeezed(each) not in paper.text] == []
    assert page.evaluate("document.querySelectorAll('.main-svg[viewBox]').length") == 0


@pytest.mark.parametrize("loaded", [PageName("revenue", dark=False)], ids=str, indirect=True)
def test_a_list_stands_on_paper_once_as_text(loaded: LoadedPage) -> None:
    page = loaded.page
    grid, table = page.locator("[class*=st-key-choose_list_deals]"), page.locator(".jorge-paper").first
    expect(grid).to_be_visible()
    expect(table).to_be_hidden()
    page.emulate_media(media="print")
    expect(grid).to_be_hidden()
    expect(table).to_be_visible()
    page.emulate_media(media="screen")


@pytest.mark.parametrize("loaded", [PageName("revenue", dark=False)], ids=str, indirect=True)
def test_paper_asks_nobody_to_choose_and_cuts_no_closed_box(loaded: LoadedPage) -> None:
    page = loaded.page
    choosing, details = page.locator(".st-key-choosing_deals"), page.locator("[data-testid=stExpander] details").first
    expect(choosing).to_have_text("Choose one to open its contact's timeline.")
    expect(choosing).to_be_visible()
    page.emulate_media(media="print")
    expect(choosing).to_be_hidden()
    assert details.evaluate(CUT_CLOSED) == "avoid"
    page.emulate_media(media="screen")


@pytest.mark.parametrize("loaded", [PageName("revenue", dark=False)], ids=str, indirect=True)
def test_the_picture_of_a_chart_has_the_letters_of_the_page(loaded: LoadedPage) -> None:
    chart = loaded.page.locator("[class*=st-key-chart_stages]")
    title_width = loaded.page.locator("[class*=st-key-heading_stages] [data-testid=stText]").first.evaluate(TITLE_WIDTH)
    chart.hover()
    with loaded.page.expect_download() as download:
        chart.locator(".modebar-btn").click()
    assert re.fullmatch(r"revenue-stages-demo-.+\.png", download.value.suggested_filename)
    with Image.open(download.value.path()) as picture:
        assert picture.size == (2000, 840)
        assert picture.convert("RGBA").getchannel("A").getextrema() == (255, 255)  # to be read on any ground
        title = ImageOps.invert(picture.convert("L")).crop((0, 0, 2000, 48)).point(lambda ink: 255 * (ink > 60))
    left, _, right, _ = title.getbbox() or (0, 0, 0, 0)
    assert (right - left) / 2 == pytest.approx(title_width, rel=0.03)
