"""The search of every page, by the keyboard alone and by hand; and rows that open with a click."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import serious_faults
from tests.browser.visitor import DESK, FITS, PATIENCE_MS, PHONE, Visitor, wait_until_drawn

pytestmark = pytest.mark.browser

OFFICE = "asked_for"
PEOPLE = {"c-ann": ("Ann Núñez", "+15125550143"), "c-bob": ("Bob Lee", "+15125550188")}


@pytest.fixture(autouse=True, scope="module")
def _people(served: Any) -> None:
    for contact, (name, phone) in PEOPLE.items():
        data = {"contact_id": contact, "name": name, "phone": phone, "changed": {}}
        event = {"source": "tests", "type": "contact_update", "locationid": OFFICE, "data": data}
        assert served.post([{**event, "subject": contact}]).status_code == 200
    rated = {"questions_answered": 0, "current_question": 0, "stall_detected": False, "next_step": ""}
    rated |= {"contact_id": "c-ann", "seller_temperature": "cold", "confrontational_effectiveness": 50}
    assert served.post([{**event, "type": "jorge_qualification_progress", "data": rated}]).status_code == 200


def palette(page: Page) -> Locator:
    return page.locator("dialog.palette")


def search(page: Page, text: str) -> None:
    page.keyboard.type(text)
    expect(palette(page)).to_have_attribute("data-found", text, timeout=PATIENCE_MS)


@pytest.mark.parametrize("path", ["", "ml", "conversations"])
def test_the_keyboard_alone_finds_a_contact_by_the_number_and_opens_it(visitor: Visitor, path: str) -> None:
    page = visitor.open(path, location=OFFICE)
    page.keyboard.press("/")
    search(page, "512 555-0143")
    expect(palette(page).get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"contact=c-ann"), timeout=PATIENCE_MS)
    expect(palette(page)).to_be_hidden()


def test_arrows_choose_escape_leaves_and_the_keys_go_nowhere_else(visitor: Visitor) -> None:
    page = visitor.open("ml", location=OFFICE)
    page.keyboard.press("Control+k")
    search(page, "e")
    options = palette(page).get_by_role("option")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(palette(page)).to_be_hidden()
    page.keyboard.press("/")
    search(page, "zzzz")
    expect(palette(page).get_by_role("status")).to_contain_text("Nothing is called so")


def test_a_stroke_that_is_typed_into_a_field_is_a_stroke(visitor: Visitor) -> None:
    page = visitor.open("conversations", location=OFFICE)
    field = page.get_by_placeholder("Search by name")
    field.press("/")
    expect(field).to_have_value("/")
    expect(palette(page)).to_be_hidden()


@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_a_phone_and_nobody_is_shut_out(visitor: Visitor, dark: bool) -> None:
    page = visitor.open("", width=PHONE if dark else DESK, dark=dark, location=OFFICE)
    page.get_by_role("button", name="Search", exact=True).click()
    search(page, "nunez")
    assert serious_faults(page) == []
    page.wait_for_function(FITS)
    palette(page).get_by_role("option").first.click()
    expect(page).to_have_url(re.compile(r"contact=c-ann"), timeout=PATIENCE_MS)


def opened(page: Page) -> Locator:
    """Return the list of contacts once it stands on the screen, drawn whole."""
    wait_until_drawn(page)
    grid = page.locator("[class*=st-key-choose_list] [data-testid=data-grid-canvas]")
    expect(grid.get_by_test_id("glide-cell-1-1")).to_have_count(1, timeout=PATIENCE_MS)
    grid.scroll_into_view_if_needed()
    return grid


def within(grid: Locator, line: float) -> tuple[float, float]:
    """Return where a line of the grid is, the heading being the first."""
    box = grid.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 3, box["y"] + box["height"] / (len(PEOPLE) + 1) * line


IS_OPEN = re.compile(r"contact=c-(ann|bob)")


def test_a_click_anywhere_on_a_row_opens_it_also_right_after_one_on_the_heading(visitor: Visitor) -> None:
    page = visitor.open("conversations", location=OFFICE)
    grid = opened(page)
    page.mouse.click(*within(grid, 0.5))
    page.mouse.click(*within(grid, 1.1))  # at once: a quick hand
    expect(page).to_have_url(IS_OPEN, timeout=PATIENCE_MS)


def test_arrow_keys_walk_over_rows_and_open_none_until_enter_also_where_a_mouse_was(visitor: Visitor) -> None:
    page = visitor.open("conversations", location=OFFICE)
    grid = opened(page)
    page.mouse.move(*within(grid, 1.5))
    page.mouse.move(0, 0)
    grid.focus()
    page.keyboard.press("ArrowDown")
    chosen = grid.locator("td[aria-selected=true]")
    expect(chosen).to_have_count(1, timeout=PATIENCE_MS)
    page.keyboard.press("ArrowDown")
    expect(chosen).to_have_attribute("data-testid", re.compile(r"-1$"), timeout=PATIENCE_MS)
    expect(page).not_to_have_url(IS_OPEN)
    page.keyboard.press("Enter")
    expect(page).to_have_url(IS_OPEN, timeout=PATIENCE_MS)


def test_a_row_of_which_nothing_stands_elsewhere_is_written_out_beneath_its_table(visitor: Visitor) -> None:
    page = visitor.open("connect", location=OFFICE)
    grid = page.locator(".st-key-choose_addresses [data-testid=data-grid-canvas]")
    expect(grid.get_by_test_id("glide-cell-1-0")).to_have_count(1, timeout=PATIENCE_MS)
    grid.scroll_into_view_if_needed()
    page.mouse.click(*within(grid, 1.1))
    expect(page.locator(".st-key-whole_addresses")).to_contain_text("http", timeout=PATIENCE_MS)
