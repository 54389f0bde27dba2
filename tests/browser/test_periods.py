"""The period's label, the figures and the link are one thing: on every page, and wherever one goes from there."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from jorge_data.dashboard.ui.navigation import ENTRIES, NavigationEntry
from tests.browser.test_stale import OF_THIS_MOMENT
from tests.browser.visitor import FITS, PATIENCE_MS, PHONE, Visitor, wait_until_drawn

pytestmark = pytest.mark.browser

WITH_PERIOD = [entry for entry in ENTRIES if entry.period and entry.path != "audit"]
"""The pages whose figures are of a period; the audit log lists what was done in one."""

ONWARDS = dict(zip(WITH_PERIOD, [*WITH_PERIOD[1:], WITH_PERIOD[0]], strict=True))
CALM = {"refresh": "5 min"}
SPAN = re.compile(r"\blast (\d+ [mhd])\b")
"""How a page words a span that ends now, under its tiles and over its charts."""


class Shown(NamedTuple):
    """What a page says of its period, in its control, its words and its link, and what its figures are."""

    label: str
    words: set[str]
    link: dict[str, str]
    figures: tuple[str, ...]


@pytest.fixture
def page(regular: Visitor, demo: str) -> Iterator[Page]:
    regular.complaints.clear()
    page = regular.tab()
    yield page
    page.close()
    assert regular.complaints == []


def control(page: Page) -> Locator:
    return page.locator(".st-key-controls :is(.st-key-days, .st-key-span, .st-key-options)").get_by_test_id(
        "stPopoverButton"
    )


def expect_label(page: Page, label: str) -> None:
    expect(control(page)).to_have_text(re.compile(f"^{label}"), timeout=PATIENCE_MS)


def shown(page: Page, entry: NavigationEntry, label: str) -> Shown:
    """Return what a page shows, once it has drawn it under this label."""
    expect(page.locator(".title")).to_have_text(entry.title, timeout=PATIENCE_MS)
    expect_label(page, label)
    wait_until_drawn(page)
    text = page.locator("[data-testid=stMain]").inner_text().replace("\u00a0", " ")
    parts = page.locator("[data-testid=stMetric]:visible, [class*=st-key-heading_]:visible")
    figures = parts.filter(has_not_text=re.compile("|".join(OF_THIS_MOMENT))).all_inner_texts()
    link = {name: value for name, value in link_of(page).items() if name.partition("_")[0] in ("range", "from", "to")}
    return Shown(label, set(SPAN.findall(text)), link, tuple(figures))


def expect_again(page: Page, entry: NavigationEntry, before: Shown) -> None:
    """Expect what was shown before, or, where the span has moved on with the clock, what its link shows anew."""
    again = shown(page, entry, before.label)
    if again != before:
        anew = page.context.new_page()
        anew.goto(page.url)
        before = shown(anew, entry, before.label)._replace(link=before.link)
        anew.close()
        again = shown(page, entry, before.label)
    assert again == before


def link_of(page: Page) -> dict[str, str]:
    return link_of_url(page.url)


def link_of_url(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def choose(page: Page, option: str, every_page: bool = True) -> None:
    """Choose a period as a viewer does."""
    control(page).click()
    body = page.get_by_test_id("stPopoverBody")
    if not every_page:
        body.get_by_text("Use on every page").click()
        page.wait_for_url(lambda url: "range_" in url)
        wait_until_drawn(page)
    body.get_by_role("combobox", name=re.compile("Time range")).click()
    page.get_by_role("option", name=option, exact=True).click()
    page.wait_for_url(lambda url: option in dict(parse_qsl(urlsplit(url).query)).values(), timeout=PATIENCE_MS)
    page.keyboard.press("Escape")


def follow(page: Page, entry: NavigationEntry) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=entry.title, exact=True).click()
    expect(page.locator(".title")).to_have_text(entry.title, timeout=PATIENCE_MS)


def open_page(visitor: Visitor, page: Page, entry: NavigationEntry, location: str, **query: str) -> None:
    visitor.follow(entry.path, {"location": location, **CALM, **query}, page)


@pytest.mark.parametrize("entry", WITH_PERIOD, ids=lambda entry: entry.path)
def test_what_is_chosen_on_a_page_is_what_every_way_on_and_back_shows(
    regular: Visitor, visitor: Visitor, page: Page, demo: str, entry: NavigationEntry
) -> None:
    open_page(regular, page, entry, demo)
    own = shown(page, entry, label_of(entry.period))
    assert own.link == {}
    if entry.period != "This quarter":
        assert own.words == {entry.period}

    other_span = "90 d" if entry.period == "7 d" else "7 d"
    choose(page, other_span)
    chosen = shown(page, entry, f"Last {other_span}")
    assert (chosen.words, chosen.link) == ({other_span}, {"range": other_span})

    onwards = ONWARDS[entry]
    follow(page, onwards)
    other = shown(page, onwards, f"Last {other_span}")
    assert (other.words, other.link) == ({other_span}, {"range": other_span})

    page.go_back()
    expect_again(page, entry, chosen)
    page.go_back()
    expect_again(page, entry, own)
    page.go_forward()
    expect_again(page, entry, chosen)
    page.reload()
    expect_again(page, entry, chosen)
    page.go_forward()
    expect_again(page, onwards, other)
    page.reload()
    expect_again(page, onwards, other)

    elsewhere = visitor.tab()
    elsewhere.goto(page.url)
    expect_again(elsewhere, onwards, other)


def label_of(period: str) -> str:
    return period if period.startswith("This") else f"Last {period}"


def test_a_period_goes_round_all_pages_also_by_those_that_have_none(regular: Visitor, page: Page, demo: str) -> None:
    open_page(regular, page, WITH_PERIOD[0], demo)
    choose(page, "1 h")
    for entry in [*ENTRIES, WITH_PERIOD[0]]:
        follow(page, entry)
        if entry.period:
            state = shown(page, entry, "Last 1 h")
            assert state.words <= {"1 h"}
        else:
            expect_label(page, "Options")
        assert link_of(page)["range"] == "1 h"
        assert link_of(page)["location"] == demo


def test_a_period_for_one_page_is_found_again_there_and_nowhere_else(
    regular: Visitor, visitor: Visitor, page: Page, demo: str
) -> None:
    ml, system = (next(entry for entry in ENTRIES if entry.path == path) for path in ("ml", "system"))
    open_page(regular, page, ml, demo)
    choose(page, "90 d", every_page=False)
    alone = shown(page, ml, "Last 90 d")
    assert alone.link == {"range_ml": "90 d"}
    follow(page, system)
    assert shown(page, system, "Last 24 h").words == {"24 h"}
    follow(page, ml)
    assert shown(page, ml, "Last 90 d") == alone
    elsewhere = visitor.tab()
    elsewhere.goto(page.url)
    assert shown(elsewhere, ml, "Last 90 d") == alone

    control(page).click()
    page.get_by_role("button", name="Each page its own period").click()
    assert shown(page, ml, "Last 7 d").link == {}


def test_chosen_days_are_in_the_link_at_once_and_lead_back_in_one_step(
    regular: Visitor, visitor: Visitor, page: Page, demo: str
) -> None:
    ml = next(entry for entry in ENTRIES if entry.path == "ml")
    open_page(regular, page, ml, demo)
    own = shown(page, ml, "Last 7 d")
    choose(page, "Custom")
    days = shown(page, ml, r"\d+ .*to \d+ \w+ 20\d\d")
    assert days.link.keys() == {"range", "from", "to"}
    assert days.link["from"] < days.link["to"]
    elsewhere = visitor.tab()
    elsewhere.goto(page.url)
    assert shown(elsewhere, ml, r"\d+ .*to \d+ \w+ 20\d\d") == days
    page.go_back()
    assert shown(page, ml, "Last 7 d") == own
    page.go_forward()
    assert shown(page, ml, r"\d+ .*to \d+ \w+ 20\d\d") == days
    choose(page, "30 d")
    assert shown(page, ml, "Last 30 d").link == {"range": "30 d"}
    page.go_back()
    assert shown(page, ml, r"\d+ .*to \d+ \w+ 20\d\d") == days


def test_days_are_chosen_in_one_visit_to_the_controls_with_a_mouse_or_the_keyboard(
    regular: Visitor, page: Page, demo: str
) -> None:
    ml = next(entry for entry in ENTRIES if entry.path == "ml")
    open_page(regular, page, ml, demo)
    shown(page, ml, "Last 7 d")
    control(page).click()
    body = page.get_by_test_id("stPopoverBody")
    body.get_by_role("combobox", name=re.compile("Time range")).click()
    custom = page.get_by_role("option", name="Custom", exact=True)
    expect(custom).to_be_in_viewport(ratio=1)
    custom.click()
    begins, ends = (body.get_by_test_id("stDateInput").nth(at).get_by_role("spinbutton").nth(2) for at in (0, 1))
    expect(begins).to_be_visible(timeout=PATIENCE_MS)  # the controls are still open
    month = link_of(page)["from"][:-3]
    begins.click()
    page.keyboard.type("01")
    page.keyboard.press("Tab")
    page.wait_for_url(lambda url: link_of_url(url)["from"] == f"{month}-01", timeout=PATIENCE_MS)
    month = link_of(page)["to"][:-3]
    ends.click()
    page.keyboard.type("01")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: f"{month}-01" in link_of_url(url).values(), timeout=PATIENCE_MS)
    expect(body).to_be_visible()


def test_a_filter_stays_while_the_period_changes_and_is_one_step_back_from_the_next_page(
    regular: Visitor, page: Page, demo: str
) -> None:
    ml, system = (next(entry for entry in ENTRIES if entry.path == path) for path in ("ml", "system"))
    open_page(regular, page, ml, demo, ml_category="buyer")
    before = shown(page, ml, "Last 7 d")
    choose(page, "30 d")
    chosen = shown(page, ml, "Last 30 d")
    assert link_of(page)["ml_category"] == "buyer"
    follow(page, system)
    shown(page, system, "Last 30 d")
    assert "ml_category" not in link_of(page)
    page.go_back()
    assert shown(page, ml, "Last 30 d") == chosen
    assert link_of(page)["ml_category"] == "buyer"
    page.go_back()
    assert shown(page, ml, "Last 7 d") == before
    assert link_of(page)["ml_category"] == "buyer"


def test_a_link_that_asks_for_what_there_is_not_says_so(regular: Visitor, page: Page, demo: str) -> None:
    ml = next(entry for entry in ENTRIES if entry.path == "ml")
    open_page(regular, page, ml, demo, range="**foo**")
    shown(page, ml, "Last 7 d")
    expect(page.get_by_text("range is '**foo**': allowed are 15 m, 1 h, 24 h, 7 d")).to_be_visible()


@pytest.mark.parametrize("path", ["", "ml"])
def test_the_controls_fit_a_phone_and_open_there(visitor: Visitor, demo: str, path: str) -> None:
    days = {"range": "Custom", "from": "2026-09-28", "to": "2026-11-03"}
    page = visitor.follow(path, {"location": demo, **days}, visitor.tab(width=PHONE))
    control(page).click()
    expect(page.get_by_test_id("stPopoverBody").get_by_text("Pause", exact=True)).to_be_visible()
    expect(page.get_by_label("Time range")).to_have_count(int(bool(path)))
    page.wait_for_function(FITS)


def test_on_a_phone_the_page_list_makes_way_for_the_page(visitor: Visitor, demo: str) -> None:
    page = visitor.open("ml", width=PHONE, location=demo)
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebar").get_by_role("link", name="System").click()
    expect(page.locator(".title")).to_have_text("System", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()
