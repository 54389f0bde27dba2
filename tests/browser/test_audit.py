"""The audit log's page and the saved views, as people use them."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import DESK, PHONE, Visitor, wait_until_drawn
from tests.served import Served

OFFICE = "audited"


def act(served: Served, item: str, action: str = "acknowledged") -> None:
    data = {"item": item, "action": action, "by": "ann"}
    event = {"source": "tests", "type": "attention_update", "locationid": OFFICE, "data": data}
    assert served.post([event], served.bearer("manager")).status_code == 200


def log_of(page: Page) -> None:
    page.get_by_role("heading", name="Who did what").wait_for()
    wait_until_drawn(page)


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_an_admin_sees_who_did_what_and_takes_what_he_sought_along(
    visitor: Visitor, served: Served, tmp_path: Path, width: int
) -> None:
    act(served, f"hot:one-{width}")
    act(served, f"hot:two-{width}")
    page = visitor.open("audit", width=width, dark=width == PHONE)
    log_of(page)
    page.get_by_role("textbox", name="Search", exact=True).fill(f"one-{width}")
    page.keyboard.press("Enter")
    page.wait_for_url("**find=**")
    page.reload()  # the link says what was sought; and no run is under way that would draw the button anew
    page.locator(".link .words", has_text="Live").wait_for()
    log_of(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    file = tmp_path / "audit.csv"
    download.value.save_as(file)
    with file.open() as lines:
        (row,) = csv.DictReader(lines)
    assert (row["by"], row["act"], row["what"]) == ("test-manager", "needs.act", f"hot:one-{width}")
    page.get_by_role("button", name="Check that nothing was changed").press("Enter")
    expect(page.get_by_text("entries are as they were written")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_file_that_is_taken_along_is_in_the_log_before_it_is_there(
    visitor: Visitor, served: Served, demo: str
) -> None:
    page = visitor.open("explore", location=demo, range="7 d")
    wait_until_drawn(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    download.value.delete()
    newest = served.get("/api/audit", limit=1, act="export.download")["entries"][0]
    assert (newest["what"], newest["location"]) == ("explore/numbers, csv", demo)
    assert newest["after"]["rows"] > 0
    # A file that the browser made by itself would be in no log.
    expect(page.get_by_role("button", name="Download as CSV")).to_have_count(0)


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_view_is_saved_on_any_page_opened_from_any_other_and_removed(visitor: Visitor, width: int) -> None:
    name = f"One *bold* month {width}"
    page = visitor.open("revenue", width=width, range_revenue="30 d")
    wait_until_drawn(page)
    page.get_by_role("button", name="Views", exact=True).press("Enter")
    page.get_by_label("Save this page, as it is now, under a name").fill(name)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name=name)).to_be_visible()
    page = visitor.open("system", width=width)
    wait_until_drawn(page)
    page.get_by_role("button", name="Views", exact=True).click()
    page.get_by_role("link", name=name).click()
    page.wait_for_url("**/revenue?**range_revenue=30**")
    wait_until_drawn(page)
    page.get_by_role("button", name="Views", exact=True).click()
    link = page.get_by_role("button", name=name)
    expect(link).to_be_visible()
    page.get_by_role("button", name="Remove").first.click()
    expect(link).to_have_count(0)


def test_a_view_of_explore_brings_its_question_back(visitor: Visitor) -> None:
    page = visitor.open("explore", x_kind="seller_move", x_by="from")
    wait_until_drawn(page)
    page.get_by_role("button", name="Views", exact=True).click()
    page.get_by_label("Save this page, as it is now, under a name").fill("moves")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="moves")).to_be_visible()
    page.goto(f"{visitor.url}/explore")
    wait_until_drawn(page)
    page.get_by_role("button", name="Views", exact=True).click()
    page.get_by_role("button", name="moves").click()
    page.wait_for_url("**x_kind=seller_move**")
    wait_until_drawn(page)
