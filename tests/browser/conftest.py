"""A real Chromium before the real dashboard; skipped by name where no chromium is installed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from jorge_data.bots import Client
from jorge_data.demo.player import Player
from tests.browser.loaded_pages import ADDRESSES, PAGE_NAMES, LoadedPage, PageName, query
from tests.browser.visitor import Visitor, wait_until_drawn
from tests.chromium import launched
from tests.dashboard_process import Dashboard, before
from tests.served import Served
from tests.waiting import wait_until

DEMO = "demo"
DAYS = 15
"""Of history: the last seven, the seven before them, and the part of a day that midnight cuts off."""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for this package alone: while Playwright runs, its thread can run no other event loop."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="package")
def dashboard(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with before(served, tmp_path_factory.mktemp("dashboard"), JORGE_LOCATION="browser") as dashboard:
        yield dashboard


@pytest.fixture(scope="package")
def demo(served: Served) -> str:
    """The demo's office with its history; nobody plays on, so that its figures stand still."""
    publish_history(served)
    return DEMO


def publish_history(served: Served, days: int = DAYS) -> None:
    """Publish the demo's history, up to now and no further."""
    with Client(served.url, served.token()) as client:
        play = Player(client, lambda: datetime.now(UTC), lambda seconds: True, days=days)
        play.play(7, 1.0, ZoneInfo("America/Chicago"))
    wait_until(lambda: served.get("/api/dashboard/metrics", location=DEMO).get("counting") is None)


@pytest.fixture(scope="package")
def regular(chromium: Browser, dashboard: Dashboard) -> Iterator[Visitor]:
    """One who comes every day: all pages are loaded in the same two browser contexts, light and dark."""
    visitor = Visitor(chromium, dashboard.url, shares_contexts=True)
    yield visitor
    visitor.close()


@pytest.fixture(scope="package", params=PAGE_NAMES, ids=str)
def loaded(request: pytest.FixtureRequest, regular: Visitor, served: Served, demo: str) -> Iterator[LoadedPage]:
    """Each page, loaded once for all tests of the package that read it; a test that changes it restores it."""
    name: PageName = request.param
    regular.complaints.clear()
    link = query(name.path, demo, newest_contact(served, demo), range="7 d", refresh="5 min")
    page = regular.follow(ADDRESSES.get(name.path, name.path), link, regular.tab(dark=name.dark))
    wait_until_drawn(page)
    yield LoadedPage(page, regular)
    page.close()


def newest_contact(served: Served, location: str) -> str:
    """Return the contact of the newest event."""
    table = served.get("/api/table", location=location, kind="contacts", limit=1)
    return str(table["rows"][0][table["columns"].index("contact_id")])


@pytest.fixture
def visitor(chromium: Browser, dashboard: Dashboard) -> Iterator[Visitor]:
    visitor = Visitor(chromium, dashboard.url)
    yield visitor
    visitor.close()
    assert not visitor.complaints


@pytest.fixture
def publish(served: Served) -> Any:
    """Publish one event of a kind to an office; `ago`: it happened so long before."""

    def publish(type_: str, location: str = "browser", ago: timedelta = timedelta(), **data: Any) -> None:
        event = {"source": "tests", "type": type_, "locationid": location, "data": data}
        event |= {"time": (datetime.now(UTC) - ago).isoformat()} if ago else {}
        assert served.post([event]).status_code == 200

    return publish
