"""A real Chromium before the real dashboard; skipped by name where no chromium is installed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.chromium import launched
from tests.dashboard import Dashboard, before
from tests.served import Served


@dataclass
class Visitor:
    """Open tabs and remember what the browser complained of."""

    browser: Browser
    url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str = "", width: int = 1440, dark: bool = False, blocked: str = "", **query: str) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if blocked:
            page.route_web_socket(blocked, lambda socket: socket.close())
        page.goto(f"{self.url}/{path}?{urlencode(query)}")
        page.locator(".words", has_text="Offline" if blocked else "Live").wait_for()
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        # On a deep link Streamlit looks for its own root at each level of the path, and finds it at the second try.
        if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
            self.complaints.append(message.text)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for this package alone: while Playwright runs, its thread can run no other event loop."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="package")
def dashboard(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with before(served, tmp_path_factory.mktemp("dashboard"), JORGE_LOCATION="browser") as dashboard:
        yield dashboard


@pytest.fixture
def visitor(chromium: Browser, dashboard: Dashboard) -> Iterator[Visitor]:
    visitor = Visitor(chromium, dashboard.url)
    yield visitor
    for context in chromium.contexts:
        context.close()
    assert not visitor.complaints


@pytest.fixture
def publish(served: Served) -> Any:
    """Publish one event of a kind to an office."""

    def publish(type_: str, location: str = "browser", **data: Any) -> None:
        event = {"source": "tests", "type": type_, "locationid": location, "data": data}
        assert served.post([event]).status_code == 200

    return publish
