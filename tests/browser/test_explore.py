"""Explore by hand: a span that is dragged is the period, a click on an empty place marks a time, and a view is kept."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import PATIENCE_MS, Visitor, wait_until_drawn

pytestmark = pytest.mark.browser

OFFICE = "by-hand"
TODAYS, EARLIER = 9, 5
"""Property alerts of this day and of one before, so that the chart's left half is empty above its bars."""


def plot(page: Page) -> Locator:
    return page.locator("[class*=st-key-chart_explore] .nsewdrag").first


def place(page: Page, across: float, down: float) -> tuple[float, float]:
    """Return where a part of the chart is on the screen; both are shares of the plot."""
    box = plot(page).bounding_box()
    assert box is not None
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def test_a_chart_is_zoomed_by_a_drag_marked_by_a_click_and_kept_under_a_name(visitor: Visitor, publish: Any) -> None:
    for days, alerts in ((0, TODAYS), (3, 1), (EARLIER, 1)):
        for number in range(alerts):
            alert = {
                "contact_id": f"c{number}",
                "alert_id": f"a{days}-{number}",
                "alert_type": "new_match",
                "property_id": "p1",
            }
            publish("property_alert", OFFICE, timedelta(days=days), match_score=80, **alert)
    link = {"location": OFFICE, "range": "7 d", "refresh": "5 min", "x_kind": "property_alert"}
    page = visitor.follow("explore", link, visitor.tab())
    wait_until_drawn(page)
    page.mouse.click(*place(page, 0.3, 0.2))
    form = page.get_by_test_id("stPopoverBody")
    expect(form.get_by_label("What happened")).to_be_visible(timeout=PATIENCE_MS)
    form.get_by_label("What happened").fill("Autumn campaign")
    form.get_by_label("What happened").press("Enter")
    form.get_by_role("button", name="Mark it on every chart").click()
    mark = page.locator("[class*=st-key-chart_explore] .annotation-text", has_text="Autumn")
    expect(mark).to_be_visible(timeout=PATIENCE_MS)
    at = mark.bounding_box()
    assert at is not None
    assert abs(at["x"] - place(page, 0.3, 0)[0]) < plot_width(page) / 7  # of the day that was clicked
    page.keyboard.press("Escape")

    page.mouse.move(*place(page, 0.45, 0.5))
    page.mouse.down()
    page.mouse.move(*place(page, 0.7, 0.5), steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"[?&]from=.*[?&]to=|[?&]to=.*[?&]from="), timeout=PATIENCE_MS)
    wait_until_drawn(page)
    zoomed = page.url
    expect(form).to_have_count(0)  # a drag marks nothing

    page.locator(".st-key-views").get_by_test_id("stPopoverButton").click()
    page.get_by_label("Save this page, as it is now, under a name").fill("Alerts of those days")
    page.keyboard.press("Enter")
    page.locator(".st-key-view_save button").click()
    expect(page.get_by_role("button", name="Alerts of those days")).to_be_visible(timeout=PATIENCE_MS)
    page.goto(page.url.partition("?")[0])
    wait_until_drawn(page)
    page.locator(".st-key-views").get_by_test_id("stPopoverButton").click()
    page.get_by_role("button", name="Alerts of those days").click()
    expect(page).not_to_have_url(re.compile(r"explore$"), timeout=PATIENCE_MS)
    wait_until_drawn(page)
    assert said_by(page.url) == said_by(zoomed)


def plot_width(page: Page) -> float:
    box = plot(page).bounding_box()
    assert box is not None
    return box["width"]


def said_by(url: str) -> list[tuple[str, str]]:
    """Return what an address says, in whatever order."""
    return sorted(parse_qsl(urlsplit(url).query))
