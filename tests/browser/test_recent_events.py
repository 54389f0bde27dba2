"""The last 1,000 events under the wall: searched, narrowed, counted, exported, opened; all of the very same events."""

import csv
import io
import re

import pytest
from playwright.sync_api import Page, Position, expect

from tests.browser.axe import serious_faults
from tests.browser.test_wall import Publish, say
from tests.browser.visitor import FITS, PATIENCE_MS, PHONE, Visitor, wait_until_drawn

pytestmark = pytest.mark.browser

FIRST_ROW: Position = {"x": 16, "y": 46}
"""The mark of the first row in its canvas."""
NAMES = {"ann": "Ann Ask", "bob": "Bob Bid"}


def events_of(publish: Publish, location: str) -> list[str]:
    """Publish what two contacts wrote and one bot did; return the messages' words, in order."""
    for contact, name in NAMES.items():
        publish("contact_update", location, contact_id=contact, name=name, changed={})
    words = [f"{'roof' if number % 3 else 'price'} {number}" for number in range(24)]
    for number, body in enumerate(words):
        say(publish, body, location, contact="bob" if number % 2 else "ann")
    publish("bot_status_update", location, bot_type="jorge-seller", status="idle", current_step="mends the roof")
    return words


def exported(page: Page) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.locator(".st-key-csv_events button").click()
    return list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))


def expect_count(page: Page, count: int) -> None:
    expect(page.get_by_text(re.compile(rf"^{count} of the last [\d,]+ events"))).to_be_visible(timeout=PATIENCE_MS)


def expect_rows(page: Page, count: int) -> None:
    """Wait until the table has so many rows beside its heading."""
    table = page.locator("[data-testid=data-grid-canvas] table")
    expect(table).to_have_attribute("aria-rowcount", str(count + 1), timeout=PATIENCE_MS)


def test_it_is_searched_narrowed_exported_and_opened(visitor: Visitor, publish: Publish) -> None:
    events = events_of(publish, "searched")
    page = visitor.open(location="searched")
    page.get_by_text("Last 1,000 events: search and export").click()
    expect_count(page, len(events) + len(NAMES) + 1)

    page.get_by_label("Search names and words").fill("ann roof")  # as it is typed, without Enter
    anns = [body for number, body in enumerate(events) if "roof" in body and not number % 2]
    expect_count(page, len(anns))
    expect_rows(page, len(anns))
    assert [row["event"] for row in exported(page)] == [f"Ann Ask “{body}”" for body in reversed(anns)]

    page.get_by_label("Search names and words").fill("roof")
    roofs = [body for body in events if "roof" in body]
    expect_count(page, len(roofs) + 1)
    page.get_by_role("combobox", name=re.compile("Kind")).click()
    page.get_by_role("option", name="Conversations").click()
    page.keyboard.press("Escape")
    expect_count(page, len(roofs))
    expect_rows(page, len(roofs))
    rows = exported(page)
    assert [row["event"].split("“")[1] for row in rows] == [f"{body}”" for body in reversed(roofs)]
    assert {row["kind"] for row in rows} == {"Conversations"}

    page.wait_for_url(lambda url: "events_search=roof" in url and "events_kind=Conversations" in url)
    wait_until_drawn(page)
    page.locator("[data-testid=stDataFrame] .dvn-scroller").click(position=FIRST_ROW)
    expect(page.locator(".title")).to_have_text("Contact", timeout=PATIENCE_MS)
    newest = len(events) - 1
    assert f"contact={'bob' if newest % 2 else 'ann'}" in page.url


def test_its_link_shows_the_same_rows_elsewhere_and_what_comes_is_found(visitor: Visitor, publish: Publish) -> None:
    events = events_of(publish, "linked")
    page = visitor.open(location="linked", events="true", events_search="bob price", refresh="5 s")
    before = len([body for number, body in enumerate(events) if "price" in body and number % 2])
    expect_count(page, before)
    say(publish, "price again", "linked", contact="bob")
    expect_count(page, before + 1)


def test_it_fits_a_phone_and_shuts_nobody_out(visitor: Visitor, publish: Publish) -> None:
    events_of(publish, "phone")
    page = visitor.open(location="phone", events="true", width=PHONE)
    expect_rows(page, 24 + len(NAMES) + 1)
    page.wait_for_function(FITS)
    assert serious_faults(page) == []
