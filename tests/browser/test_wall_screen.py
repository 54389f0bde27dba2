"""A wall screen shows a page whole, in type that grows with it, and nothing that only a hand can use."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import PATIENCE_MS, PHONE, Visitor, wait_until_drawn

pytestmark = pytest.mark.browser

SIZES = ((1920, 1080), (3840, 2160))
ON_ONE_SCREEN = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  return main.scrollHeight <= main.clientHeight && main.scrollWidth <= main.clientWidth;
}"""
CUT = """() => {
  const within = (box, row) => row.left < box.right && row.top < box.bottom;
  const roots = [...document.querySelectorAll("*")].map((each) => each.shadowRoot).filter(Boolean);
  const lists = [document, ...roots].flatMap((root) => [...root.querySelectorAll(".list, .lines, .board tbody")]);
  return lists.flatMap((list) => {
    const box = list.getBoundingClientRect();
    return [...list.children].map((row) => [row.getBoundingClientRect(), row.textContent])
      .filter(([row]) => within(box, row) && (row.bottom > box.bottom + 1 || row.bottom > innerHeight))
      .map(([, text]) => text);
  });
}"""

EMPTY_BENEATH = """() => {
  const bottom = (each) => each.getBoundingClientRect().bottom;
  const cards = [...document.querySelectorAll("[class*=st-key-part_]")];
  const beneath = cards.map((card) => bottom(card) - bottom(card.querySelector(".main-svg")));
  return Math.max(innerHeight - Math.max(...cards.map(bottom)), ...beneath);
}"""
"""The pixels that stay empty beneath the cards of the charts, or within one beneath its chart; the most of them."""

COUNT_EMPTY = """() => {
  globalThis.empty = [];
  const roots = (page) => [...page.querySelectorAll(".st-key-wall *")].map(({ shadowRoot }) => shadowRoot);
  const isWall = (page) => roots(page).some((root) => root?.querySelector(".kpis > *"));
  const isDrawn = (page) => page && (page.querySelector(".main-svg") || isWall(page));
  const count = () => {
    const shown = [...document.querySelectorAll(".jorge-turn.shown")].at(-1);
    if (!shown || !isDrawn(shown.contentDocument)) empty.push(shown?.src ?? "no frame");
    requestAnimationFrame(count);
  };
  count();
}"""
"""Looks at each picture that the browser paints whether the page on top of the wall screen is a drawn one."""

SHOWN = """(before) => {
  const shown = [...document.querySelectorAll(".jorge-turn.shown")];
  const path = shown.length === 1 ? new URL(shown[0].src).pathname : before;
  return path === before ? false : path;
}"""
"""The path of the page on screen, once it is another one than before."""


def root_size(page: Page) -> float:
    return float(page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)"))


def test_the_command_center_is_whole_on_one_screen(visitor: Visitor, demo: str) -> None:
    page, sizes = visitor.open(location=demo, kiosk="1"), []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        expect(page.locator(".need").nth(3)).to_be_in_viewport(ratio=1)  # of any length, under a group's name each
        expect(page.locator(".board tbody tr").first).to_be_in_viewport(ratio=1)
        expect(page.locator(".ev").first).to_be_in_viewport(ratio=1)
        assert page.evaluate(ON_ONE_SCREEN)
        assert page.evaluate(CUT) == []
        assert all(mark.is_visible() for mark in page.locator(".board tr:first-child .q i").all())
        sizes.append(root_size(page))
    assert sizes[1] == pytest.approx(2 * sizes[0])
    assert sizes[0] > 17
    for control in (".do", ".ct", ".seg", ".keys", ".chips", ".hold", ".find", ".bell", ".funnel"):
        assert not any(each.is_visible() for each in page.locator(control).all())


def test_on_a_phone_the_command_center_is_some_three_screens_long(visitor: Visitor, demo: str) -> None:
    page = visitor.open(location=demo, width=PHONE)
    page.set_viewport_size({"width": PHONE, "height": 844})
    expect(page.locator(".need")).to_have_count(3)
    expect(page.locator(".ev").first).to_be_attached()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") <= 3.25 * 844
    page.evaluate("dispatchEvent(new Event('beforeprint'))")  # on paper nothing can be unfolded
    expect(page.locator(".need")).to_have_count(int(page.locator(".needs .cnt").inner_text()))
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".need")).to_have_count(3)


def test_the_charts_of_a_page_fill_one_screen(visitor: Visitor, demo: str) -> None:
    for path, size in (("revenue", SIZES[0]), ("response", SIZES[1]), ("system", SIZES[0]), ("ml", SIZES[0])):
        page = visitor.open(path, location=demo, kiosk="1")
        page.set_viewport_size({"width": size[0], "height": size[1]})
        higher = (
            f"[...document.querySelectorAll('.js-plotly-plot')].some((each) => each.offsetHeight > {size[1]} * 0.5)"
        )
        page.wait_for_function(higher)  # drawn anew, at the size of the screen
        wait_until_drawn(page)
        assert page.evaluate(ON_ONE_SCREEN), path
        assert page.evaluate(EMPTY_BENEATH) < 2 * root_size(page), path
        assert not any(each.is_visible() for each in page.locator("[data-testid=stDataFrame]").all())


def test_every_page_has_its_title_and_its_tiles_at_the_same_height(visitor: Visitor, demo: str) -> None:
    titles, tiles = set(), set()
    for path in ("", "sequences", "revenue"):
        page = visitor.open(path, location=demo, kiosk="1")
        page.locator(".main-svg" if path else ".need").first.wait_for()
        wait_until_drawn(page)
        titles.add(page.locator(".title").evaluate("(title) => title.getBoundingClientRect().top"))
        if path:
            tiles.add(
                page.locator("[class*=st-key-tile_]").first.evaluate("(tile) => tile.getBoundingClientRect().top")
            )
    assert len(titles) == len(tiles) == 1, (titles, tiles)


def test_no_picture_is_empty_while_the_screen_turns(visitor: Visitor, demo: str) -> None:
    page = visitor.tab()
    page.goto(f"{visitor.url}/qualification?kiosk=1&rotate=5&location={demo}")
    page.frame_locator(".jorge-turn.shown").locator(".main-svg").first.wait_for(timeout=PATIENCE_MS)
    page.evaluate(COUNT_EMPTY)
    paths, path = [], page.evaluate(SHOWN, "")
    for _ in range(3):
        path = page.wait_for_function(SHOWN, arg=path, timeout=3 * PATIENCE_MS).json_value()
        paths.append(path)
    assert page.evaluate("empty") == []
    assert len(set(paths)) == 3, paths
    assert page.locator("iframe.jorge-turn").count() <= 2
    wait_until_drawn(page)
    for frame in page.frames[1:]:
        assert frame.locator("[data-testid=stException]").count() == 0
